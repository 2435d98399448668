//! What somebody could do at an earlier time: today's roles, groups and membership, and every later change undone.

use std::collections::{BTreeMap, BTreeSet};

use super::{BookProblem, CustomRole, Group, Permission, Permissions, RoleBook, RoleId};
use crate::audit::{Change, Entry, Value};
use crate::ids::{AccountId, CustomRoleId, GroupId};
use crate::members::{Member, MemberStatus};
use crate::text::{GroupName, RoleName};

/// What somebody was in the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Their own role.
    pub role: RoleId,
    /// Their groups.
    pub groups: BTreeSet<GroupId>,
    /// Whether they could come in.
    pub status: MemberStatus,
}

/// An organization's roles and groups, and one person's place among them, on the way back in time.
#[derive(Clone, Debug)]
pub struct Past {
    account: AccountId,
    roles: BTreeMap<CustomRoleId, CustomRole>,
    groups: BTreeMap<GroupId, Group>,
    member: Option<Membership>,
}

/// How it was.
#[derive(Clone, Debug)]
pub struct Then {
    /// The roles and groups.
    pub book: RoleBook,
    /// What the person was; nothing when they were no member.
    pub member: Option<Membership>,
}

impl Then {
    /// What the person could do: nothing when they were no member, or were suspended.
    pub fn permissions(&self) -> Permissions {
        let active = self.member.as_ref().filter(|member| member.status == MemberStatus::Active);
        active.map_or(Permissions::default(), |member| self.book.effective(member.role, &self.groups()))
    }

    /// The person's groups.
    pub fn groups(&self) -> Vec<GroupId> {
        self.member.iter().flat_map(|member| member.groups.iter().copied()).collect()
    }
}

impl Past {
    /// How it is now.
    pub fn now(book: &RoleBook, account: AccountId, member: Option<&Member>) -> Self {
        Self {
            account,
            roles: book.custom().map(|role| (role.id, role.clone())).collect(),
            groups: book.groups().map(|group| (group.id, group.clone())).collect(),
            member: member.map(|member| Membership {
                role: member.role.id(),
                groups: member.groups.iter().copied().collect(),
                status: member.status,
            }),
        }
    }

    /// Takes back what an entry tells of. Entries come newest first, and all of them that have to do with roles, groups or
    /// this person.
    pub fn undo(&mut self, entry: &Entry) {
        let (action, target) = (entry.action.as_str(), entry.target.id.as_str());
        let mine = target == self.account.to_string();
        match action.split_once('.') {
            Some(("role", act)) => {
                if let Ok(id) = target.parse() {
                    self.undo_role(act, id, entry);
                }
            }
            Some(("group", "member_added" | "member_removed")) if mine => self.undo_joining(entry),
            Some(("group", act)) => {
                if let Ok(id) = target.parse() {
                    self.undo_group(act, id, entry);
                }
            }
            Some(("member", act)) if mine => self.undo_member(act, entry),
            Some(("invitation", "accepted")) if entry.actor.id == Some(self.account) => self.member = None,
            _ => {}
        }
    }

    /// What it was then.
    ///
    /// # Errors
    /// What the log tells does not fit together.
    pub fn then(self) -> Result<Then, BookProblem> {
        let book = RoleBook::new(self.roles.into_values().collect(), self.groups.into_values().collect())?;
        Ok(Then { book, member: self.member })
    }

    fn undo_role(&mut self, act: &str, id: CustomRoleId, entry: &Entry) {
        let before = |field| before(&entry.changes, field);
        match act {
            "created" => drop(self.roles.remove(&id)),
            "changed" => {
                if let Some(role) = self.roles.get_mut(&id) {
                    if let Some(name) = before("name") {
                        role.name = RoleName::stored(name);
                    }
                    if let Some(codes) = before("permissions") {
                        role.permissions = permissions(codes);
                    }
                    if let Some(codes) = before("parents") {
                        role.parents = roles(codes);
                    }
                }
            }
            "deleted" => {
                let name = entry.target.name.as_ref().and_then(public).unwrap_or_default();
                let role = CustomRole {
                    id,
                    name: RoleName::stored(name),
                    description: String::new(),
                    permissions: before("permissions").map(permissions).unwrap_or_default(),
                    parents: before("parents").map(roles).unwrap_or_default(),
                    revision: 0,
                };
                self.roles.insert(id, role);
            }
            _ => {}
        }
    }

    fn undo_group(&mut self, act: &str, id: GroupId, entry: &Entry) {
        let before = |field| before(&entry.changes, field);
        match act {
            "created" => drop(self.groups.remove(&id)),
            "changed" => {
                if let Some(group) = self.groups.get_mut(&id) {
                    if let Some(name) = before("name") {
                        group.name = GroupName::stored(name);
                    }
                    if let Some(codes) = before("roles") {
                        group.roles = roles(codes);
                    }
                }
            }
            "deleted" => {
                let name = entry.target.name.as_ref().and_then(public).unwrap_or_default();
                let group = Group {
                    id,
                    name: GroupName::stored(name),
                    description: String::new(),
                    roles: before("roles").map(roles).unwrap_or_default(),
                    revision: 0,
                };
                self.groups.insert(id, group);
                let me = self.account.to_string();
                let was_in = before("members").is_some_and(|members| members.split(' ').any(|member| member == me));
                if let Some(member) = self.member.as_mut().filter(|_| was_in) {
                    member.groups.insert(id);
                }
            }
            _ => {}
        }
    }

    fn undo_joining(&mut self, entry: &Entry) {
        let Some(member) = &mut self.member else { return };
        if let Some(group) = after(&entry.changes, "group").and_then(|id| id.parse().ok()) {
            member.groups.remove(&group);
        }
        if let Some(group) = before(&entry.changes, "group").and_then(|id| id.parse().ok()) {
            member.groups.insert(group);
        }
    }

    fn undo_member(&mut self, act: &str, entry: &Entry) {
        let role = before(&entry.changes, "role").and_then(RoleId::from_code);
        match act {
            "removed" | "left" => {
                let groups = before(&entry.changes, "groups").unwrap_or_default();
                let groups = groups.split(' ').filter_map(|id| id.parse().ok()).collect();
                // They were let in to the end, unless an earlier entry tells otherwise.
                self.member = role.map(|role| Membership { role, groups, status: MemberStatus::Active });
            }
            "suspended" | "resumed" => {
                let status = before(&entry.changes, "status").and_then(MemberStatus::from_code);
                if let (Some(member), Some(status)) = (&mut self.member, status) {
                    member.status = status;
                }
            }
            // Whatever else gives somebody another role says so in the same field.
            _ => {
                if let (Some(member), Some(role)) = (&mut self.member, role) {
                    member.role = role;
                }
            }
        }
    }
}

fn public(value: &Value) -> Option<&str> {
    match value {
        Value::Public(text) => Some(text),
        Value::Commit(_) => None,
    }
}

fn before<'a>(changes: &'a [Change], field: &str) -> Option<&'a str> {
    changes.iter().find(|change| change.field == field)?.before.as_ref().and_then(public)
}

fn after<'a>(changes: &'a [Change], field: &str) -> Option<&'a str> {
    changes.iter().find(|change| change.field == field)?.after.as_ref().and_then(public)
}

fn permissions(codes: &str) -> Permissions {
    codes.split(' ').filter_map(Permission::from_code).collect()
}

fn roles(codes: &str) -> Vec<RoleId> {
    codes.split(' ').filter_map(RoleId::from_code).collect()
}
