//! Roles of an organization's own, and groups of members that carry roles.
//!
//! `domain::roles` holds the words and what everything comes to; here it is read and changed. Whoever changes a role or a
//! group holds all that it holds, before and after: nobody gives or takes what is above them.

mod books;
mod change;
mod gains;
mod groups;
mod history;
mod preview;
mod rules;
pub(crate) mod sql;

use domain::audit::Action;
use domain::problem::Problem;
use domain::roles::{BookProblem, CustomRole, GrantedRole, Permission, RoleBook, RoleId};

pub(crate) use books::{RoleBooks, open as open_book};
pub use change::{create, delete, save, save_all};
pub(crate) use groups::{CREATED as GROUP_CREATED, MEMBER_ADDED, MEMBER_REMOVED, join, leave, put as put_group};
pub use groups::{
    GroupView, Joining, add_member, create_group, delete_group, group, groups, prepare_group, remove_member, save_group,
};
pub use history::{at, may_explain, require_explain};
pub use preview::{Affected, Preview, preview};

use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;
use domain::fields::FieldProblem;

pub(crate) const VIEWED: Action = Action::new("roles.viewed");
pub(crate) const CREATED: Action = Action::new("role.created");
pub(crate) const CHANGED: Action = Action::new("role.changed");
pub(crate) const DELETED: Action = Action::new("role.deleted");

/// A role, and how many have it.
#[derive(Clone, Debug)]
pub struct RoleView {
    /// Which, and all that it holds.
    pub role: GrantedRole,
    /// Members whose own role it is.
    pub members: u64,
    /// Open invitations to it.
    pub invitations: u64,
    /// Groups that carry it, by name.
    pub groups: Vec<String>,
    /// Roles of the organization's own that inherit from it, by name.
    pub heirs: Vec<String>,
}

impl RoleView {
    /// Whether somebody or something has it, so that it stays.
    pub fn is_used(&self) -> bool {
        self.members + self.invitations > 0 || !self.groups.is_empty() || !self.heirs.is_empty()
    }
}

/// Goes on only for whoever may make roles: what the form asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManageRoles, VIEWED).await
}

/// Every role, from the most powerful built-in one to the organization's own, these by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access) -> Result<Vec<RoleView>, Error> {
    access.require(Permission::ViewOrganization, VIEWED).await?;
    views(access.begin().await?, access.book(), access.book().all().collect()).await
}

/// One role.
///
/// # Errors
/// As [`list`]; not found.
pub async fn lookup(access: &Access, code: &str) -> Result<RoleView, Error> {
    access.require(Permission::ViewOrganization, VIEWED).await?;
    let role = access.book().by_code(code).ok_or(Problem::NotFound)?;
    views(access.begin().await?, access.book(), vec![role]).await?.pop().ok_or_else(|| Problem::NotFound.into())
}

/// Roles of a book, and how many have each.
pub(crate) async fn views(mut tx: TenantTx, book: &RoleBook, roles: Vec<GrantedRole>) -> Result<Vec<RoleView>, Error> {
    let ids: Vec<RoleId> = roles.iter().map(GrantedRole::id).collect();
    let counts = sql::count_holders(tx.conn(), &ids).await?;
    tx.close();
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(roles
        .into_iter()
        .zip(counts)
        .map(|(role, (members, invitations))| {
            let carriers = book.groups().filter(|group| group.roles.contains(&role.id()));
            let heirs = book.custom().filter(|other| other.parents.contains(&role.id()));
            RoleView {
                members: number(members),
                invitations: number(invitations),
                groups: carriers.map(|group| group.name.to_string()).collect(),
                heirs: heirs.map(|role| role.name.to_string()).collect(),
                role,
            }
        })
        .collect())
}

/// One of the organization's own roles, for whoever may change it.
///
/// # Errors
/// Forbidden, also when it holds what whoever asks does not; not found.
pub async fn lookup_to_change(access: &Access, code: &str) -> Result<(CustomRole, RoleView), Error> {
    access.require(Permission::ManageRoles, VIEWED).await?;
    let view = lookup(access, code).await?;
    access.require_cover(&view.role, VIEWED).await?;
    let role = view.role.id().custom().and_then(|id| access.book().lookup(id)).ok_or(Problem::NotFound)?;
    Ok((role.clone(), view))
}

/// What is wrong with a form whose roles make no sense together.
fn at_field(field: &str, problem: BookProblem) -> Error {
    Error::field(
        field,
        match problem {
            BookProblem::Cycle => FieldProblem::InheritsItself,
            BookProblem::TooDeep => FieldProblem::InheritsTooDeep,
            BookProblem::Unknown | BookProblem::Owner => FieldProblem::UnknownChoice,
        },
    )
}
