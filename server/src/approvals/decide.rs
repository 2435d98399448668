//! What owners say about a request, and who has asked and wants it no more.

use domain::approvals::{Standing, State, Verdict, VoteForm};
use domain::audit::{Action, Draft, Personal};
use domain::ids::ApprovalId;
use domain::members::Member;
use domain::notifications::Kind;
use domain::problem::Problem;
use domain::roles::Permission;

use super::carry::{self, Held};
use super::{APPROVED, CANCELLED, DENIED, RequestView, entry, is_heard, may_be_cancelled, quorum_among, sql, tell};
use crate::access::Access;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;

/// What came of an owner's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It counts, and others have to approve, too.
    Counted,
    /// It was the last one that was needed: it is done.
    CarriedOut,
    /// It was the last one that was needed: whoever has asked can do it now.
    Granted,
    /// It is not done.
    Denied,
    /// It was the last one that was needed, and it cannot be done any more: it is over.
    Lapsed,
}

/// Says whether a request is to be carried out. One that no more approvals are needed for is done at once, and one denial is
/// enough for it not to be.
///
/// # Errors
/// No owner, or whoever has asked, or would be an owner no more where others decide; not found; a note that is none; a
/// step-up is needed; it is over, overtaken, or they have said something already ([`Problem::Changed`]).
pub async fn decide(access: &Access, id: ApprovalId, verdict: Verdict, form: &VoteForm) -> Result<Decided, Error> {
    let action = match verdict {
        Verdict::Approve => APPROVED,
        Verdict::Deny => DENIED,
    };
    access.require(Permission::ManageOwners, action.clone()).await?;
    let mut tx = access.begin().await?;
    let Held { request, locked } = carry::hold(&mut tx, access.request(), id, Some(access.account())).await?;
    let note = form.parse(verdict).map_err(|problem| Error::field("note", problem))?;
    access.require_fresh()?;
    let is_owner = |member: &Member| member.id == access.account() && members::is_active_owner(member);
    let now = quorum_among(&locked, &request.change, request.risk, request.requested_by.0);
    let needed = request.quorum.stricter(now);
    let is_other = request.requested_by.0 != access.account() && is_heard(&request.change, needed, access.account());
    if !is_other || !locked.iter().any(is_owner) {
        tx.close();
        return Err(access.deny(action, "another owner").await?);
    }
    if request.standing != Standing::Waiting {
        return Err(Problem::Changed.into());
    }
    vote(access, &mut tx, id, (verdict, note.as_deref())).await?;
    let entry = said_by(access, action, id, &request, note.clone());
    if verdict == Verdict::Deny {
        deny(access, tx, &request, entry).await?;
        return Ok(Decided::Denied);
    }
    // With the one that was given just now.
    let request = carry::read(&mut tx, access.request(), id).await?;
    if !needed.is_met(request.given) {
        tx.commit(access.request(), entry).await?;
        return Ok(Decided::Counted);
    }
    tx.write_besides(entry);
    let me = &access.visitor().account;
    let by = (access.actor(), Some((me.id, me.name.as_str())));
    let done = if request.change.is_handed() { Decided::Granted } else { Decided::CarriedOut };
    match carry::carry_out(access.request(), access.tenant_ref(), tx, Held { request, locked }, by).await {
        Ok(()) => Ok(done),
        Err(Error::Refused(_) | Error::Invalid(_)) => give_up(access, id, note).await,
        Err(error) => Err(error),
    }
}

/// Keeps what an owner has said, as long as they have not.
async fn vote(access: &Access, tx: &mut TenantTx, id: ApprovalId, said: (Verdict, Option<&str>)) -> Result<(), Error> {
    let voted = sql::vote(tx.conn(), id, access.account(), said, access.request().now).await;
    voted.map_err(|error| if error.violates("approval_votes_pkey") { Problem::Changed.into() } else { error })
}

/// Keeps the last approval of what could not be carried out, and that it is over: nobody waits for it any more.
async fn give_up(access: &Access, id: ApprovalId, note: Option<String>) -> Result<Decided, Error> {
    let mut tx = access.begin().await?;
    let Held { request, .. } = carry::hold(&mut tx, access.request(), id, Some(access.account())).await?;
    if !matches!(request.standing, Standing::Waiting | Standing::Stale) {
        return Err(Problem::Changed.into());
    }
    vote(access, &mut tx, id, (Verdict::Approve, note.as_deref())).await?;
    tx.write_besides(said_by(access, APPROVED, id, &request, note));
    carry::lapse(access.request(), access.tenant_ref(), tx, request).await?;
    Ok(Decided::Lapsed)
}

fn said_by(access: &Access, action: Action, id: ApprovalId, request: &RequestView, note: Option<String>) -> Draft {
    let entry = entry(action, access.actor(), id, &request.change).within(access.request().audited());
    match note {
        Some(note) => entry.because(Personal(note)),
        None => entry,
    }
}

async fn deny(access: &Access, mut tx: TenantTx, request: &RequestView, entry: Draft) -> Result<(), Error> {
    sql::close(tx.conn(), request.id, State::Denied, access.request().now).await?;
    let (what, me) = (request.change.name().to_owned(), &access.visitor().account);
    let kind = Kind::ApprovalDecided { what, approval: request.id, state: State::Denied };
    let by = Some((me.id, me.name.as_str()));
    tell(access.request(), &mut tx, access.tenant_ref(), &[request.requested_by.0], (by, kind)).await?;
    tx.commit(access.request(), entry).await
}

/// Takes a request back.
///
/// # Errors
/// Not found, also when it is somebody else's who may not be known; forbidden, when it is another's; it is over
/// ([`Problem::Changed`]).
pub async fn cancel(access: &Access, id: ApprovalId) -> Result<(), Error> {
    let mut tx = access.begin().await?;
    let (change, requested_by) = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    if requested_by != access.account() {
        tx.close();
        if !super::may_view(access) {
            return Err(Problem::NotFound.into());
        }
        return Err(access.deny(CANCELLED, "whoever has asked").await?);
    }
    let request = carry::read(&mut tx, access.request(), id).await?;
    if !may_be_cancelled(request.standing) {
        return Err(Problem::Changed.into());
    }
    sql::close(tx.conn(), id, State::Cancelled, access.request().now).await?;
    let entry = entry(CANCELLED, access.actor(), id, &change).within(access.request().audited());
    tx.commit(access.request(), entry).await
}
