//! Who is in a group.

use domain::audit::{Action, Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::{AccountId, GroupId};
use domain::members::Member;
use domain::notifications::Kind;
use domain::problem::Problem;
use domain::roles::{Group, Permission};

use super::super::change::{allowed, begin};
use super::super::rules::judge_group;
use super::{carried_by, sql};
use crate::access::Access;
use crate::approvals;
use crate::detections;
use crate::error::Error;
use crate::members;
use crate::policy;

pub(crate) const MEMBER_ADDED: Action = Action::new("group.member_added");
pub(crate) const MEMBER_REMOVED: Action = Action::new("group.member_removed");

/// Whom to put into a group.
#[derive(Clone, Copy, Debug)]
pub enum Joining<'a> {
    /// A member, by their id.
    Id(AccountId),
    /// A member, by their address as it was typed.
    Email(&'a str),
}

/// Puts a member into a group.
///
/// # Errors
/// Forbidden, also when the group carries what whoever asks does not hold; not found; at the field `email`, an address that
/// is none or no member's, or a member who is in it already; a step-up is needed when they can do more by it.
pub async fn add_member(access: &Access, id: GroupId, who: Joining<'_>) -> Result<(Group, Member), Error> {
    access.require(Permission::ManageGroups, MEMBER_ADDED).await?;
    let request = access.request();
    let (tx, book, held) = begin(access).await?;
    let (group, carried) = carried_by(&book, id)?;
    let mut tx = allowed(access, tx, judge_group(held, carried, carried), MEMBER_ADDED).await?;
    let no_such = || Error::field("email", FieldProblem::NoSuchMember);
    let account = match who {
        Joining::Id(account) => account,
        Joining::Email(typed) => {
            let email = EmailAddress::parse(typed).map_err(|problem| Error::field("email", problem))?;
            members::sql::id_of(tx.conn(), &email).await?.ok_or_else(no_such)?
        }
    };
    let member = members::sql::lookup(&mut tx, account).await?.ok_or_else(no_such)?;
    if member.groups.contains(&id) {
        return Err(Error::field("email", FieldProblem::AlreadyInGroup));
    }
    if !member.permissions.cover(carried) {
        access.require_fresh()?;
    }
    let after = member.permissions | carried;
    if approvals::is_needed_for_role(&mut tx, member.permissions, after).await? {
        return Err(Error::field("email", FieldProblem::ApprovalFirst));
    }
    sql::join(tx.conn(), id, &[account.0]).await?;
    members::tell(access, &mut tx, account, Kind::GroupJoined { group: group.name.to_string() }).await?;
    let gained = detections::gain(request, account, member.permissions, member.permissions | carried);
    let ended = if gained.is_some() {
        policy::end_outgrown(&mut tx, request, &access.actor(), account).await?
    } else {
        Vec::new()
    };
    tx.record(gained);
    let entry = Draft::done(MEMBER_ADDED, access.actor())
        .target("member", account, Personal(member.name.clone()))
        .added("group", Public(id.to_string()))
        .within(request.audited());
    tx.commit_all(request, std::iter::once(entry).chain(ended).collect()).await?;
    Ok((group, member))
}

/// Takes a member out of a group.
///
/// # Errors
/// Forbidden, also when the group carries what whoever asks does not hold; not found, also when they are not in it.
pub async fn remove_member(access: &Access, id: GroupId, account: AccountId) -> Result<(Group, Member), Error> {
    access.require(Permission::ManageGroups, MEMBER_REMOVED).await?;
    let request = access.request();
    let (tx, book, held) = begin(access).await?;
    let (group, carried) = carried_by(&book, id)?;
    let mut tx = allowed(access, tx, judge_group(held, carried, carried), MEMBER_REMOVED).await?;
    let member = members::sql::lookup(&mut tx, account).await?.ok_or(Problem::NotFound)?;
    if sql::leave(tx.conn(), id, &[account.0]).await? == 0 {
        return Err(Problem::NotFound.into());
    }
    members::tell(access, &mut tx, account, Kind::GroupLeft { group: group.name.to_string() }).await?;
    tx.commit(request, left(access, id, account, member.name.clone())).await?;
    Ok((group, member))
}

/// The entry of somebody who is in a group no more.
pub(super) fn left(access: &Access, id: GroupId, account: AccountId, name: String) -> Draft {
    Draft::done(MEMBER_REMOVED, access.actor())
        .target("member", account, Personal(name))
        .removed("group", Public(id.to_string()))
        .within(access.request().audited())
}
