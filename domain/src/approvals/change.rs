//! What is asked for.

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::roles::{Role, RoleId};

/// What is to be done once it is approved, as it is kept until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A version of the policy is put into force.
    Enforce {
        /// The version, which stays as it is.
        version: i64,
        /// How many members may be kept out before the one of before comes back.
        alarm: Option<i32>,
    },
    /// An earlier version of the policy is put back.
    RollBack {
        /// The version.
        version: i64,
    },
    /// A member gets another role: one that administers, or instead of ownership.
    Role {
        /// The member.
        member: AccountId,
        /// The role.
        #[serde(with = "role_code")]
        role: RoleId,
    },
    /// The organization is deleted, after the days of grace.
    Deletion,
}

impl Change {
    /// The name under which it is stored and audited.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enforce { .. } => "enforce",
            Self::RollBack { .. } => "roll_back",
            Self::Role { .. } => "role",
            Self::Deletion => "deletion",
        }
    }

    /// What people call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Enforce { .. } => "Enforce the security policy",
            Self::RollBack { .. } => "Roll back the security policy",
            Self::Role { .. } => "Give or take an administering role",
            Self::Deletion => "Delete the organization",
        }
    }

    /// The version of the policy that it is about.
    pub const fn version(&self) -> Option<i64> {
        match self {
            Self::Enforce { version, .. } | Self::RollBack { version } => Some(*version),
            Self::Role { .. } | Self::Deletion => None,
        }
    }

    /// The member who is no owner after it, if they are one.
    pub fn demoted(&self) -> Option<AccountId> {
        match self {
            Self::Role { member, role } if *role != RoleId::Builtin(Role::Owner) => Some(*member),
            _ => None,
        }
    }

    /// The member whom it is about.
    pub const fn member(&self) -> Option<AccountId> {
        match self {
            Self::Role { member, .. } => Some(*member),
            Self::Enforce { .. } | Self::RollBack { .. } | Self::Deletion => None,
        }
    }
}

/// A role by the code that it is stored by everywhere.
mod role_code {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::roles::RoleId;

    pub(super) fn serialize<S: Serializer>(role: &RoleId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&role.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RoleId, D::Error> {
        let code = String::deserialize(deserializer)?;
        RoleId::from_code(&code).ok_or_else(|| D::Error::custom("no role's code"))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_kept_is_read_again_and_does_not_change_its_form() {
        let member = AccountId(Uuid::nil());
        for (change, text) in [
            (Change::Enforce { version: 7, alarm: Some(3) }, r#"{"act":"enforce","version":7,"alarm":3}"#),
            (Change::RollBack { version: 2 }, r#"{"act":"roll_back","version":2}"#),
            (
                Change::Role { member, role: Role::Owner.into() },
                r#"{"act":"role","member":"00000000-0000-0000-0000-000000000000","role":"owner"}"#,
            ),
            (Change::Deletion, r#"{"act":"deletion"}"#),
        ] {
            assert_eq!(serde_json::to_string(&change).unwrap(), text);
            assert_eq!(serde_json::from_str::<Change>(text).unwrap(), change);
            assert!(text.contains(change.code()));
        }
    }
}
