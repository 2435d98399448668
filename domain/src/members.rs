//! The members of an organization.

mod filter;
mod query;
mod source;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use filter::{FilterForm, SAVED_FILTERS_MAX, SavedFilter};
pub use query::{Ability, Inactivity, MemberQuery, MemberSort, MfaFilter, SEARCH_MAX, clean_search};
pub use source::Source;

use crate::factors::Factors;
use crate::fields::FieldProblem;
use crate::ids::{AccountId, GroupId};
use crate::roles::{GrantedRole, Permissions};
use crate::text::is_unprintable;

/// The most characters of a reason that somebody gives for an act.
pub const REASON_MAX: u16 = 200;

/// Parses the reason that somebody gives for an act: one line.
///
/// # Errors
/// When it is empty, longer than [`REASON_MAX`], or holds what cannot be shown.
pub fn parse_reason(raw: &str) -> Result<String, FieldProblem> {
    let reason = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Err(FieldProblem::Required);
    }
    if reason.chars().count() > usize::from(REASON_MAX) {
        return Err(FieldProblem::TooLong(REASON_MAX));
    }
    if reason.chars().any(is_unprintable) { Err(FieldProblem::ForbiddenCharacters) } else { Ok(reason) }
}

/// Whether a member may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// May come in.
    Active,
    /// May not, until resumed.
    Suspended,
}

impl MemberStatus {
    /// Both.
    pub const ALL: &[Self] = &[Self::Active, Self::Suspended];

    /// The name under which it is stored and audited.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Suspended => "Suspended",
        }
    }

    /// The status of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person's account.
    pub id: AccountId,
    /// Name, as the organization knows it.
    pub name: String,
    /// Address, as the organization knows it.
    pub email: String,
    /// Their own role.
    pub role: GrantedRole,
    /// The groups that they are in.
    pub groups: Vec<GroupId>,
    /// All that they may do: by their own role, and by what their groups carry.
    pub permissions: Permissions,
    /// Whether they may come in.
    pub status: MemberStatus,
    /// Since when they are a member.
    pub joined_at: OffsetDateTime,
    /// How they came to be one.
    pub source: Source,
    /// When they last used the organization, to a few minutes.
    pub last_seen_at: Option<OffsetDateTime>,
    /// What they have besides a password, as the organization knows it.
    pub factors: Factors,
    /// When their access was ended for all sessions of then.
    pub access_ended_at: Option<OffsetDateTime>,
}
