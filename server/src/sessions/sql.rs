//! Queries on sessions.

use std::collections::HashSet;

use domain::accounts::{Account, Theme};
use domain::factors::FactorSummary;
use domain::ids::{AccountId, SessionId, TenantId};
use domain::organizations::TenantStatus;
use domain::policy::SignInMethod;
use ipnet::IpNet;
use sqlx::{Executor, PgConnection, Postgres};
use time::{Duration, OffsetDateTime};

use super::{Arrival, Halfway, Memberships, SessionRow, Stage, Visitor};
use crate::error::Error;
use crate::passwords;
use crate::request::RequestContext;
use crate::store::TenantRef;

pub(super) struct NewSession {
    pub(super) id_hash: [u8; 32],
    pub(super) id: SessionId,
    pub(super) account: AccountId,
    pub(super) epoch: i64,
    pub(super) stage: &'static str,
    pub(super) method: &'static str,
    pub(super) expires_at: OffsetDateTime,
    pub(super) elevated_until: OffsetDateTime,
}

pub(super) async fn add(conn: &mut PgConnection, session: &NewSession, request: &RequestContext) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.sessions
             (id_hash, id, account_id, epoch, stage, created_at, last_seen_at, authenticated_at, expires_at,
              elevated_until, ip, device, data, method)
         VALUES ($1, $2, $3, $4, $10, $5, $5, $5, $6, $7, $8, $9, '{}', $11)",
        &session.id_hash,
        session.id.0,
        session.account.0,
        session.epoch,
        request.now,
        session.expires_at,
        session.elevated_until,
        request.ip.map(IpNet::from),
        request.device,
        session.stage,
        session.method
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The session of this hash with its data, if it is alive: whose it is, what they have besides a password, and the
/// organizations that they are in. One statement, because every request begins with it.
pub(super) async fn lookup(
    conn: impl Executor<'_, Database = Postgres>,
    id_hash: [u8; 32],
    now: OffsetDateTime,
    idle_since: OffsetDateTime,
) -> Result<Option<(Arrival, OffsetDateTime, serde_json::Value)>, sqlx::Error> {
    // A row for each organization, and one for somebody who is in none.
    let mut rows = sqlx::query!(
        r#"SELECT s.id, s.epoch, s.stage, s.last_seen_at, s.expires_at, s.elevated_until, s.data, s.method,
                  w.length AS "password_length?", w.score AS "password_score?", w.changed_at AS "password_changed_at?",
                  s.authenticated_at, s.longest_pause, n.newer AS "newer!", n.older AS "older!", f.authenticators AS "authenticators!",
                  f.passkeys AS "passkeys!", f.recovery_codes AS "recovery_codes!",
                  a.id AS account_id, a.email, a.email_proven_at, a.name, a.time_zone, a.theme, a.shortcuts,
                  a.last_tenant_id, p.invitations AS "invitations!", u.unread AS "unread!",
                  t.id AS "tenant_id?", t.name AS "tenant_name?", t.slug AS "slug?", t.status AS "status?",
                  t.lane AS "lane?", t.schema_version AS "schema_version?"
           FROM platform.sessions s
           JOIN platform.accounts a ON a.id = s.account_id AND a.epoch = s.epoch
           LEFT JOIN platform.passwords w ON w.account_id = a.id
           CROSS JOIN LATERAL (
             SELECT count(*) AS invitations FROM platform.pending_invitations i
             JOIN platform.tenants t ON t.id = i.tenant_id AND t.status = 'active'
             WHERE i.email = a.email AND i.expires_at > $2 AND a.email_proven_at IS NOT NULL
           ) p
           CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE (o.authenticated_at, o.id) > (s.authenticated_at, s.id)) AS newer,
                    count(*) FILTER (WHERE (o.created_at, o.id) < (s.created_at, s.id)) AS older
             FROM platform.sessions o
             WHERE o.account_id = s.account_id AND o.epoch = s.epoch AND o.stage = 'full'
               AND o.expires_at > $2 AND o.last_seen_at > $3
           ) n
           CROSS JOIN LATERAL (
             SELECT (SELECT count(*) FROM platform.authenticators
                     WHERE account_id = a.id AND confirmed_at IS NOT NULL) AS authenticators,
                    (SELECT count(*) FROM platform.passkeys WHERE account_id = a.id) AS passkeys,
                    (SELECT count(*) FROM platform.recovery_codes
                     WHERE account_id = a.id AND used_at IS NULL) AS recovery_codes
           ) f
           CROSS JOIN LATERAL (
             SELECT count(*) AS unread FROM
               (SELECT FROM platform.notifications WHERE account_id = a.id AND read_at IS NULL LIMIT 100) few
           ) u
           LEFT JOIN (platform.memberships m JOIN platform.tenants t ON t.id = m.tenant_id) ON m.account_id = a.id
           WHERE s.id_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3
           ORDER BY lower(t.name), t.id"#,
        &id_hash,
        now,
        idle_since
    )
    .fetch_all(conn)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &mut rows {
        let Some(id) = row.tenant_id else { continue };
        all.push(TenantRef {
            id: TenantId(id),
            name: row.tenant_name.take().unwrap_or_default(),
            slug: row.slug.take().unwrap_or_default(),
            status: row.status.as_deref().and_then(TenantStatus::from_code).unwrap_or(TenantStatus::Suspended),
            lane: row.lane.and_then(|lane| u16::try_from(lane).ok()).unwrap_or(0),
            schema_version: row.schema_version.unwrap_or(0),
        });
    }
    Ok(rows.into_iter().next().map(|row| {
        let account = Account {
            id: AccountId(row.account_id),
            email: row.email,
            email_proven: row.email_proven_at.is_some(),
            name: row.name,
            time_zone: row.time_zone,
            theme: Theme::from_code(&row.theme).unwrap_or_default(),
            shortcuts: row.shortcuts,
        };
        if row.stage != Stage::Full.code() {
            let halfway = Halfway { session: SessionId(row.id), account, epoch: row.epoch };
            return (Arrival::Halfway(halfway), row.expires_at, row.data);
        }
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let memberships = Memberships {
            all,
            last: row.last_tenant_id.map(TenantId),
            invitations: count(row.invitations),
            unread: count(row.unread),
        };
        let visitor = Visitor {
            session: SessionId(row.id),
            account,
            epoch: row.epoch,
            factors: FactorSummary {
                authenticators: count(row.authenticators),
                passkeys: count(row.passkeys),
                recovery_codes: count(row.recovery_codes),
            },
            method: SignInMethod::from_code(&row.method).unwrap_or_default(),
            password: passwords::noted(row.password_length, row.password_score, row.password_changed_at),
            last_seen_at: row.last_seen_at,
            authenticated_at: row.authenticated_at,
            pause: Duration::seconds(row.longest_pause).max(now - row.last_seen_at),
            newer_sessions: count(row.newer),
            older_sessions: count(row.older),
            elevated_until: row.elevated_until,
            memberships,
        };
        (Arrival::Inside(Box::new(visitor)), row.expires_at, row.data)
    }))
}

pub(super) async fn save_data(
    conn: &mut PgConnection,
    id_hash: [u8; 32],
    data: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE platform.sessions SET data = $2 WHERE id_hash = $1", &id_hash, data).execute(conn).await?;
    Ok(())
}

pub(super) async fn remove_by_hash(conn: &mut PgConnection, id_hash: [u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM platform.sessions WHERE id_hash = $1", &id_hash).execute(conn).await?;
    Ok(())
}

/// Locks an account, and then looks whether a session of it is alive.
pub(super) async fn hold(conn: &mut PgConnection, account: AccountId, id: SessionId) -> Result<bool, Error> {
    let epoch = sqlx::query_scalar!("SELECT epoch FROM platform.accounts WHERE id = $1 FOR NO KEY UPDATE", account.0)
        .fetch_optional(&mut *conn)
        .await?;
    let alive = sqlx::query_scalar!(
        r#"SELECT true AS "alive!" FROM platform.sessions WHERE id = $1 AND account_id = $2 AND epoch = $3"#,
        id.0,
        account.0,
        epoch
    )
    .fetch_optional(conn)
    .await?;
    Ok(alive.is_some())
}

/// Ends the sign-ins of an account that wait for their second step.
pub(super) async fn remove_halfway(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.sessions WHERE account_id = $1 AND stage = 'password'", account.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives a session another secret and a later end of its elevation: its owner has just shown who they are. False when it
/// has ended.
pub(super) async fn elevate(
    conn: &mut PgConnection,
    (id, method): (SessionId, SignInMethod),
    id_hash: [u8; 32],
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.sessions
         SET id_hash = $2, authenticated_at = $3, longest_pause = 0, last_seen_at = $3, elevated_until = $4,
             method = $5
         WHERE id = $1",
        id.0,
        &id_hash,
        now,
        until,
        method.code()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of an account but one, which gets another secret, and goes on as old as it is. False when it has
/// ended.
pub(super) async fn go_on_alone(
    conn: &mut PgConnection,
    visitor: &Visitor,
    id_hash: [u8; 32],
    now: OffsetDateTime,
    elevated: Option<(OffsetDateTime, SignInMethod)>,
) -> Result<bool, Error> {
    let account = visitor.account.id;
    let epoch =
        sqlx::query_scalar!("UPDATE platform.accounts SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", account.0)
            .fetch_optional(&mut *conn)
            .await?;
    remove_others(conn, account, visitor.session).await?;
    let done = sqlx::query!(
        "UPDATE platform.sessions
         SET id_hash = $3, epoch = $4, elevated_until = coalesce($6, elevated_until), last_seen_at = $5,
             method = coalesce($7, method),
             longest_pause = greatest(longest_pause, floor(extract(epoch FROM $5::timestamptz - last_seen_at))::bigint)
         WHERE id = $1 AND account_id = $2",
        visitor.session.0,
        account.0,
        &id_hash,
        epoch,
        now,
        elevated.map(|(until, _)| until),
        elevated.map(|(_, method)| method.code())
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn seen(conn: &mut PgConnection, id: SessionId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.sessions
         SET longest_pause = greatest(longest_pause, floor(extract(epoch FROM $2::timestamptz - last_seen_at))::bigint),
             last_seen_at = greatest(last_seen_at, $2)
         WHERE id = $1",
        id.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn remove_own(conn: &mut PgConnection, account: AccountId, id: SessionId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM platform.sessions WHERE id = $1 AND account_id = $2", id.0, account.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends sessions of an account; those that were there.
pub(super) async fn remove_several(
    conn: &mut PgConnection,
    account: AccountId,
    ids: &[SessionId],
) -> Result<Vec<SessionId>, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let ended = sqlx::query_scalar!(
        "DELETE FROM platform.sessions WHERE account_id = $1 AND id = ANY($2) RETURNING id",
        account.0,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

pub(super) async fn remove_others(conn: &mut PgConnection, account: AccountId, but: SessionId) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM platform.sessions WHERE account_id = $1 AND id <> $2", account.0, but.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn list(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
    idle_since: OffsetDateTime,
) -> Result<Vec<SessionRow>, Error> {
    let rows = sqlx::query!(
        "SELECT id, created_at, last_seen_at, ip, device FROM platform.sessions
         WHERE account_id = $1 AND stage = 'full' AND expires_at > $2 AND last_seen_at > $3
         ORDER BY last_seen_at DESC, id LIMIT 200",
        account.0,
        now,
        idle_since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionRow {
            id: SessionId(row.id),
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            ip: row.ip.map(|ip| ip.addr().to_string()),
            device: row.device,
        })
        .collect())
}

/// Which of these sessions are alive, and when their owner has last shown in each who they are.
pub(super) async fn alive(
    conn: &mut PgConnection,
    account: AccountId,
    ids: &[SessionId],
    (now, idle_since): (OffsetDateTime, OffsetDateTime),
) -> Result<Vec<(SessionId, OffsetDateTime)>, Error> {
    let rows = sqlx::query!(
        "SELECT s.id, s.authenticated_at FROM platform.sessions s
         JOIN platform.accounts a ON a.id = s.account_id AND a.epoch = s.epoch
         WHERE s.account_id = $1 AND s.id = ANY($2) AND s.stage = 'full' AND s.expires_at > $3 AND s.last_seen_at > $4",
        account.0,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        now,
        idle_since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (SessionId(row.id), row.authenticated_at)).collect())
}

/// Which of these sessions are alive, whoever's they are.
pub(super) async fn all_alive(
    conn: &mut PgConnection,
    ids: &[SessionId],
    (now, idle_since): (OffsetDateTime, OffsetDateTime),
) -> Result<HashSet<SessionId>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT s.id FROM platform.sessions s
         JOIN platform.accounts a ON a.id = s.account_id AND a.epoch = s.epoch
         WHERE s.id = ANY($1) AND s.stage = 'full' AND s.expires_at > $2 AND s.last_seen_at > $3",
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        now,
        idle_since
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SessionId).collect())
}
