//! The roles that every organization has.

use serde::{Deserialize, Serialize};

use super::{Permission, Permissions};

/// A built-in role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but owners.
    Admin,
    /// Watches: alerts, audit trail and its export.
    SecurityOfficer,
    /// Reads, and changes nothing.
    Auditor,
    /// Takes part.
    Member,
}

impl Role {
    /// All of them, from the most to the least powerful.
    pub const ALL: &[Self] = &[Self::Owner, Self::Admin, Self::SecurityOfficer, Self::Auditor, Self::Member];

    /// What the role may do.
    pub const fn permissions(self) -> Permissions {
        use Permission as P;
        match self {
            Self::Owner => Permissions::of(Permission::ALL),
            Self::Admin => Permissions::of(&[
                P::ViewOrganization,
                P::ViewMembers,
                P::InviteMembers,
                P::ManageMembers,
                P::ManageOrganization,
                P::ViewAudit,
                P::ExportAudit,
                P::ManagePolicy,
                P::ManageRoles,
                P::ManageGroups,
                P::RespondToAlerts,
                P::ManageKeys,
                P::ViewUsage,
                P::ManageQuotas,
                P::ManageWebhooks,
                P::CheckAccess,
                P::UseQuotas,
                P::IngestAudit,
            ]),
            Self::SecurityOfficer => Permissions::of(&[
                P::ViewOrganization,
                P::ViewMembers,
                P::ViewAudit,
                P::ExportAudit,
                P::RespondToAlerts,
                P::ViewUsage,
            ]),
            Self::Auditor => Permissions::of(&[P::ViewOrganization, P::ViewMembers, P::ViewAudit, P::ViewUsage]),
            Self::Member => Permissions::of(&[P::ViewOrganization, P::ViewMembers]),
        }
    }

    /// The name under which it is stored and audited.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::SecurityOfficer => "security_officer",
            Self::Auditor => "auditor",
            Self::Member => "member",
        }
    }

    /// The role of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.code() == code)
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::SecurityOfficer => "Security officer",
            Self::Auditor => "Auditor",
            Self::Member => "Member",
        }
    }

    /// Whom it is for, in one sentence.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Owner => "Holds the organization: everything an admin does, and who the owners are.",
            Self::Admin => "Runs the organization day by day: members, invitations, security policy and settings.",
            Self::SecurityOfficer => {
                "Watches the organization: responds to alerts, reads the audit trail and takes it along."
            }
            Self::Auditor => "Reads the audit trail and changes nothing.",
            Self::Member => "Belongs to the organization and sees who else does.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_covers_an_owner() {
        for role in Role::ALL {
            assert_eq!(role.permissions().cover(Role::Owner.permissions()), *role == Role::Owner);
            assert!(Role::Owner.permissions().cover(role.permissions()));
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        use Permission as P;
        for permission in [
            P::InviteMembers,
            P::ManageMembers,
            P::ManageOrganization,
            P::ManagePolicy,
            P::ManageOwners,
            P::ManageKeys,
            P::ManageQuotas,
            P::ManageWebhooks,
            P::UseQuotas,
            P::IngestAudit,
        ] {
            assert!(!Role::Auditor.permissions().allow(permission));
            assert!(!Role::Member.permissions().allow(permission));
            assert!(!Role::SecurityOfficer.permissions().allow(permission));
        }
    }

    #[test]
    fn an_auditor_reads_alerts_and_an_officer_responds_to_them() {
        for role in [Role::Auditor, Role::SecurityOfficer] {
            assert!(role.permissions().allow(Permission::ViewAudit));
        }
        assert!(Role::SecurityOfficer.permissions().allow(Permission::RespondToAlerts));
        assert!(!Role::Auditor.permissions().allow(Permission::RespondToAlerts));
    }

    #[test]
    fn codes_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(*role));
        }
    }
}
