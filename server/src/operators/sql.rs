//! Queries of the console, over the operator's login, and those on who is an operator.

mod organizations;

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::operators::Reading;
use sqlx::{Executor, PgConnection, PgPool, Postgres};
use time::{Date, OffsetDateTime};

pub(super) use organizations::{count, list, lookup};

use super::{OperatorRow, Waiting};
use crate::error::Error;

/// Whether an account is an operator's.
pub(super) async fn is_operator(
    conn: impl Executor<'_, Database = Postgres>,
    account: AccountId,
) -> Result<bool, Error> {
    let found =
        sqlx::query_scalar!(r#"SELECT true AS "found!" FROM platform.operators WHERE account_id = $1"#, account.0)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

pub(super) async fn list_operators(conn: &mut PgConnection) -> Result<Vec<OperatorRow>, Error> {
    let rows = sqlx::query!(
        r#"SELECT a.id, a.email, a.name, o.added_at,
                  EXISTS (SELECT FROM platform.authenticators f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL)
                  OR EXISTS (SELECT FROM platform.passkeys p WHERE p.account_id = a.id) AS "second_factor!"
           FROM platform.operators o JOIN platform.accounts a ON a.id = o.account_id ORDER BY a.email"#
    )
    .fetch_all(conn)
    .await?;
    let operators = rows.into_iter().map(|row| OperatorRow {
        account: AccountId(row.id),
        email: row.email,
        name: row.name,
        second_factor: row.second_factor,
        added_at: row.added_at,
    });
    Ok(operators.collect())
}

/// Notes an account as an operator's: false when it is one already.
pub(super) async fn add_operator(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO platform.operators (account_id, added_at) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING",
        account.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes the account of an address no operator's: which it was.
pub(super) async fn remove_operator(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<AccountId>, Error> {
    let account = sqlx::query_scalar!(
        "DELETE FROM platform.operators o USING platform.accounts a
         WHERE a.id = o.account_id AND a.email = $1 RETURNING o.account_id",
        email.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(account.map(AccountId))
}

/// Names of organizations, in addresses and as people know them.
pub(super) async fn names(pool: &PgPool, ids: &[TenantId]) -> Result<HashMap<TenantId, (String, String)>, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows =
        sqlx::query!("SELECT id, slug, name FROM platform.tenants WHERE id = ANY($1)", &ids).fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.id), (row.slug, row.name))).collect())
}

/// Where most waits to be done. Each organization has a line in the queues of webhooks and quotas at all times: it waits
/// from when it is due.
pub(super) async fn waiting(pool: &PgPool, now: OffsetDateTime, most: i64) -> Result<Vec<Waiting>, Error> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.slug, t.name, w.jobs AS "jobs!", w.noticed AS "noticed!", w.overdue AS "overdue!",
                  w.since AS "since!"
           FROM (SELECT tenant_id, count(*) FILTER (WHERE kind = 'job') AS jobs,
                        count(*) FILTER (WHERE kind = 'noticed') AS noticed,
                        count(*) FILTER (WHERE kind = 'overdue') AS overdue, min(since) AS since
                 FROM (SELECT tenant_id, 'job' AS kind, due_at AS since FROM platform.job_queue
                       UNION ALL SELECT tenant_id, 'noticed', at FROM platform.detection_queue
                       UNION ALL SELECT tenant_id, 'overdue', due_at FROM platform.webhook_queue WHERE due_at <= $1
                       UNION ALL SELECT tenant_id, 'overdue', due_at FROM platform.quota_queue WHERE due_at <= $1) q
                 GROUP BY tenant_id) w
           JOIN platform.tenants t ON t.id = w.tenant_id
           ORDER BY w.jobs + w.noticed + w.overdue DESC, w.since, t.id LIMIT $2"#,
        now,
        most
    )
    .fetch_all(pool)
    .await?;
    let waiting = rows.into_iter().map(|row| Waiting {
        id: TenantId(row.id),
        slug: row.slug,
        name: row.name,
        jobs: number(row.jobs),
        noticed: number(row.noticed),
        overdue: number(row.overdue),
        since: row.since,
    });
    Ok(waiting.collect())
}

/// How large the platform was on each day from this one on, and when that was found out last.
pub(super) async fn readings(pool: &PgPool, from: Date) -> Result<(Vec<Reading>, Option<OffsetDateTime>), Error> {
    let rows = sqlx::query!(
        "SELECT day, organizations, relations, bytes, taken_at FROM platform.capacity_readings
         WHERE day >= $1 ORDER BY day",
        from
    )
    .fetch_all(pool)
    .await?;
    let taken_at = rows.last().map(|row| row.taken_at);
    let readings = rows.into_iter().map(|row| Reading {
        day: row.day,
        organizations: row.organizations,
        relations: row.relations,
        bytes: row.bytes,
    });
    Ok((readings.collect(), taken_at))
}

/// Connections to the server, of which there may be so many, and whose processes those of this database are.
pub(super) struct Connections {
    pub(super) used: i64,
    pub(super) most: i64,
    /// Empty, where the server is not on this machine for certain.
    pub(super) pids: Vec<i32>,
}

pub(super) async fn connections(pool: &PgPool) -> Result<Connections, Error> {
    let row = sqlx::query!(
        r#"SELECT (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database) AS "used!",
                  current_setting('max_connections')::bigint AS "most!",
                  inet_server_addr() IS NULL AS "local!",
                  ARRAY(SELECT pid FROM pg_stat_activity
                        WHERE datname = current_database() AND usename IS NOT NULL) AS "pids!: Vec<i32>""#
    )
    .fetch_one(pool)
    .await?;
    let pids = if row.local { row.pids } else { Vec::new() };
    Ok(Connections { used: row.used, most: row.most, pids })
}

/// Notes how large the platform is, once a day, and forgets what is older than this day.
pub(super) async fn note_reading(conn: &mut PgConnection, (now, oldest): (OffsetDateTime, Date)) -> Result<(), Error> {
    // Postgres goes through all files for the size: nothing is measured where today's reading is there.
    sqlx::query!(
        "INSERT INTO platform.capacity_readings (day, organizations, relations, bytes, taken_at)
         SELECT $1::date, (SELECT count(*) FROM platform.tenants), (SELECT count(*) FROM pg_class),
                pg_database_size(current_database()), $2::timestamptz
         WHERE NOT EXISTS (SELECT FROM platform.capacity_readings WHERE day = $1)
         ON CONFLICT (day) DO NOTHING",
        now.date(),
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM platform.capacity_readings WHERE day < $1", oldest).execute(conn).await?;
    Ok(())
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
