//! Permissions, roles as sets of them, and groups that carry roles.
//!
//! A member has one role, built-in or the organization's own, and what the roles of their groups hold besides. All that
//! an organization has of it is a [`RoleBook`]; page and use case ask the same question of the same set:
//! [`Permissions::allow`].

mod book;
mod builtin;
mod conflicts;
mod form;
mod history;
mod permission;
mod role;
#[cfg(test)]
mod tests;
mod why;

pub use book::{BookProblem, DEPTH_MAX, RoleBook};
pub use builtin::Role;
pub use conflicts::{CONFLICTS, Conflict, conflicts, new_conflicts};
pub(crate) use form::parse_description;
pub use form::{DESCRIPTION_MAX, GroupForm, GroupWish, RoleForm, RoleWish};
pub use history::{Membership, Past, Then};
pub use permission::{Area, Permission, Permissions};
pub use role::{CustomRole, GrantedRole, Group, RoleId, codes};
pub use why::{Reason, Source};
