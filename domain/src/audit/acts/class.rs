//! By what acts are told apart.

/// What acts are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// How people show who they are, and come in.
    SignIn,
    /// People's own accounts.
    Account,
    /// Who is in an organization, and who is invited.
    Members,
    /// What members may do.
    Roles,
    /// What is asked of them.
    Policy,
    /// The organization itself.
    Organization,
    /// What programs come with, and what they are told.
    Machines,
    /// What looks like an attack.
    Alerts,
    /// The audit trail itself.
    Log,
    /// Data that is taken away.
    Exports,
    /// What somebody has looked at.
    Reads,
}

impl Category {
    /// All of them, in the order of pages and of the table.
    pub const ALL: [Self; 11] = [
        Self::SignIn,
        Self::Account,
        Self::Members,
        Self::Roles,
        Self::Policy,
        Self::Organization,
        Self::Machines,
        Self::Alerts,
        Self::Log,
        Self::Exports,
        Self::Reads,
    ];

    /// The name under which addresses have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Account => "account",
            Self::Members => "members",
            Self::Roles => "roles",
            Self::Policy => "policy",
            Self::Organization => "organization",
            Self::Machines => "machines",
            Self::Alerts => "alerts",
            Self::Log => "log",
            Self::Exports => "exports",
            Self::Reads => "reads",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "Sign-in",
            Self::Account => "Accounts",
            Self::Members => "Members and invitations",
            Self::Roles => "Roles and groups",
            Self::Policy => "Security policy",
            Self::Organization => "Organization",
            Self::Machines => "Keys and webhooks",
            Self::Alerts => "Alerts",
            Self::Log => "Audit trail",
            Self::Exports => "Exports",
            Self::Reads => "Reads",
        }
    }
}

impl Category {
    /// Whether an act that is about it leaves what API keys may do as it is: what it is about are not people's rights, the
    /// policy, or keys.
    pub const fn leaves_keys_alone(self) -> bool {
        matches!(self, Self::SignIn | Self::Account | Self::Alerts | Self::Log | Self::Exports | Self::Reads)
    }
}

/// A class of entries that are kept equally long.
///
/// All that a role, a group or a member was is told by one of them, so that what somebody could do at an earlier time
/// is known as far back as that class is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retention {
    /// Who has come in, and what had to be looked at.
    Security,
    /// What was changed.
    Administration,
    /// What was looked at.
    Reads,
}

impl Retention {
    /// All of them, in the order of pages.
    pub const ALL: [Self; 3] = [Self::Security, Self::Administration, Self::Reads];

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Administration => "administration",
            Self::Reads => "reads",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::Administration => "Administration",
            Self::Reads => "Reads",
        }
    }

    /// What is in it, in a sentence.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Security => "Sign-ins, alerts, exports, and what was done with the audit trail itself.",
            Self::Administration => {
                "Changes of members, roles, groups, API keys, the security policy and the organization."
            }
            Self::Reads => "Who has looked at what is sensitive.",
        }
    }
}
