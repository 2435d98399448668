//! Carrying out what was approved, or what nobody has cancelled in time; and granting what whoever has asked does themselves.

use domain::approvals::{Change, Quorum, Standing, State, USABLE_FOR, Verdict};
use domain::audit::{Action, Actor, Draft, Fact, Personal, Public};
use domain::ids::{AccountId, ApprovalId};
use domain::members::Member;
use domain::notifications::Kind;
use domain::problem::Problem;
use time::Duration;

use super::{CARRIED_OUT, GRANTED, LAPSED, RequestView, entry, quorum_among, sql, tell};
use crate::access::{self, Access};
use crate::api_keys;
use crate::error::Error;
use crate::jobs;
use crate::members;
use crate::organizations;
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// How long what is due waits while there are two owners before somebody looks again.
const AGAIN: Duration = Duration::hours(1);

/// A request, and those whom it depends on: nothing of it changes until the transaction ends.
pub(super) struct Held {
    pub(super) request: RequestView,
    /// Every active owner, whoever has asked, whom it is about, and whoever decides.
    pub(super) locked: Vec<Member>,
}

/// Locks a request and all that it depends on, in the order in which the acts do: then its state is read.
///
/// # Errors
/// Not found.
pub(super) async fn hold(
    tx: &mut TenantTx,
    request: &RequestContext,
    id: ApprovalId,
    decides: Option<AccountId>,
) -> Result<Held, Error> {
    let (change, requested_by) = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    if change.version().is_some() {
        policy::hold(tx).await?;
    }
    let ids: Vec<_> = [Some(requested_by), change.member(), decides].into_iter().flatten().collect();
    let locked = members::lock(tx, &ids).await?;
    Ok(Held { request: read(tx, request, id).await?, locked })
}

/// A request that is locked, as it stands.
pub(super) async fn read(tx: &mut TenantTx, request: &RequestContext, id: ApprovalId) -> Result<RequestView, Error> {
    Ok(sql::lookup(tx.conn(), id, request.now).await?.ok_or(Problem::NotFound)?)
}

/// Does what a request asks for, by whoever's word was the last, or by nobody's because its time has come: for whoever has
/// asked, by what they may do now. What hands something to them is granted.
///
/// # Errors
/// What keeps the act from being done; whoever has asked may not do it any more ([`Problem::Changed`]). Nothing of this
/// transaction is kept then.
pub(super) async fn carry_out(
    request: &RequestContext,
    tenant: &TenantRef,
    mut tx: TenantTx,
    Held { request: asked, locked }: Held,
    (actor, by): (Actor<Fact>, Option<(AccountId, &str)>),
) -> Result<(), Error> {
    let requester = locked.into_iter().find(|member| member.id == asked.requested_by.0).ok_or(Problem::Changed)?;
    if asked.change.is_handed() {
        return grant(request, tenant, tx, (&asked, &requester), (actor, by)).await;
    }
    sql::close(tx.conn(), asked.id, State::CarriedOut, request.now).await?;
    let kind =
        Kind::ApprovalDecided { what: asked.change.name().to_owned(), approval: asked.id, state: State::CarriedOut };
    tell(request, &mut tx, tenant, &[requester.id], (by, kind)).await?;
    let entry = came_about(&mut tx, (CARRIED_OUT, actor), (&asked, &requester.name), by.is_none()).await?;
    tx.write_besides(entry.within(request.audited()));
    let known = (tx.book().await?, policy::in_force(&mut tx).await?);
    let access = access::on_behalf(request, tenant, &requester, known);
    act(&access, tx, asked.change, asked.reason).await.map_err(|error| match error {
        // That is not for whoever approves to hear as theirs.
        Error::Refused(Problem::Forbidden | Problem::NotFound) => Problem::Changed.into(),
        error => error,
    })
}

/// Lets whoever has asked do it themselves, once and soon, and has a worker look whether they have.
async fn grant(
    request: &RequestContext,
    tenant: &TenantRef,
    mut tx: TenantTx,
    (asked, requester): (&RequestView, &Member),
    (actor, by): (Actor<Fact>, Option<(AccountId, &str)>),
) -> Result<(), Error> {
    let (id, until) = (asked.id, request.now + USABLE_FOR);
    sql::grant(tx.conn(), id, (request.now, until)).await?;
    jobs::wake(&mut tx, request, tenant.id, id, until).await?;
    let kind = Kind::ApprovalDecided { what: asked.change.name().to_owned(), approval: id, state: State::Granted };
    tell(request, &mut tx, tenant, &[requester.id], (by, kind)).await?;
    let entry = came_about(&mut tx, (GRANTED, actor), (asked, &requester.name), by.is_none()).await?;
    tx.commit(request, entry.added("until", Public(until.to_string())).within(request.audited())).await
}

/// The entry that tells who had asked, and who had approved or that it waited.
pub(super) async fn came_about(
    tx: &mut TenantTx,
    (action, actor): (Action, Actor<Fact>),
    (asked, name): (&RequestView, &str),
    has_waited: bool,
) -> Result<Draft, Error> {
    let entry = entry(action, actor, asked.id, &asked.change).added("asked_by", Personal(name.to_owned()));
    if let Some(at) = asked.runs_at.filter(|_| has_waited) {
        let hours = (at - asked.requested_at).whole_hours();
        return Ok(entry.added("waited", Public(format!("{hours} hours"))));
    }
    // What was granted is so, whether those who have approved it are owners still or not.
    let is_granted = asked.standing == Standing::Granted;
    let votes = sql::votes(tx.conn(), asked.id).await?.into_iter();
    let votes = votes.filter(|vote| vote.verdict == Verdict::Approve && (vote.counts || is_granted));
    let names: Vec<_> = votes.filter_map(|vote| vote.by.1).collect();
    Ok(entry.added("approved_by", Personal(names.join(", "))))
}

/// The act itself, as it is done at once where nobody has to approve it.
async fn act(access: &Access, tx: TenantTx, change: Change, reason: String) -> Result<(), Error> {
    match change {
        Change::Enforce { .. } | Change::RollBack { .. } => policy::carry(access, tx, change, reason).await,
        Change::Role { member, role } => members::carry_role(access, tx, member, role).await,
        Change::Deletion => organizations::carry_deletion(access, tx).await,
        Change::WiderKey { key, before, after } => api_keys::carry_change(access, tx, key, &before, &after).await,
        // Nobody but whoever has asked is handed anything.
        Change::Export { .. } | Change::Key { .. } => Err(Problem::Changed.into()),
    }
}

/// Carries out what was asked for where there is an only owner, when its time has come and nobody has cancelled it. Where
/// there are two by now, it waits for their word instead, and is looked at again as long as it does: they may leave. What
/// was granted and nobody has used in time is over.
///
/// # Errors
/// The database does not answer: it is tried again.
pub(crate) async fn run_due(request: &RequestContext, tenant: &TenantRef, id: ApprovalId) -> Result<(), Error> {
    let mut tx = request.portal().store().tenant_at_work(tenant).await?;
    let held = match hold(&mut tx, request, id, None).await {
        Ok(held) => held,
        Err(Error::Refused(Problem::NotFound)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let asked = &held.request;
    let is_due = asked.runs_at.is_some_and(|at| at <= request.now) && matches!(asked.quorum, Quorum::Delay(_));
    let is_alone =
        matches!(quorum_among(&held.locked, &asked.change, asked.risk, asked.requested_by.0), Quorum::Delay(_));
    match asked.standing {
        Standing::Waiting if is_due && is_alone => {}
        Standing::Waiting if is_due => {
            jobs::wake(&mut tx, request, tenant.id, id, request.now + AGAIN).await?;
            return tx.keep().await;
        }
        Standing::Stale if is_due => return lapse(request, tenant, tx, held.request).await,
        Standing::Over(State::Lapsed) => return lapse(request, tenant, tx, held.request).await,
        _ => return Ok(()),
    }
    match carry_out(request, tenant, tx, held, (Actor::system(), None)).await {
        Err(Error::Refused(_) | Error::Invalid(_)) => {
            let mut tx = request.portal().store().tenant_at_work(tenant).await?;
            let Held { request: asked, .. } = hold(&mut tx, request, id, None).await?;
            match asked.standing {
                Standing::Waiting | Standing::Stale => lapse(request, tenant, tx, asked).await,
                // Somebody has decided in between.
                Standing::Expired | Standing::Granted | Standing::Over(_) => Ok(()),
            }
        }
        outcome => outcome,
    }
}

/// Notes that a request could not be carried out when its time had come, or the last owner had approved it, or that nobody
/// has used it. Nothing, where that is on record already.
pub(super) async fn lapse(
    request: &RequestContext,
    tenant: &TenantRef,
    mut tx: TenantTx,
    asked: RequestView,
) -> Result<(), Error> {
    let (id, change, state) = (asked.id, &asked.change, State::Lapsed);
    if !sql::close(tx.conn(), id, state, request.now).await? {
        tx.close();
        return Ok(());
    }
    let kind = Kind::ApprovalDecided { what: change.name().to_owned(), approval: id, state };
    tell(request, &mut tx, tenant, &[asked.requested_by.0], (None, kind)).await?;
    let name = asked.requested_by.1.unwrap_or_else(|| "Somebody who left".to_owned());
    let entry = entry(LAPSED, Actor::system(), id, change).added("asked_by", Personal(name)).within(request.audited());
    tx.commit(request, entry).await
}
