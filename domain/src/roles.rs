//! Permissions, and the built-in roles as sets of them.
//!
//! Page and use case ask the same question of the same set: [`Permissions::allow`].

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $code:literal, $text:literal;)+) => {
        /// One thing that a member may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $name,)+
        }

        impl Permission {
            /// All of them, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            const fn bit(self) -> u32 {
                match self { $(Self::$name => 1 << $bit,)+ }
            }

            /// The name under which it is stored and audited.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What it lets one do, for people.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

permissions! {
    /// Overview and roles.
    ViewOrganization = 0, "organization.view", "See the overview and the roles";
    /// The directory of members.
    ViewMembers = 1, "members.view", "See who is a member";
    /// Invite, resend, revoke, copy a link.
    InviteMembers = 2, "members.invite", "Invite people and manage invitations";
    /// Change role, suspend, resume, remove.
    ManageMembers = 3, "members.manage", "Change roles, suspend and remove members";
    /// Name and address of the organization.
    ManageOrganization = 4, "organization.manage", "Change the organization’s name and address";
    /// The audit trail.
    ViewAudit = 5, "audit.view", "Read the audit trail";
    /// The audit trail as a file.
    ExportAudit = 6, "audit.export", "Export the audit trail";
    /// Everything that touches owners: the one permission that only owners hold.
    ManageOwners = 7, "owners.manage", "Appoint, change and remove owners";
    /// What the organization asks of its members' sign-in.
    ManagePolicy = 8, "policy.manage", "Change the security policy";
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u32);

impl Permissions {
    /// The set of these.
    pub const fn of(list: &[Permission]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < list.len() {
            bits |= list[index].bit();
            index += 1;
        }
        Self(bits)
    }

    /// Whether the permission is in the set.
    pub const fn allow(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether every permission of the other set is in this one.
    pub const fn cover(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

/// A built-in role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but owners.
    Admin,
    /// Watches: audit trail and its export.
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
            ]),
            Self::SecurityOfficer => {
                Permissions::of(&[P::ViewOrganization, P::ViewMembers, P::ViewAudit, P::ExportAudit])
            }
            Self::Auditor => Permissions::of(&[P::ViewOrganization, P::ViewMembers, P::ViewAudit]),
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
            Self::SecurityOfficer => "Watches the organization: reads the audit trail and takes it along.",
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
        for permission in [P::InviteMembers, P::ManageMembers, P::ManageOrganization, P::ManagePolicy, P::ManageOwners]
        {
            assert!(!Role::Auditor.permissions().allow(permission));
            assert!(!Role::Member.permissions().allow(permission));
            assert!(!Role::SecurityOfficer.permissions().allow(permission));
        }
    }

    #[test]
    fn codes_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(*role));
        }
    }
}
