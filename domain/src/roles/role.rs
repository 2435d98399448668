//! Roles as they are named, stored and granted, and groups.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Permissions, Role};
use crate::ids::{CustomRoleId, GroupId};
use crate::text::{GroupName, RoleName};

/// Which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RoleId {
    /// One that every organization has.
    Builtin(Role),
    /// One of the organization's own.
    Custom(CustomRoleId),
}

impl RoleId {
    /// The name under which it is stored and audited, and that addresses and forms hold.
    pub fn code(self) -> String {
        match self {
            Self::Builtin(role) => role.code().to_owned(),
            Self::Custom(id) => id.to_string(),
        }
    }

    /// The role of this code, which an organization may have or not.
    pub fn from_code(code: &str) -> Option<Self> {
        Role::from_code(code).map(Self::Builtin).or_else(|| {
            let id = Uuid::try_parse(code).ok()?;
            // One spelling of each: what is stored is compared as text.
            (id.to_string() == code).then_some(Self::Custom(CustomRoleId(id)))
        })
    }

    /// What codes look like, as a regular expression.
    pub fn pattern() -> String {
        let builtin: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("^(?:{}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})$", builtin.join("|"))
    }

    /// The organization's own role, if it is one.
    pub const fn custom(self) -> Option<CustomRoleId> {
        match self {
            Self::Builtin(_) => None,
            Self::Custom(id) => Some(id),
        }
    }
}

/// The codes of roles, in their order.
pub fn codes(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(|role| role.code()).collect()
}

impl From<Role> for RoleId {
    fn from(role: Role) -> Self {
        Self::Builtin(role)
    }
}

impl From<CustomRoleId> for RoleId {
    fn from(id: CustomRoleId) -> Self {
        Self::Custom(id)
    }
}

/// A role of the organization's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// Its id.
    pub id: CustomRoleId,
    /// What people call it.
    pub name: RoleName,
    /// Whom it is for; may be empty.
    pub description: String,
    /// What it holds itself.
    pub permissions: Permissions,
    /// The roles whose permissions it holds as well.
    pub parents: Vec<RoleId>,
    /// Counts changes: whoever saves names the one that they have seen.
    pub revision: i64,
}

/// Members who have something in common, and the roles that they hold for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What people call it.
    pub name: GroupName,
    /// Whom it is for; may be empty.
    pub description: String,
    /// The roles that its members hold besides their own.
    pub roles: Vec<RoleId>,
    /// Counts changes, except of who is in it.
    pub revision: i64,
}

/// A role as somebody has it: which, what it is called, and all that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedRole {
    id: RoleId,
    name: Arc<str>,
    permissions: Permissions,
    exists: bool,
}

impl GrantedRole {
    /// One of the organization's own, with all that it holds.
    pub(super) fn custom(role: &CustomRole, permissions: Permissions) -> Self {
        Self { id: role.id.into(), name: role.name.as_str().into(), permissions, exists: true }
    }

    /// One that the organization does not have any more: it holds nothing.
    pub(super) fn gone(id: RoleId) -> Self {
        Self { id, name: "Deleted role".into(), permissions: Permissions::default(), exists: false }
    }

    /// Which role.
    pub fn id(&self) -> RoleId {
        self.id
    }

    /// The name under which it is stored and audited.
    pub fn code(&self) -> String {
        self.id.code()
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that it holds, from the roles that it inherits from as well.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether the organization still has it.
    pub fn exists(&self) -> bool {
        self.exists
    }
}

impl From<Role> for GrantedRole {
    fn from(role: Role) -> Self {
        Self { id: role.into(), name: role.name().into(), permissions: role.permissions(), exists: true }
    }
}

impl PartialEq<Role> for GrantedRole {
    fn eq(&self, other: &Role) -> bool {
        self.id == RoleId::Builtin(*other)
    }
}
