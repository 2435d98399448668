//! What somebody does with the sessions that are their own: listing and ending them.

use std::collections::HashSet;

use domain::audit::{Action, Draft, Public};
use domain::ids::{AccountId, SessionId};
use domain::problem::Problem;
use time::OffsetDateTime;

use super::{IDLE_LIFETIME, SIGNED_OUT, Visitor, hold, sql};
use crate::error::Error;
use crate::request::RequestContext;

const OTHERS_ENDED: Action = Action::new("session.others_ended");

/// Ends all sessions of a person but this one. Returns how many there were.
///
/// # Errors
/// [`Problem::Changed`], when this one has ended; when the database does not answer.
pub async fn end_others(request: &RequestContext, visitor: &Visitor) -> Result<u64, Error> {
    let mut tx = request.portal().store().platform().await?;
    // A sign-in that is about to take its second step takes it before, and is ended, or finds that it has ended.
    hold(&mut tx, visitor).await?;
    let ended = sql::remove_others(tx.conn(), visitor.account.id, visitor.session).await?;
    let entry = Draft::done(OTHERS_ENDED, visitor.actor())
        .unnamed_target("account", visitor.account.id)
        .added("sessions", Public(ended.to_string()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(ended)
}

/// A session in its owner's list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its name.
    pub id: SessionId,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to a few minutes.
    pub last_seen_at: OffsetDateTime,
    /// The address that it began from.
    pub ip: Option<String>,
    /// What the browser said it is.
    pub device: Option<String>,
}

/// The sessions of a person that are alive, the most recently used first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(request: &RequestContext, visitor: &Visitor) -> Result<Vec<SessionRow>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sql::list(tx.conn(), visitor.account.id, request.now, request.now - IDLE_LIFETIME).await?;
    tx.end().await?;
    Ok(rows)
}

/// Which of these sessions of somebody's are alive, and when they have last shown in each who they are.
pub(crate) async fn alive(
    request: &RequestContext,
    account: AccountId,
    ids: &[SessionId],
) -> Result<Vec<(SessionId, OffsetDateTime)>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let alive = sql::alive(tx.conn(), account, ids, (request.now, request.now - IDLE_LIFETIME)).await?;
    tx.end().await?;
    Ok(alive)
}

/// Which of these sessions are alive, whoever's they are.
pub(crate) async fn all_alive(request: &RequestContext, ids: &[SessionId]) -> Result<HashSet<SessionId>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let alive = sql::all_alive(tx.conn(), ids, (request.now, request.now - IDLE_LIFETIME)).await?;
    tx.end().await?;
    Ok(alive)
}

/// Ends one session of the person's own.
///
/// # Errors
/// Not found, when it is not theirs.
pub async fn end(request: &RequestContext, visitor: &Visitor, id: SessionId) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    if !sql::remove_own(tx.conn(), visitor.account.id, id).await? {
        return Err(Problem::NotFound.into());
    }
    let entry = Draft::done(SIGNED_OUT, visitor.actor()).unnamed_target("session", id).within(request.audited());
    tx.commit(request, entry).await
}

/// Ends several sessions of the person's own, whichever of them are there: how many there were. The one that asks goes
/// on.
///
/// # Errors
/// When the database does not answer.
pub async fn end_several(request: &RequestContext, visitor: &Visitor, ids: &[SessionId]) -> Result<u64, Error> {
    let others: Vec<_> = ids.iter().copied().filter(|id| *id != visitor.session).collect();
    let mut tx = request.portal().store().platform().await?;
    let ended = sql::remove_several(tx.conn(), visitor.account.id, &others).await?;
    let entry = |id: &SessionId| {
        Draft::done(SIGNED_OUT, visitor.actor()).unnamed_target("session", id).within(request.audited())
    };
    let entries: Vec<_> = ended.iter().map(entry).collect();
    if entries.is_empty() {
        tx.end().await?;
    } else {
        tx.commit_all(request, entries).await?;
    }
    Ok(ended.len() as u64)
}
