//! Queries on the organization's own copy of its members' sessions.

use domain::ids::{AccountId, SessionId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::request::RequestContext;

/// For how long it is kept when a member has come with which session.
const KEPT: Duration = Duration::days(90);
/// The most sessions of a member that are looked at.
const LOOKED_AT: i64 = 500;

/// A session that a member has come with.
pub(in crate::members) struct Seen {
    pub(in crate::members) id: SessionId,
    pub(in crate::members) ip: Option<String>,
    pub(in crate::members) device: Option<String>,
    pub(in crate::members) first_seen_at: OffsetDateTime,
    pub(in crate::members) last_seen_at: OffsetDateTime,
    /// When somebody has ended it, or all of them, here.
    pub(in crate::members) ended_at: Option<OffsetDateTime>,
}

/// Notes that a member was here, and with which session, and forgets some of those with which nobody has come for long:
/// one statement. Of somebody who is removed just now it notes nothing.
pub(crate) async fn seen(
    conn: &mut PgConnection,
    id: AccountId,
    session: SessionId,
    request: &RequestContext,
) -> Result<(), Error> {
    sqlx::query!(
        "WITH member AS (
             UPDATE members SET last_seen_at = $5 WHERE account_id = $1 RETURNING account_id
         ), gone AS (
             DELETE FROM member_sessions WHERE (account_id, session_id) IN (
                 SELECT account_id, session_id FROM member_sessions WHERE last_seen_at < $6
                 ORDER BY last_seen_at LIMIT 100 FOR UPDATE SKIP LOCKED)
         )
         INSERT INTO member_sessions (account_id, session_id, ip, device, first_seen_at, last_seen_at)
         SELECT account_id, $2, $3::inet, $4::text, $5, $5 FROM member
         ON CONFLICT (account_id, session_id) DO UPDATE
         SET ip = EXCLUDED.ip, device = EXCLUDED.device,
             last_seen_at = greatest(member_sessions.last_seen_at, EXCLUDED.last_seen_at)",
        id.0,
        session.0,
        request.ip.map(sqlx::types::ipnet::IpNet::from),
        request.device,
        request.now,
        request.now - KEPT
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The sessions that a member has come with, the most recent first.
pub(in crate::members) async fn list_seen(conn: &mut PgConnection, id: AccountId) -> Result<Vec<Seen>, Error> {
    let rows = sqlx::query!(
        "SELECT s.session_id, s.ip, s.device, s.first_seen_at, s.last_seen_at,
                greatest(m.access_ended_at, s.ended_at) AS ended_at
         FROM member_sessions s JOIN members m USING (account_id)
         WHERE s.account_id = $1 ORDER BY s.last_seen_at DESC, s.session_id LIMIT $2",
        id.0,
        LOOKED_AT
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Seen {
            id: SessionId(row.session_id),
            ip: row.ip.map(|ip| ip.addr().to_string()),
            device: row.device,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            ended_at: row.ended_at,
        })
        .collect())
}

/// Has whoever comes with a session show who they are first; false when the member has not come with it.
pub(in crate::members) async fn end_session(
    conn: &mut PgConnection,
    id: AccountId,
    session: SessionId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let ended = sqlx::query!(
        "UPDATE member_sessions SET ended_at = $3 WHERE account_id = $1 AND session_id = $2",
        id.0,
        session.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() > 0)
}
