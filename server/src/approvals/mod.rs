//! Owner approval: what somebody asks for, and other owners approve.
//!
//! A request names an act of another slice and carries what it would change. The last approval that it needs carries it out
//! in its own transaction, by the function that does the act at once, for whoever has asked and by what they may do then.
//! Where there is an only owner nobody approves anything: what is asked for waits, can be cancelled, and is carried out by
//! a worker. What hands something to whoever has asked – a file, a secret that is shown once – is granted instead: they do
//! it themselves, once, for exactly what was approved.

mod ask;
mod ask_handed;
mod carry;
mod decide;
mod hand;
mod sql;

use domain::approvals::{Change, Quorum, ReplaySummary, Risk, Standing, Verdict, administers, quorum};
use domain::audit::{Action, Actor, Draft, Fact};
use domain::ids::{AccountId, ApprovalId};
use domain::members::Member;
use domain::notifications::{Kind, News};
use domain::paging::{Cursor, Page};
use domain::policy::Difference;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions, Role};
use time::OffsetDateTime;

pub use ask::{RoleForm, ask_to_delete, ask_to_enforce, ask_to_roll_back, ask_to_set_role};
pub use ask_handed::{ask_to_create_key, ask_to_export, ask_to_widen_key};
pub(crate) use carry::run_due;
pub use decide::{Decided, cancel, decide};
pub use hand::{Handed, hand_over};

use crate::access::Access;
use crate::api_keys;
use crate::error::Error;
use crate::members;
use crate::notifications;
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

const REQUESTED: Action = Action::new("approval.requested");
const APPROVED: Action = Action::new("approval.approved");
const DENIED: Action = Action::new("approval.denied");
const CANCELLED: Action = Action::new("approval.cancelled");
const GRANTED: Action = Action::new("approval.granted");
const CARRIED_OUT: Action = Action::new("approval.carried_out");
const LAPSED: Action = Action::new("approval.lapsed");

/// Somebody's account and name; no name, when they are in the organization no more.
pub type Whom = (AccountId, Option<String>);

/// A request, as it is shown.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// Its id.
    pub id: ApprovalId,
    /// What is asked for.
    pub change: Change,
    /// The member whom it is about.
    pub subject: Option<String>,
    /// What it was to take the place of: a version of the policy, or the code of a role.
    pub base: String,
    /// What the policy would have done when somebody asked.
    pub replay: Option<ReplaySummary>,
    /// What it may do.
    pub risk: Risk,
    /// What had to happen when somebody asked.
    pub quorum: Quorum,
    /// How many approvals count.
    pub given: usize,
    /// Who asks.
    pub requested_by: Whom,
    /// Why.
    pub reason: String,
    /// When they have asked.
    pub requested_at: OffsetDateTime,
    /// When it is over in any case: of one that was granted, until when it can be used.
    pub expires_at: OffsetDateTime,
    /// When it is carried out, of an only owner's.
    pub runs_at: Option<OffsetDateTime>,
    /// How it stands.
    pub standing: Standing,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
}

/// What an owner has said.
#[derive(Clone, Debug)]
pub struct VoteView {
    /// Who.
    pub by: Whom,
    /// What.
    pub verdict: Verdict,
    /// What they have said about it.
    pub note: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether it counts: they are an owner still.
    pub counts: bool,
}

/// A request with all that is known of it.
#[derive(Clone, Debug)]
pub struct RequestDetail {
    /// The request.
    pub request: RequestView,
    /// What it changes in the policy.
    pub changes: Vec<Difference>,
    /// What owners have said.
    pub votes: Vec<VoteView>,
    /// What has to happen by now.
    pub quorum: Quorum,
    /// Whether whoever looks may decide.
    pub may_decide: bool,
    /// Whether whoever looks may cancel it.
    pub may_cancel: bool,
    /// Whether whoever looks may do what was approved.
    pub may_use: bool,
    /// What the service account is called that a key is asked for.
    pub account: Option<String>,
}

/// The requests that wait, and a page of the others.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Those that wait, or that whoever has asked can use, the newest first.
    pub waiting: Vec<RequestView>,
    /// Those that are over.
    pub past: Page<RequestView>,
}

/// Whether somebody sees the requests of others.
pub fn may_view(access: &Access) -> bool {
    access.may(Permission::ManageOwners) || policy::may_view(access)
}

/// Whose requests somebody sees: everybody's, or their own.
fn seen_by(access: &Access) -> Option<AccountId> {
    (!may_view(access)).then(|| access.account())
}

/// The requests; of whoever may not see those of others, their own.
///
/// # Errors
/// The database does not answer.
pub async fn list(access: &Access, cursor: Option<&Cursor>) -> Result<Requests, Error> {
    let (of, now) = (seen_by(access), access.request().now);
    let mut tx = access.begin().await?;
    let waiting = sql::waiting(tx.conn(), of, now).await?;
    let total = sql::count_past(tx.conn(), of, now).await?;
    let past = sql::past(tx.conn(), of, now, cursor).await?;
    tx.close();
    let key = |request: &RequestView| (crate::paging::time_value(request.requested_at), request.id.to_string());
    Ok(Requests { waiting, past: Page::assemble(past, cursor, total, key) })
}

/// One request.
///
/// # Errors
/// Not found, also when whoever asks may not see it.
pub async fn lookup(access: &Access, id: ApprovalId) -> Result<RequestDetail, Error> {
    let (me, now) = (access.account(), access.request().now);
    let mut tx = access.begin().await?;
    let request = sql::lookup(tx.conn(), id, now).await?.ok_or(Problem::NotFound)?;
    let is_own = request.requested_by.0 == me;
    if !is_own && !may_view(access) {
        return Err(Problem::NotFound.into());
    }
    let votes = sql::votes(tx.conn(), id).await?;
    let changes = match (request.base.parse(), request.change.version()) {
        (Ok(base), Some(version)) => policy::changes_of(&mut tx, base, version).await?,
        _ => Vec::new(),
    };
    let account = match &request.change {
        Change::Key { key } => api_keys::account_name(&mut tx, key.account).await?,
        _ => None,
    };
    let owners = members::sql::holders(&mut tx, Permission::ManageOwners).await?;
    tx.close();
    let waits = request.standing == Standing::Waiting;
    let has_voted = votes.iter().any(|vote| vote.by.0 == me);
    let is_owner = access.role().id() == Role::Owner.into();
    let owners = owners.into_iter().map(|(owner, _)| owner);
    let needed = request.quorum.stricter(quorum_of(owners, &request.change, request.risk, request.requested_by.0));
    let speaks = is_heard(&request.change, needed, me);
    Ok(RequestDetail {
        quorum: if waits { needed } else { request.quorum },
        may_decide: waits && is_owner && !is_own && !has_voted && speaks,
        may_cancel: is_own && may_be_cancelled(request.standing),
        may_use: is_own && request.standing == Standing::Granted,
        account,
        request,
        changes,
        votes,
    })
}

/// Whether whoever has asked can still take it back.
const fn may_be_cancelled(standing: Standing) -> bool {
    matches!(standing, Standing::Waiting | Standing::Stale | Standing::Granted)
}

/// What has to happen for what somebody asks, by the active owners. Who would be one no more is not counted.
fn quorum_of(owners: impl Iterator<Item = AccountId>, change: &Change, risk: Risk, requested_by: AccountId) -> Quorum {
    let owners: Vec<_> = owners.filter(|owner| change.demoted() != Some(*owner)).collect();
    quorum(risk, owners.len(), owners.contains(&requested_by))
}

/// As [`quorum_of`], by members among whom every active owner is.
fn quorum_among(members: &[Member], change: &Change, risk: Risk, requested_by: AccountId) -> Quorum {
    let owners = members.iter().filter(|member| members::is_active_owner(member)).map(|owner| owner.id);
    quorum_of(owners, change, risk, requested_by)
}

/// Whether an owner has a say: who would be one no more has one only where no other owner could say no.
fn is_heard(change: &Change, needed: Quorum, owner: AccountId) -> bool {
    change.demoted() != Some(owner) || matches!(needed, Quorum::Delay(_))
}

/// Whether too few owners could approve what whoever asks wants, so that it would wait instead: also when it takes
/// ownership from this member.
///
/// # Errors
/// The database does not answer.
pub async fn is_alone(access: &Access, demoted: Option<AccountId>) -> Result<bool, Error> {
    let mut tx = access.begin().await?;
    let owners = members::sql::holders(&mut tx, Permission::ManageOwners).await?;
    tx.close();
    Ok(owners.iter().filter(|(owner, _)| Some(*owner) != demoted).count() < 2)
}

/// How many requests wait for the word of whoever asks; none for who is no owner.
///
/// # Errors
/// The database does not answer.
pub async fn count_waiting(access: &Access) -> Result<u64, Error> {
    if access.role().id() != Role::Owner.into() {
        return Ok(0);
    }
    let mut tx = access.begin().await?;
    let count = sql::count_for(tx.conn(), access.account(), access.request().now).await?;
    tx.close();
    Ok(count)
}

/// Whether other owners have to approve that somebody who may do the one may do the other, in a transaction of the
/// organization's.
pub(crate) async fn is_needed_for_role(
    tx: &mut TenantTx,
    before: Permissions,
    after: Permissions,
) -> Result<bool, Error> {
    if !administers(before, after) {
        return Ok(false);
    }
    Ok(policy::in_force(tx).await?.document().approval_needed.for_role(before, after))
}

/// Whether other owners have to approve that this member is an owner or comes in no more.
pub(crate) async fn is_needed_to_demote(access: &Access, tx: &mut TenantTx, member: &Member) -> Result<bool, Error> {
    let takes = members::is_active_owner(member) && member.id != access.account();
    Ok(takes && policy::in_force(tx).await?.document().approval_needed.roles)
}

/// Goes on only if nobody has to approve that this member is an owner or comes in no more, or others have.
///
/// # Errors
/// [`Problem::ApprovalFirst`].
pub(crate) async fn require_none_to_demote(access: &Access, tx: &mut TenantTx, member: &Member) -> Result<(), Error> {
    if !access.is_on_behalf() && is_needed_to_demote(access, tx, member).await? {
        return Err(Problem::ApprovalFirst.into());
    }
    Ok(())
}

/// Goes on only if nobody has to approve that, or others have.
///
/// # Errors
/// [`Problem::ApprovalFirst`].
pub(crate) async fn require_none_for_role(
    access: &Access,
    tx: &mut TenantTx,
    before: Permissions,
    after: Permissions,
) -> Result<(), Error> {
    if !access.is_on_behalf() && is_needed_for_role(tx, before, after).await? {
        return Err(Problem::ApprovalFirst.into());
    }
    Ok(())
}

/// Goes on only if nobody has to approve that the audit trail is exported.
///
/// # Errors
/// [`Problem::ApprovalFirst`].
pub(crate) async fn require_none_for_export(tx: &mut TenantTx) -> Result<(), Error> {
    let needed = policy::in_force(tx).await?.document().approval_needed.exports;
    if needed { Err(Problem::ApprovalFirst.into()) } else { Ok(()) }
}

/// Goes on only if nobody has to approve that a key comes to hold these scopes.
///
/// # Errors
/// [`Problem::ApprovalFirst`].
pub(crate) async fn require_none_for_key(tx: &mut TenantTx, given: Permissions) -> Result<(), Error> {
    let needed = policy::in_force(tx).await?.document().approval_needed.for_key(given);
    if needed { Err(Problem::ApprovalFirst.into()) } else { Ok(()) }
}

/// The entry of what is done with a request.
fn entry(action: Action, actor: Actor<Fact>, id: ApprovalId, change: &Change) -> Draft {
    Draft::done(action, actor).target("approval", id, change.name()).added("act", change.code())
}

/// Tells people of a request, in its transaction.
async fn tell(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: &TenantRef,
    to: &[AccountId],
    (by, kind): (Option<(AccountId, &str)>, Kind),
) -> Result<(), Error> {
    let news = News {
        organization: tenant.name.clone(),
        by: by.map(|(_, name)| name.to_owned()),
        actor: by.map(|(id, _)| id),
        kind,
    };
    notifications::add(tx.enter_platform().await?, request, tenant.id, to, &news).await?;
    tx.leave_platform().await
}
