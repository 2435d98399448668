//! Making, changing and deleting roles.

use std::sync::Arc;

use domain::audit::{Action, Draft, Public};
use domain::detections::gained;
use domain::fields::FieldProblem;
use domain::ids::CustomRoleId;
use domain::members::MemberStatus;
use domain::problem::Problem;
use domain::roles::{CustomRole, Permission, Permissions, RoleBook, RoleForm, RoleId, RoleWish, codes};

use super::{CHANGED, CREATED, DELETED, at_field, gains, rules, sql};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;
use crate::store::TenantTx;

/// The most roles of an organization's own: a matrix with more is read by nobody.
const ROLES_MAX: u16 = 100;

/// Makes a role.
///
/// # Errors
/// Fields that are wrong, among them a name that another role has, and roles that do not make sense together; forbidden,
/// also when it would hold what whoever asks does not; a step-up is needed.
pub async fn create(access: &Access, form: &RoleForm) -> Result<CustomRoleId, Error> {
    access.require(Permission::ManageRoles, CREATED).await?;
    let RoleWish { name, description, permissions, parents } = form.parse()?;
    let request = access.request();
    let id = CustomRoleId(request.portal().uuid(request.now));
    let role = CustomRole { id, name, description, permissions, parents, revision: 1 };
    let (mut tx, before, held) = begin(access).await?;
    if before.custom().count() >= usize::from(ROLES_MAX) {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(ROLES_MAX)));
    }
    let after = before.with_role(role.clone()).map_err(|problem| at_field("parent", problem))?;
    let judged = rules::judge_roles(held, &before, &after, &[id]);
    tx = allowed(access, tx, judged, CREATED).await?;
    access.require_fresh()?;
    sql::put_role(tx.conn(), &role).await.map_err(|error| error.at("roles_name", "name", FieldProblem::Taken))?;
    sql::advance(tx.conn()).await?;
    let entry = Draft::done(CREATED, access.actor())
        .target("role", id, Public(role.name.to_string()))
        .added("permissions", Public(role.permissions.codes().join(" ")))
        .added("parents", Public(codes(&role.parents).join(" ")))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(id)
}

/// Changes a role.
///
/// # Errors
/// As [`create`]; not found; somebody else has changed it since the form was shown.
pub async fn save(access: &Access, id: CustomRoleId, form: &RoleForm) -> Result<(), Error> {
    access.require(Permission::ManageRoles, CHANGED).await?;
    access.book().lookup(id).ok_or(Problem::NotFound)?;
    let wish = form.parse()?;
    save_all(access, &[(id, wish, form.revision.clone())]).await?;
    Ok(())
}

/// Changes several roles at once, or none of them, and tells how many. Each names the revision that was shown.
///
/// # Errors
/// As [`save`].
pub async fn save_all(access: &Access, wishes: &[(CustomRoleId, RoleWish, String)]) -> Result<u64, Error> {
    access.require(Permission::ManageRoles, CHANGED).await?;
    let request = access.request();
    let (mut tx, before, held) = begin(access).await?;
    let (after, changed) = apply(&before, wishes)?;
    if changed.is_empty() {
        tx.close();
        return Ok(0);
    }
    let ids: Vec<_> = changed.iter().map(|role| role.id).collect();
    let judged = rules::judge_roles(held, &before, &after, &ids);
    tx = allowed(access, tx, judged, CHANGED).await?;
    let gains = |id: &CustomRoleId| {
        let (old, new) = (before.role((*id).into()), after.role((*id).into()));
        !old.permissions().cover(new.permissions())
    };
    if ids.iter().flat_map(|id| after.affected(*id)).any(|id| gains(&id)) {
        access.require_fresh()?;
    }
    let affected: Vec<_> = ids.iter().flat_map(|id| after.affected(*id)).collect();
    for id in affected {
        let (old, new) = (before.role(id.into()).permissions(), after.role(id.into()).permissions());
        if approvals::is_needed_for_role(&mut tx, old, new).await? {
            return Err(Error::field("permission", FieldProblem::ApprovalFirst));
        }
    }
    let mut entries = Vec::new();
    for role in &changed {
        sql::put_role(tx.conn(), role).await.map_err(|error| error.at("roles_name", "name", FieldProblem::Taken))?;
        let former = before.lookup(role.id).ok_or(Problem::NotFound)?;
        entries.push(difference(access, former, role));
    }
    sql::advance(tx.conn()).await?;
    let roles = after.all().filter(|role| gained(before.role(role.id()).permissions(), role.permissions()) > 0);
    let roles: Vec<_> = roles.map(|role| role.id()).collect();
    let groups = after.groups().filter(|group| gained(before.carried(group.id), after.carried(group.id)) > 0);
    let groups: Vec<_> = groups.map(|group| group.id).collect();
    gains::record(&mut tx, request, (&roles, &groups), &before, |role, groups| after.effective(role, groups)).await?;
    tx.commit_all(request, entries).await?;
    Ok(changed.len() as u64)
}

/// Deletes a role that nobody has.
///
/// # Errors
/// Forbidden, also when it holds what whoever asks does not; not found; [`Problem::RoleInUse`].
pub async fn delete(access: &Access, id: CustomRoleId) -> Result<CustomRole, Error> {
    access.require(Permission::ManageRoles, DELETED).await?;
    let request = access.request();
    let (mut tx, before, held) = begin(access).await?;
    let role = before.lookup(id).cloned().ok_or(Problem::NotFound)?;
    let judged = rules::judge_roles(held, &before, &before, &[id]);
    tx = allowed(access, tx, judged, DELETED).await?;
    let named = RoleId::Custom(id);
    let counts = sql::count_holders(tx.conn(), &[named]).await?;
    let used = counts.iter().any(|(members, invitations)| members + invitations > 0)
        || before.groups().any(|group| group.roles.contains(&named))
        || before.custom().any(|other| other.parents.contains(&named));
    if used {
        tx.close();
        return Err(Problem::RoleInUse.into());
    }
    sql::delete_role(tx.conn(), id).await?;
    sql::advance(tx.conn()).await?;
    let entry = Draft::done(DELETED, access.actor())
        .target("role", id, Public(role.name.to_string()))
        .removed("permissions", Public(role.permissions.codes().join(" ")))
        .removed("parents", Public(codes(&role.parents).join(" ")))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(role)
}

/// What the roles are once the wishes are granted, and those of them that are others then.
pub(super) fn apply(
    before: &RoleBook,
    wishes: &[(CustomRoleId, RoleWish, String)],
) -> Result<(RoleBook, Vec<CustomRole>), Error> {
    let mut after = before.clone();
    let mut changed = Vec::new();
    for (id, wish, revision) in wishes {
        let former = before.lookup(*id).ok_or(Problem::NotFound)?;
        if former.revision.to_string() != *revision {
            return Err(Problem::Changed.into());
        }
        let RoleWish { name, description, permissions, parents } = wish.clone();
        let same = CustomRole { name, description, permissions, parents, ..former.clone() };
        if same != *former {
            changed.push(CustomRole { revision: former.revision + 1, ..same });
        }
    }
    // Together: one may give up what another takes.
    after = after.with_roles(&changed).map_err(|problem| at_field("parent", problem))?;
    Ok((after, changed))
}

/// Begins a change: nobody else changes roles, groups or members until it is done. What whoever asks holds is read again.
pub(super) async fn begin(access: &Access) -> Result<(TenantTx, Arc<RoleBook>, Permissions), Error> {
    let mut tx = access.begin().await?;
    let book = tx.lock_book().await?;
    let me = crate::members::sql::lookup(&mut tx, access.account()).await?.ok_or(Problem::NotFound)?;
    if me.status != MemberStatus::Active {
        return Err(Problem::MembershipSuspended.into());
    }
    Ok((tx, book, me.permissions))
}

/// Goes on with what was judged, or puts the denial on record.
pub(super) async fn allowed(
    access: &Access,
    tx: TenantTx,
    judged: Result<(), Problem>,
    action: Action,
) -> Result<TenantTx, Error> {
    match judged {
        Ok(()) => Ok(tx),
        Err(Problem::Forbidden) => {
            tx.close();
            Err(access.deny(action, "everything that it holds").await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

/// What is not as it was before.
fn difference(access: &Access, before: &CustomRole, after: &CustomRole) -> Draft {
    let entry = Draft::done(CHANGED, access.actor()).target("role", after.id, Public(after.name.to_string()));
    let fields = [
        ("name", before.name.to_string(), after.name.to_string()),
        ("description", before.description.clone(), after.description.clone()),
        ("permissions", before.permissions.codes().join(" "), after.permissions.codes().join(" ")),
        ("parents", codes(&before.parents).join(" "), codes(&after.parents).join(" ")),
    ];
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    let entry =
        changed.fold(entry, |entry, (field, before, after)| entry.changed(field, Public(before), Public(after)));
    entry.within(access.request().audited())
}
