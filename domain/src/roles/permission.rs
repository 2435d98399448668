//! What members may do, and sets of it.

use std::ops::BitOr;

use serde::{Deserialize, Serialize};

/// What a permission is about: how lists of permissions are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// The organization itself.
    Organization,
    /// Members and invitations.
    Members,
    /// Roles and groups.
    Roles,
    /// What is asked of everybody's sign-in.
    Security,
    /// The audit trail.
    Audit,
    /// What programs come with, and what they are told.
    Machines,
    /// What is used, and how much of it there is.
    Usage,
}

impl Area {
    /// All of them, in the order in which they are shown.
    pub const ALL: &[Self] =
        &[Self::Organization, Self::Members, Self::Roles, Self::Security, Self::Audit, Self::Machines, Self::Usage];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Members => "Members",
            Self::Roles => "Roles and groups",
            Self::Security => "Security",
            Self::Audit => "Audit trail",
            Self::Machines => "Keys and webhooks",
            Self::Usage => "Quotas and usage",
        }
    }

    /// Its permissions, in the order in which they are shown.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| permission.area() == self)
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $area:ident, $code:literal, $text:literal;)+) => {
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

            /// What it is about.
            pub const fn area(self) -> Area {
                match self { $(Self::$name => Area::$area,)+ }
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
    ViewOrganization = 0, Organization, "organization.view", "See the overview and the roles";
    /// The directory of members.
    ViewMembers = 1, Members, "members.view", "See who is a member";
    /// Invite, resend, revoke, copy a link.
    InviteMembers = 2, Members, "members.invite", "Invite people and manage invitations";
    /// Change role, suspend, resume, remove.
    ManageMembers = 3, Members, "members.manage", "Change roles, suspend and remove members";
    /// Name and address of the organization.
    ManageOrganization = 4, Organization, "organization.manage", "Change the organization’s name and address";
    /// The audit trail.
    ViewAudit = 5, Audit, "audit.view", "Read the audit trail";
    /// The audit trail as a file.
    ExportAudit = 6, Audit, "audit.export", "Export the audit trail";
    /// Everything that touches owners: the one permission that only owners hold.
    ManageOwners = 7, Organization, "owners.manage", "Appoint, change and remove owners";
    /// What the organization asks of its members' sign-in.
    ManagePolicy = 8, Security, "policy.manage", "Change the security policy";
    /// What roles of the organization's own hold.
    ManageRoles = 9, Roles, "roles.manage", "Create, change and delete roles";
    /// Groups: who is in them, and which roles they carry.
    ManageGroups = 10, Roles, "groups.manage", "Create groups, and say who is in them and what they carry";
    /// Alerts: look after them, and end sessions or suspend members because of them.
    RespondToAlerts = 11, Security, "alerts.respond", "Acknowledge, contain and resolve alerts";
    /// API keys and service accounts.
    ManageKeys = 12, Machines, "keys.manage", "Create, rotate and revoke API keys";
    /// How much is used, and what that costs.
    ViewUsage = 13, Usage, "usage.view", "See usage and quotas";
    /// How much may be used.
    ManageQuotas = 14, Usage, "quotas.manage", "Set quotas and alerts";
    /// Where others are told what happens.
    ManageWebhooks = 15, Machines, "webhooks.manage", "Set up webhooks and send again what they were told";
    /// Ask what somebody may do.
    CheckAccess = 16, Machines, "access.check", "Ask what a member may do";
    /// Reserve and settle what is used.
    UseQuotas = 17, Usage, "quotas.use", "Reserve, settle and report what is used";
    /// Put a service's events on record.
    IngestAudit = 18, Machines, "audit.ingest", "Add a service’s events to the audit trail";
}

impl Permission {
    /// The permission of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.code() == code)
    }

    /// Whether a role of the organization's own may hold it. What touches owners belongs to owners alone.
    pub const fn is_grantable(self) -> bool {
        !matches!(self, Self::ManageOwners)
    }

    /// Whether a key may have it. Owners are made by owners, and keys by people: one that is lost leaves no other behind.
    pub const fn is_for_keys(self) -> bool {
        !matches!(self, Self::ManageOwners | Self::ManageKeys)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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

    /// What of the set a role of the organization's own may hold.
    #[must_use]
    pub fn grantable(self) -> Self {
        self.iter().filter(|permission| permission.is_grantable()).collect()
    }

    /// What of the set a key may have.
    #[must_use]
    pub fn for_keys(self) -> Self {
        self.iter().filter(|permission| permission.is_for_keys()).collect()
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in the set, in the order in which it is shown.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.allow(*permission))
    }

    /// The set as a number, which holds until the program is another.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The set of this number. What this program does not know is not in it.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits).iter().collect()
    }

    /// The names of what is in the set, as they are stored and audited.
    pub fn codes(self) -> Vec<&'static str> {
        self.iter().map(Permission::code).collect()
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::default(), |set, permission| set | Self::of(&[permission]))
    }
}

impl FromIterator<Self> for Permissions {
    fn from_iter<I: IntoIterator<Item = Self>>(sets: I) -> Self {
        sets.into_iter().fold(Self::default(), BitOr::bitor)
    }
}
