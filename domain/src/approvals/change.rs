//! What is asked for.

use serde::{Deserialize, Serialize};

use crate::api_keys::{KeyChange, NewKey};
use crate::audit::export::Format;
use crate::ids::{AccountId, ApiKeyId};
use crate::roles::{Role, RoleId};

/// What is to be done once it is approved, as it is kept until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The audit trail is exported, once, by whoever has asked.
    Export {
        /// How the file is written.
        format: Format,
        /// What of the trail is in it, as in the list's address, with times instead of a range.
        query: String,
    },
    /// A key with sensitive scopes is made, once, by whoever has asked: they are shown its secret.
    Key {
        /// The key.
        key: Box<NewKey>,
    },
    /// A key comes to hold sensitive scopes, or one that does works from elsewhere or more often.
    WiderKey {
        /// The key.
        key: ApiKeyId,
        /// What it is.
        before: Box<KeyChange>,
        /// What it is to be.
        after: Box<KeyChange>,
    },
}

impl Change {
    /// The name under which it is stored and audited.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enforce { .. } => "enforce",
            Self::RollBack { .. } => "roll_back",
            Self::Role { .. } => "role",
            Self::Deletion => "deletion",
            Self::Export { .. } => "export",
            Self::Key { .. } => "key",
            Self::WiderKey { .. } => "wider_key",
        }
    }

    /// What people call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Enforce { .. } => "Enforce the security policy",
            Self::RollBack { .. } => "Roll back the security policy",
            Self::Role { .. } => "Give or take an administering role",
            Self::Deletion => "Delete the organization",
            Self::Export { .. } => "Export the audit trail",
            Self::Key { .. } => "Create an API key with sensitive scopes",
            Self::WiderKey { .. } => "Widen an API key with sensitive scopes",
        }
    }

    /// What the key is to be that it is about.
    pub fn key(&self) -> Option<&KeyChange> {
        match self {
            Self::Key { key } => Some(&key.key),
            Self::WiderKey { after, .. } => Some(after),
            _ => None,
        }
    }

    /// The version of the policy that it is about.
    pub const fn version(&self) -> Option<i64> {
        match self {
            Self::Enforce { version, .. } | Self::RollBack { version } => Some(*version),
            _ => None,
        }
    }

    /// Whether whoever has asked is handed something by it: what is approved is then a permission to do it once, which they
    /// use themselves.
    pub const fn is_handed(&self) -> bool {
        matches!(self, Self::Export { .. } | Self::Key { .. })
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
            _ => None,
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
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;
    use crate::ids::ServiceAccountId;
    use crate::policy::Networks;
    use crate::roles::{Permission, Permissions};
    use crate::text::KeyName;

    fn key(scopes: &[Permission], requests_per_minute: Option<u32>) -> KeyChange {
        KeyChange {
            name: KeyName::stored("Deploy".to_owned()),
            scopes: Permissions::of(scopes),
            networks: Networks::default(),
            requests_per_minute,
        }
    }

    fn exported() -> Change {
        Change::Export { format: Format::Csv, query: "outcome=denied".to_owned() }
    }

    fn made() -> Change {
        let (account, expires_at) = (Some(ServiceAccountId(Uuid::nil())), datetime!(2027-02-20 12:00:00.5 UTC));
        let key = key(&[Permission::ViewMembers, Permission::ManageMembers], Some(60));
        Change::Key { key: Box::new(NewKey { key, account, expires_at }) }
    }

    fn widened() -> Change {
        Change::WiderKey {
            key: ApiKeyId(Uuid::nil()),
            before: Box::new(key(&[Permission::ViewMembers], None)),
            after: Box::new(key(&[Permission::ManagePolicy], None)),
        }
    }

    #[test]
    fn only_what_somebody_is_handed_is_done_by_whoever_has_asked() {
        assert!([exported(), made()].iter().all(Change::is_handed));
        let member = AccountId(Uuid::nil());
        let role = Change::Role { member, role: Role::Owner.into() };
        for change in [Change::Enforce { version: 1, alarm: None }, role, Change::Deletion, widened()] {
            assert!(!change.is_handed(), "{change:?}");
        }
    }

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
            (exported(), r#"{"act":"export","format":"csv","query":"outcome=denied"}"#),
            (
                made(),
                concat!(
                    r#"{"act":"key","key":{"key":{"name":"Deploy","scopes":["members.view","members.manage"],"#,
                    r#""networks":[],"requests_per_minute":60},"account":"00000000-0000-0000-0000-000000000000","#,
                    r#""expires_at":"2027-02-20T12:00:00.5Z"}}"#,
                ),
            ),
            (
                widened(),
                concat!(
                    r#"{"act":"wider_key","key":"00000000-0000-0000-0000-000000000000","before":{"name":"Deploy","#,
                    r#""scopes":["members.view"],"networks":[],"requests_per_minute":null},"after":{"name":"Deploy","#,
                    r#""scopes":["policy.manage"],"networks":[],"requests_per_minute":null}}"#,
                ),
            ),
        ] {
            assert_eq!(serde_json::to_string(&change).unwrap(), text);
            assert_eq!(serde_json::from_str::<Change>(text).unwrap(), change);
            assert!(text.contains(change.code()));
        }
    }
}
