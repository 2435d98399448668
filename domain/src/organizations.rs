//! Organizations as their members see them.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::ids::TenantId;
use crate::problem::Problem;

/// How long an organization can be kept after somebody wanted it deleted.
pub const DELETION_GRACE: Duration = Duration::days(30);

/// Whether an organization can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// In use.
    Active,
    /// Refuses everything until it is resumed.
    Suspended,
    /// To be deleted: refuses everything, but that its owners may keep it.
    Deleting,
}

impl TenantStatus {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Active, Self::Suspended, Self::Deleting];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Deleting => "Being deleted",
        }
    }

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
        }
    }

    /// Goes on only where the organization is in use.
    ///
    /// # Errors
    /// Why it is not.
    pub const fn require_active(self) -> Result<(), Problem> {
        match self {
            Self::Active => Ok(()),
            Self::Suspended => Err(Problem::OrganizationSuspended),
            Self::Deleting => Err(Problem::OrganizationDeleting),
        }
    }

    /// The status of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

/// An organization in a list or a switcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationLink {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// What the overview page tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Members that may come in.
    pub active_members: u64,
    /// Members that may not.
    pub suspended_members: u64,
    /// Owners that may come in.
    pub owners: u64,
    /// Invitations that wait for an answer.
    pub pending_invitations: u64,
    /// Entries in the audit trail.
    pub audit_entries: u64,
}
