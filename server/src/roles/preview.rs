//! What a change of roles would do, and to how many, before it is saved.

use domain::ids::CustomRoleId;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions, RoleBook, RoleId, RoleWish};

use super::change::apply;
use super::{CHANGED, rules, sql};
use crate::access::Access;
use crate::error::Error;

/// A role that would hold something else than now: by itself, or because it inherits from one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Which.
    pub id: CustomRoleId,
    /// What it is called then.
    pub name: String,
    /// What it would hold besides.
    pub added: Permissions,
    /// What it would not hold any more.
    pub removed: Permissions,
}

/// What a change of roles comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The roles that would hold something else, by name.
    pub roles: Vec<Affected>,
    /// Roles of which only the name, the description or the place is another.
    pub renamed: Vec<String>,
    /// Members who have one of these roles, or are in a group that carries one.
    pub people: u64,
}

/// What a change of roles would do. Nothing is changed.
///
/// # Errors
/// As [`super::save_all`], but for the step-up.
pub async fn preview(access: &Access, wishes: &[(CustomRoleId, RoleWish, String)]) -> Result<Preview, Error> {
    access.require(Permission::ManageRoles, CHANGED).await?;
    let mut tx = access.begin().await?;
    let before = tx.book().await?;
    let (after, changed) = apply(&before, wishes)?;
    let ids: Vec<_> = changed.iter().map(|role| role.id).collect();
    if rules::judge_roles(access.permissions(), &before, &after, &ids) == Err(Problem::Forbidden) {
        tx.close();
        return Err(access.deny(CHANGED, "everything that it holds").await?);
    }
    let roles = affected(&before, &after, &ids);
    let named: Vec<RoleId> = roles.iter().map(|role| role.id.into()).collect();
    let groups = after.groups().filter(|group| group.roles.iter().any(|role| named.contains(role)));
    let groups: Vec<_> = groups.map(|group| group.id).collect();
    let people = if roles.is_empty() { 0 } else { sql::count_people(tx.conn(), &named, &groups).await? };
    tx.close();
    let renamed = changed.iter().filter(|role| roles.iter().all(|other| other.id != role.id));
    let renamed = renamed.map(|role| role.name.to_string()).collect();
    Ok(Preview { roles, renamed, people })
}

/// The roles that hold something else in the second book than in the first.
fn affected(before: &RoleBook, after: &RoleBook, changed: &[CustomRoleId]) -> Vec<Affected> {
    let touched: Vec<_> =
        changed.iter().flat_map(|id| before.affected(*id).into_iter().chain(after.affected(*id))).collect();
    let roles = after.custom().filter(|role| touched.contains(&role.id));
    roles
        .map(|role| {
            let (old, new) = (before.role(role.id.into()).permissions(), after.role(role.id.into()).permissions());
            Affected { id: role.id, name: role.name.to_string(), added: new.without(old), removed: old.without(new) }
        })
        .filter(|role| !role.added.is_empty() || !role.removed.is_empty())
        .collect()
}
