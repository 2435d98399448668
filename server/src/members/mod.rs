//! The members of an organization.
//!
//! This slice is the model for the others: `domain::members` holds the words, this file the use
//! cases, `sql` the statements, and `app::members` the pages. A use case authorizes, begins a
//! transaction, changes, and commits with an audit entry.

pub mod bulk;
pub(crate) mod counts;
mod export;
mod factors;
mod filters;
pub mod import;
mod news;
mod owners;
mod proposed;
mod reset;
mod response;
mod rules;
mod sessions;
pub(crate) mod sql;
mod transfer;

use domain::audit::{Action, Draft, Personal, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, TenantId};
use domain::members::{Member, MemberQuery, MemberStatus};
use domain::notifications::Kind;
use domain::paging::{PAGE_SIZE, Page};
use domain::policy::SignInPolicy;
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Role, RoleId};
use domain::webhooks::EventKind;
use serde_json::json;
use time::OffsetDateTime;

pub use export::{Format, export};
pub(crate) use factors::note_factors;
pub use filters::{delete_filter, list_filters, save_filter};
pub(crate) use news::{tell, warn_owners};
pub(crate) use owners::{begin_as_owner, is_active_owner, lock_owners};
pub(crate) use proposed::{carry_role, propose_role};
pub use reset::reset_factors;
pub(crate) use response::{Response, judge_response, respond};
pub use sessions::{end_session, list_sessions};
pub(crate) use sql::lock;
pub use transfer::{Successors, TransferForm, list_successors, transfer};

use crate::access::Access;
use crate::api_keys::{self, Why};
use crate::approvals;
use crate::detections;
use crate::error::Error;
use crate::policy;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::{TenantRef, TenantTx};
use crate::webhooks;
use rules::{Locked, Wish};

pub(crate) const VIEWED: Action = Action::new("members.viewed");
pub(crate) const ROLE_CHANGED: Action = Action::new("member.role_changed");
pub(crate) const SUSPENDED: Action = Action::new("member.suspended");
pub(crate) const RESUMED: Action = Action::new("member.resumed");
pub(crate) const REMOVED: Action = Action::new("member.removed");
const ACCESS_ENDED: Action = Action::new("member.access_ended");
const LEFT: Action = Action::new("member.left");

/// One page of the members that the query asks for.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, query: &MemberQuery) -> Result<Page<Member>, Error> {
    access.require(Permission::ViewMembers, VIEWED).await?;
    require_filter(access, query, VIEWED).await?;
    let mut tx = access.begin().await?;
    let (rows, total, uncounted) = if query.search.is_some() {
        search(access, &mut tx, query).await?
    } else {
        let total = counts::count(access, &mut tx, query).await?;
        (sql::list(&mut tx, query, access.policy(), access.request().now, PAGE_SIZE + 1).await?, total, false)
    };
    tx.close();
    let page = Page::assemble(rows, query.cursor.as_ref(), total, |(member, key)| (key.clone(), member.id.to_string()));
    Ok(Page {
        rows: page.rows.into_iter().map(|(member, _)| member).collect(),
        total: page.total,
        uncounted,
        previous: page.previous,
        next: page.next,
    })
}

/// The rows of a page of those whom a search finds, how many these are, and whether there are more: what is found often
/// is found soon by walking along the index that sorts it, and what is found seldom is sorted after it was found.
async fn search(
    access: &Access,
    tx: &mut TenantTx,
    query: &MemberQuery,
) -> Result<(Vec<(Member, String)>, u64, bool), Error> {
    let (policy, now, most) = (access.policy(), access.request().now, PAGE_SIZE + 1);
    let (rows, mut found) = sql::search(tx, query, policy, now, most).await?;
    if rows.is_empty() && query.cursor.is_some() {
        // Beyond all that were found no row tells how many these are.
        found = sql::count(tx, query, policy, now).await?;
    }
    if found <= sql::COUNTED {
        return Ok((rows, found, false));
    }
    Ok((sql::list(tx, query, policy, now, most).await?, sql::COUNTED, true))
}

/// So many of those that a query asks for, each with the value that they are sorted by: what programs read, who do not
/// ask how many there are.
pub(crate) async fn some(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
    most: usize,
) -> Result<Vec<(Member, String)>, Error> {
    if query.search.is_some() {
        let (rows, found) = sql::search(tx, query, policy, now, most).await?;
        if found <= sql::COUNTED {
            return Ok(rows);
        }
    }
    sql::list(tx, query, policy, now, most).await
}

/// Goes on only if they may ask so: whom an attacker would try first is not everybody's business.
async fn require_filter(access: &Access, query: &MemberQuery, action: Action) -> Result<(), Error> {
    if query.mfa.is_some() { policy::require_view(access, action).await } else { Ok(()) }
}

/// One member.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, id: AccountId) -> Result<Member, Error> {
    access.require(Permission::ViewMembers, VIEWED).await?;
    let mut tx = access.begin().await?;
    let member = sql::lookup(&mut tx, id).await?;
    tx.close();
    member.ok_or_else(|| Problem::NotFound.into())
}

/// One member, for whoever may change them.
///
/// # Errors
/// Forbidden, also when the member is above whoever asks; not found.
pub async fn lookup_to_manage(access: &Access, id: AccountId) -> Result<Member, Error> {
    access.require(Permission::ManageMembers, VIEWED).await?;
    let member = lookup(access, id).await?;
    if !access.permissions().cover(member.permissions) {
        return Err(access.deny(VIEWED, member.role.code()).await?);
    }
    Ok(member)
}

/// What came of giving somebody a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The member as they are now.
    pub member: Member,
    /// Their role before, which may be the same.
    pub former: GrantedRole,
}

/// Gives a member another role. Nothing happens when it is the one they have.
///
/// # Errors
/// Forbidden, when the member or the role is above whoever asks; not found; the last owner; a step-up is needed for a role
/// that holds more than the one before.
pub async fn change_role(access: &Access, id: AccountId, role: impl Into<RoleId>) -> Result<RoleChange, Error> {
    let role = role.into();
    let (tx, member) = begin_role(access, id, role).await?;
    put_role(access, tx, member, role).await
}

/// Begins giving a member another role.
async fn begin_role(access: &Access, id: AccountId, role: RoleId) -> Result<(TenantTx, Member), Error> {
    begin_change(access, id, Wish::Role(role), ROLE_CHANGED).await.map_err(|error| match error {
        Error::Refused(Problem::Changed) => Error::field("role", FieldProblem::UnknownChoice),
        error => error,
    })
}

/// Gives another role to a member who was judged in this transaction.
async fn put_role(access: &Access, mut tx: TenantTx, member: Member, role: RoleId) -> Result<RoleChange, Error> {
    let id = member.id;
    let role = tx.book().await?.role(role);
    let former = member.role.clone();
    if former == role {
        tx.close();
        return Ok(RoleChange { member, former });
    }
    if !former.permissions().cover(role.permissions()) {
        access.require_fresh()?;
    }
    let permissions = tx.book().await?.effective(role.id(), &member.groups);
    approvals::require_none_for_role(access, &mut tx, member.permissions, permissions).await?;
    if role != Role::Owner {
        approvals::require_none_to_demote(access, &mut tx, &member).await?;
    }
    sql::set_role(tx.conn(), id, &role).await?;
    let changed = Kind::RoleChanged { from: former.name().to_owned(), to: role.name().to_owned() };
    news::tell(access, &mut tx, id, changed).await?;
    let entry = entry(access, ROLE_CHANGED, &member).changed("role", Public(former.code()), Public(role.code()));
    let gained = detections::gain(access.request(), id, member.permissions, permissions);
    let ended = if gained.is_some() {
        policy::end_outgrown(&mut tx, access.request(), &access.actor(), id).await?
    } else {
        Vec::new()
    };
    tx.record(gained);
    tx.commit_all(access.request(), std::iter::once(entry).chain(ended).collect()).await?;
    Ok(RoleChange { member: Member { role, permissions, ..member }, former })
}

/// Keeps a member out until they are resumed. It takes effect with their next request.
///
/// # Errors
/// As [`change_role`]; oneself.
pub async fn suspend(access: &Access, id: AccountId) -> Result<Member, Error> {
    set_status(access, id, MemberStatus::Suspended).await
}

/// Lets a suspended member in again.
///
/// # Errors
/// As [`change_role`]; a step-up is needed for somebody who may do more than a plain member.
pub async fn resume(access: &Access, id: AccountId) -> Result<Member, Error> {
    set_status(access, id, MemberStatus::Active).await
}

async fn set_status(access: &Access, id: AccountId, status: MemberStatus) -> Result<Member, Error> {
    let (action, _) = change_of(status);
    let (mut tx, member) = begin_change(access, id, Wish::Status(status), action).await?;
    let Some(entry) = put_status(access, &mut tx, &member, status).await? else {
        tx.close();
        return Ok(member);
    };
    tx.commit(access.request(), entry).await?;
    Ok(Member { status, ..member })
}

/// What a change to a status is on record and told as.
fn change_of(status: MemberStatus) -> (Action, Kind) {
    match status {
        MemberStatus::Active => (RESUMED, Kind::Resumed),
        MemberStatus::Suspended => (SUSPENDED, Kind::Suspended),
    }
}

/// Gives a member another status, who was judged in this transaction: the entry of it; nothing, when they have it.
async fn put_status(
    access: &Access,
    tx: &mut TenantTx,
    member: &Member,
    status: MemberStatus,
) -> Result<Option<Draft>, Error> {
    if member.status == status {
        return Ok(None);
    }
    if status == MemberStatus::Active && !Role::Member.permissions().cover(member.permissions) {
        // Rights come back that are worth more than an unattended browser.
        access.require_fresh()?;
    }
    if status == MemberStatus::Suspended {
        approvals::require_none_to_demote(access, tx, member).await?;
    }
    let (action, kind) = change_of(status);
    sql::set_status(tx.conn(), member.id, status).await?;
    news::tell(access, tx, member.id, kind).await?;
    Ok(Some(entry(access, action, member).changed("status", member.status.code(), status.code())))
}

/// Ends a member's access: for every session of now, so that to come in again they show who they are, and for the API keys
/// that act for them, which are taken back. Their sessions go on everywhere else.
///
/// # Errors
/// As [`change_role`]; oneself.
pub async fn end_access(access: &Access, id: AccountId) -> Result<Member, Error> {
    let (mut tx, member) = begin_change(access, id, Wish::EndAccess, ACCESS_ENDED).await?;
    let entries = put_end_with_keys(access, &mut tx, &member).await?;
    tx.commit_all(access.request(), entries).await?;
    Ok(Member { access_ended_at: Some(access.request().now), ..member })
}

/// Ends the access of a member, who was judged in this transaction, and takes the keys back whose secret they have: the entries of it.
async fn put_end_with_keys(access: &Access, tx: &mut TenantTx, member: &Member) -> Result<Vec<Draft>, Error> {
    let entry = put_end(access, tx, member).await?;
    let ids = [member.id];
    let keys = (ids.as_slice(), Why::AccessEnded);
    let revoked = api_keys::revoke_of(access.request(), tx, access.tenant(), keys, entry.actor()).await?;
    Ok(std::iter::once(entry).chain(revoked).collect())
}

/// Ends the access of a member, who was judged in this transaction, for every session of now: the entry of it.
async fn put_end(access: &Access, tx: &mut TenantTx, member: &Member) -> Result<Draft, Error> {
    sql::end_access(tx.conn(), member.id, access.request().now).await?;
    news::tell(access, tx, member.id, Kind::AccessEnded).await?;
    Ok(entry(access, ACCESS_ENDED, member))
}

/// Takes a member out of the organization, if it is the one that is meant. Their account stays theirs.
///
/// # Errors
/// As [`change_role`]; oneself; what `confirm` says of the member.
pub async fn remove(
    access: &Access,
    id: AccountId,
    confirm: impl FnOnce(&Member) -> Result<(), Error>,
) -> Result<Member, Error> {
    let (mut tx, member) = begin_change(access, id, Wish::Remove, REMOVED).await?;
    confirm(&member)?;
    approvals::require_none_to_demote(access, &mut tx, &member).await?;
    news::tell(access, &mut tx, id, Kind::Removed).await?;
    end_membership(access, tx, member, REMOVED).await
}

/// Leaves the organization.
///
/// # Errors
/// The last owner; the database does not answer.
pub async fn leave(access: &Access) -> Result<(), Error> {
    let mut tx = access.begin().await?;
    let locked = Locked::new(&mut tx, &[access.account()]).await?;
    let member = locked.leaving(access.account())?;
    let organization = (access.tenant(), access.organization());
    news::tell_owners(access.request(), &mut tx, organization, locked.members(), &member).await?;
    end_membership(access, tx, member, LEFT).await?;
    Ok(())
}

/// Begins a change of one member: authorizes, locks, and judges by what is true under the lock.
async fn begin_change(access: &Access, id: AccountId, wish: Wish, action: Action) -> Result<(TenantTx, Member), Error> {
    access.require(Permission::ManageMembers, action.clone()).await?;
    let tx = access.begin().await?;
    judge_change(access, tx, id, wish, action).await
}

/// As [`begin_change`], in a transaction that has begun.
async fn judge_change(
    access: &Access,
    mut tx: TenantTx,
    id: AccountId,
    wish: Wish,
    action: Action,
) -> Result<(TenantTx, Member), Error> {
    let locked = Locked::new(&mut tx, &[access.account(), id]).await?;
    match locked.judge(access.account(), id, wish) {
        Ok(member) => Ok((tx, member)),
        Err(Problem::Forbidden) => {
            tx.close();
            if access.is_on_behalf() {
                // Who is not there has tried nothing.
                return Err(Problem::Forbidden.into());
            }
            Err(access.deny(action, Permission::ManageOwners.code()).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn end_membership(access: &Access, tx: TenantTx, member: Member, action: Action) -> Result<Member, Error> {
    let entry = entry(access, action, &member);
    take_out(access.request(), tx, access.tenant(), &member, entry).await?;
    Ok(member)
}

/// Takes a member's row away on both sides, and their keys, and commits with an entry about each.
async fn take_out(
    request: &RequestContext,
    mut tx: TenantTx,
    tenant: TenantId,
    member: &Member,
    entry: Draft,
) -> Result<(), Error> {
    let revoked = api_keys::revoke_of(request, &mut tx, tenant, (&[member.id], Why::Gone), entry.actor()).await?;
    sql::remove(tx.conn(), member.id).await?;
    sql::remove_membership(tx.enter_platform().await?, member.id, tenant).await?;
    tx.leave_platform().await?;
    let data = json!({ "account": member.id, "role": member.role.code() });
    webhooks::post(&mut tx, request.portal(), EventKind::MemberRemoved, data, request.now).await?;
    let entry = entry.removed("role", Public(member.role.code()));
    let groups = member.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let entry = if groups.is_empty() { entry } else { entry.removed("groups", Public(groups)) };
    tx.commit_all(request, std::iter::once(entry).chain(revoked).collect()).await
}

/// Whether an organization would be without an active owner if this person went.
pub(crate) async fn is_only_owner(
    request: &RequestContext,
    tenant: &TenantRef,
    account: AccountId,
) -> Result<bool, Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    let only = sql::is_only_owner(tx.conn(), account).await?;
    tx.close();
    Ok(only)
}

/// Takes somebody out of an organization because their account goes, also one that lets them in no more: a suspension,
/// theirs or the organization's, keeps nobody's account.
pub(crate) async fn depart(request: &RequestContext, visitor: &Visitor, tenant: &TenantRef) -> Result<(), Error> {
    let id = visitor.account.id;
    let mut tx = request.portal().store().tenant(tenant).await?;
    let locked = Locked::new(&mut tx, &[id]).await?;
    let member = match locked.leaving(id) {
        // Somebody else was quicker.
        Err(Problem::NotFound) => {
            tx.close();
            return Ok(());
        }
        member => member?,
    };
    // Nothing of an account that goes is kept for others to read but in trails.
    let nameless = Member { name: "Somebody".to_owned(), ..member.clone() };
    news::tell_owners(request, &mut tx, (tenant.id, &tenant.name), locked.members(), &nameless).await?;
    let entry = Draft::done(LEFT, visitor.actor())
        .target("member", id, Personal(member.name.clone()))
        .because(Public("The account is deleted".to_owned()))
        .within(request.audited());
    take_out(request, tx, tenant.id, &member, entry).await
}

fn entry(access: &Access, action: Action, member: &Member) -> Draft {
    Draft::done(action, access.actor())
        .target("member", member.id, Personal(member.name.clone()))
        .within(access.request().audited())
}
