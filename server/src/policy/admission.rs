//! How many sessions are inside an organization at a time.

use std::collections::HashSet;

use domain::ids::{AccountId, SessionId};
use domain::policy::SecurityPolicy;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::sql;
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions;
use crate::store::TenantTx;

/// What there is for a session that is about to come in.
pub(crate) struct Admission {
    /// How many others are inside.
    pub(crate) inside: u32,
    /// How many of them were ended for it.
    pub(crate) ended: usize,
}

/// Looks how many other sessions are inside, for one that is about to come in, where the organization has a limit. They are
/// counted one newcomer after the other: the next one waits until this transaction ends. When there are too many and the
/// newcomer is given way, those that were used longest ago are ended.
pub(crate) async fn admit(
    tx: &mut TenantTx,
    request: &RequestContext,
    policy: &SecurityPolicy,
    newcomer: (AccountId, SessionId),
    gives_way: bool,
) -> Result<Option<Admission>, Error> {
    let Some(most) = policy.sessions_in_organization else { return Ok(None) };
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let since = request.now - time::Duration::minutes(policy.idle_minutes.into());
    // Some may have signed out meanwhile, of which nobody tells the organization. It is looked up before anybody waits.
    let before = inside(tx.conn(), since, newcomer).await?;
    let gone: HashSet<_> = if before.len() >= limit {
        let alive = sessions::all_alive(request, &before).await?;
        before.into_iter().filter(|id| !alive.contains(id)).collect()
    } else {
        HashSet::new()
    };
    sql::lock(tx.conn()).await?;
    let mut inside = inside(tx.conn(), since, newcomer).await?;
    let mut ended = 0;
    if inside.len() >= limit {
        let (over, still): (Vec<_>, Vec<_>) = inside.into_iter().partition(|id| gone.contains(id));
        end(tx.conn(), &over, request.now).await?;
        inside = still;
    }
    if inside.len() >= limit && gives_way {
        ended = inside.len() + 1 - limit;
        end(tx.conn(), &inside[..ended], request.now).await?;
        inside.drain(..ended);
    }
    Ok(Some(Admission { inside: u32::try_from(inside.len()).unwrap_or(u32::MAX), ended }))
}

/// The other sessions that are inside: used since then and not ended, the one that was used longest ago first.
async fn inside(
    conn: &mut PgConnection,
    since: OffsetDateTime,
    (account, session): (AccountId, SessionId),
) -> Result<Vec<SessionId>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT s.session_id FROM member_sessions s JOIN members m USING (account_id)
         WHERE s.last_seen_at > $1 AND m.status = 'active' AND NOT (s.account_id = $2 AND s.session_id = $3)
           AND coalesce(s.last_seen_at > greatest(m.access_ended_at, s.ended_at), true)
         ORDER BY s.last_seen_at, s.session_id",
        since,
        account.0,
        session.0
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SessionId).collect())
}

async fn end(conn: &mut PgConnection, sessions: &[SessionId], now: OffsetDateTime) -> Result<(), Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = sessions.iter().map(|session| session.0).collect();
    sqlx::query!("UPDATE member_sessions SET ended_at = $2 WHERE session_id = ANY($1)", &ids, now)
        .execute(conn)
        .await?;
    Ok(())
}
