//! Groups: who is in them, and which roles they carry.

mod people;
mod sql;

use domain::audit::{Action, Draft, Public};
use domain::fields::FieldProblem;
use domain::ids::GroupId;
use domain::problem::Problem;
use domain::roles::{Group, GroupForm, GroupWish, Permission, Permissions, RoleBook, RoleId, codes};

pub use people::{Joining, add_member, remove_member};
pub(crate) use people::{MEMBER_ADDED, MEMBER_REMOVED};
pub(crate) use sql::{join, leave, put};

use super::change::{allowed, begin};
use super::rules::judge_group;
use super::{at_field, gains, sql as roles_sql};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;

const VIEWED: Action = Action::new("groups.viewed");
pub(crate) const CREATED: Action = Action::new("group.created");
const CHANGED: Action = Action::new("group.changed");
const DELETED: Action = Action::new("group.deleted");

/// The most groups of an organization.
const GROUPS_MAX: u16 = 500;

/// A group, and how many are in it.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// Which.
    pub group: Group,
    /// All that its roles hold together.
    pub permissions: Permissions,
    /// How many members are in it.
    pub members: u64,
}

/// Every group, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn groups(access: &Access) -> Result<Vec<GroupView>, Error> {
    access.require(Permission::ViewMembers, VIEWED).await?;
    let book = access.book();
    let mut tx = access.begin().await?;
    let counts = if book.is_empty() { Vec::new() } else { sql::count_members(tx.conn()).await? };
    tx.close();
    Ok(book
        .groups()
        .map(|group| GroupView {
            permissions: book.carried(group.id),
            members: counts.iter().find(|(id, _)| *id == group.id).map_or(0, |(_, count)| *count),
            group: group.clone(),
        })
        .collect())
}

/// One group.
///
/// # Errors
/// As [`groups`]; not found.
pub async fn group(access: &Access, id: GroupId) -> Result<GroupView, Error> {
    let found = groups(access).await?.into_iter().find(|view| view.group.id == id);
    found.ok_or_else(|| Problem::NotFound.into())
}

/// Goes on only for whoever may make groups: what the form asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare_group(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManageGroups, VIEWED).await
}

/// Makes a group with nobody in it.
///
/// # Errors
/// Fields that are wrong, among them a name that another group has; forbidden, also when its roles hold what whoever asks
/// does not.
pub async fn create_group(access: &Access, form: &GroupForm) -> Result<GroupId, Error> {
    access.require(Permission::ManageGroups, CREATED).await?;
    let GroupWish { name, description, roles } = form.parse()?;
    let request = access.request();
    let (tx, book, held) = begin(access).await?;
    if book.groups().count() >= usize::from(GROUPS_MAX) {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(GROUPS_MAX)));
    }
    let carried = book.sum(&roles).map_err(|problem| at_field("role", problem))?;
    let mut tx = allowed(access, tx, judge_group(held, Permissions::default(), carried), CREATED).await?;
    let group = Group { id: GroupId(request.portal().uuid(request.now)), name, description, roles, revision: 1 };
    sql::put(tx.conn(), &group).await.map_err(|error| error.at("groups_name", "name", FieldProblem::Taken))?;
    roles_sql::advance(tx.conn()).await?;
    let entry = Draft::done(CREATED, access.actor())
        .target("group", group.id, Public(group.name.to_string()))
        .added("roles", Public(codes(&group.roles).join(" ")))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(group.id)
}

/// Changes a group.
///
/// # Errors
/// As [`create_group`]; not found; somebody else has changed it since the form was shown; a step-up is needed for roles
/// that hold more.
pub async fn save_group(access: &Access, id: GroupId, form: &GroupForm) -> Result<Group, Error> {
    access.require(Permission::ManageGroups, CHANGED).await?;
    access.book().group(id).ok_or(Problem::NotFound)?;
    let GroupWish { name, description, roles } = form.parse()?;
    let request = access.request();
    let (tx, book, held) = begin(access).await?;
    let before = book.group(id).cloned().ok_or(Problem::NotFound)?;
    if before.revision.to_string() != form.revision {
        return Err(Problem::Changed.into());
    }
    let carried = book.sum(&roles).map_err(|problem| at_field("role", problem))?;
    let mut tx = allowed(access, tx, judge_group(held, book.carried(id), carried), CHANGED).await?;
    let same = Group { name, description, roles, ..before.clone() };
    if same == before {
        tx.close();
        return Ok(before);
    }
    if !book.carried(id).cover(carried) {
        access.require_fresh()?;
    }
    if approvals::is_needed_for_role(&mut tx, book.carried(id), carried).await? {
        return Err(Error::field("role", FieldProblem::ApprovalFirst));
    }
    let after = Group { revision: before.revision + 1, ..same };
    sql::put(tx.conn(), &after).await.map_err(|error| error.at("groups_name", "name", FieldProblem::Taken))?;
    roles_sql::advance(tx.conn()).await?;
    let then = |role: RoleId, groups: &[GroupId]| {
        let others: Vec<_> = groups.iter().copied().filter(|group| *group != id).collect();
        book.effective(role, &others) | carried
    };
    gains::record(&mut tx, request, (&[], &[id]), &book, then).await?;
    tx.commit(request, difference(access, &before, &after)).await?;
    Ok(after)
}

/// Deletes a group. Its members stay members.
///
/// # Errors
/// Forbidden, also when it carries what whoever asks does not hold; not found.
pub async fn delete_group(access: &Access, id: GroupId) -> Result<Group, Error> {
    access.require(Permission::ManageGroups, DELETED).await?;
    let request = access.request();
    let (tx, book, held) = begin(access).await?;
    let group = book.group(id).cloned().ok_or(Problem::NotFound)?;
    let carried = book.carried(id);
    let mut tx = allowed(access, tx, judge_group(held, carried, carried), DELETED).await?;
    let members = sql::delete(tx.conn(), id).await?;
    roles_sql::advance(tx.conn()).await?;
    // First everybody leaves it.
    let left = members.into_iter().map(|(member, name)| people::left(access, id, member, name));
    let entry = Draft::done(DELETED, access.actor())
        .target("group", id, Public(group.name.to_string()))
        .removed("roles", Public(codes(&group.roles).join(" ")))
        .within(request.audited());
    let entries = left.chain([entry]).collect();
    tx.commit_all(request, entries).await?;
    Ok(group)
}

/// What is not as it was before.
fn difference(access: &Access, before: &Group, after: &Group) -> Draft {
    let entry = Draft::done(CHANGED, access.actor()).target("group", after.id, Public(after.name.to_string()));
    let fields = [
        ("name", before.name.to_string(), after.name.to_string()),
        ("description", before.description.clone(), after.description.clone()),
        ("roles", codes(&before.roles).join(" "), codes(&after.roles).join(" ")),
    ];
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    let entry =
        changed.fold(entry, |entry, (field, before, after)| entry.changed(field, Public(before), Public(after)));
    entry.within(access.request().audited())
}

/// A group that somebody may be put into or taken out of: what is needed to say so.
fn carried_by(book: &RoleBook, id: GroupId) -> Result<(Group, Permissions), Error> {
    let group = book.group(id).cloned().ok_or(Problem::NotFound)?;
    Ok((group, book.carried(id)))
}
