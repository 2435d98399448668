//! Queries on facts and how the rules are set, in the organization's schema.

use std::net::IpAddr;

use domain::detections::{FactKind, Rule, SecurityFact, Tuning};
use domain::ids::{AccountId, ApiKeyId, TenantId};
use domain::roles::Permission;
use ipnet::IpNet;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{CHANNEL, Noticed};
use crate::error::Error;
use crate::members::sql as members;
use crate::store::TenantTx;

fn column<R>(noticed: &[Noticed], value: impl Fn(&SecurityFact) -> R) -> Vec<R> {
    noticed.iter().map(|noticed| value(&noticed.fact)).collect()
}

/// Keeps facts and counts them by the hour, in one statement. Hours are counted in one order by everybody: two would wait
/// for each other. Whoever watches is told later, by the worker: to tell in the transaction of what was noticed would have
/// all organizations' commits wait for each other.
pub(crate) async fn record(conn: &mut PgConnection, noticed: &[Noticed]) -> Result<(), Error> {
    if noticed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "WITH kept AS (
             INSERT INTO security_events (at, kind, account_id, ip, amount, new_network, new_device, privileged, source,
                                          key_id)
             SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::uuid[], $4::inet[], $5::integer[], $6::boolean[],
                                  $7::boolean[], $8::boolean[], $9::uuid[], $10::uuid[])
             ON CONFLICT (source) DO NOTHING RETURNING at, kind
         )
         INSERT INTO security_hours AS h (hour, kind, times)
         SELECT date_trunc('hour', at, 'UTC') AS hour, kind, count(*) FROM kept GROUP BY 1, 2 ORDER BY 1, 2
         ON CONFLICT (hour, kind) DO UPDATE SET times = h.times + EXCLUDED.times",
        &column(noticed, |fact| fact.at),
        &column(noticed, |fact| fact.kind.code().to_owned()),
        &column(noticed, |fact| fact.account.map(|account| account.0)) as &[Option<Uuid>],
        &column(noticed, |fact| fact.ip.map(|ip| IpNet::from(ip.to_canonical()))) as &[Option<IpNet>],
        &column(noticed, |fact| i32::try_from(fact.amount).unwrap_or(i32::MAX)),
        &column(noticed, |fact| fact.new_network),
        &column(noticed, |fact| fact.new_device),
        &column(noticed, |fact| fact.privileged),
        &noticed.iter().map(|noticed| noticed.source).collect::<Vec<_>>() as &[Option<Uuid>],
        &column(noticed, |fact| fact.key.map(|key| key.0)) as &[Option<Uuid>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Tells whoever watches that something has changed, once this transaction is kept.
pub(crate) async fn tell(conn: &mut PgConnection, tenant: TenantId) -> Result<(), Error> {
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, tenant.to_string()).execute(conn).await?;
    Ok(())
}

struct EventRow {
    at: OffsetDateTime,
    kind: String,
    account_id: Option<Uuid>,
    key_id: Option<Uuid>,
    ip: Option<IpNet>,
    amount: i32,
    new_network: bool,
    new_device: bool,
    privileged: bool,
}

impl EventRow {
    /// The fact. What a later program has noted is none to this one.
    fn fact(self) -> Option<SecurityFact> {
        Some(SecurityFact {
            at: self.at,
            kind: FactKind::from_code(&self.kind)?,
            account: self.account_id.map(AccountId),
            key: self.key_id.map(ApiKeyId),
            ip: self.ip.map(|ip| -> IpAddr { ip.addr() }),
            amount: self.amount.unsigned_abs(),
            new_network: self.new_network,
            new_device: self.new_device,
            privileged: self.privileged,
        })
    }
}

/// The newest facts since then, at most so many, the oldest of them first.
pub(super) async fn facts(
    conn: &mut PgConnection,
    since: OffsetDateTime,
    most: i64,
) -> Result<Vec<SecurityFact>, Error> {
    let rows = sqlx::query_as!(
        EventRow,
        "SELECT at, kind, account_id, key_id, ip, amount, new_network, new_device, privileged
         FROM security_events WHERE at >= $1 ORDER BY at DESC LIMIT $2",
        since,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().rev().filter_map(EventRow::fact).collect())
}

/// What an alert is about.
pub(crate) struct About {
    pub(crate) rule: Rule,
    pub(crate) account: Option<AccountId>,
    pub(crate) key: Option<ApiKeyId>,
    /// The network, where it is about no account.
    pub(crate) network: Option<IpNet>,
    pub(crate) first_at: OffsetDateTime,
    pub(crate) last_at: OffsetDateTime,
}

/// The facts of what an alert is about, the newest first, at most so many.
pub(crate) async fn facts_about(conn: &mut PgConnection, of: &About, most: i64) -> Result<Vec<SecurityFact>, Error> {
    let kinds: Vec<_> = of.rule.kinds().iter().map(|kind| kind.code().to_owned()).collect();
    let rows = sqlx::query_as!(
        EventRow,
        "SELECT at, kind, account_id, key_id, ip, amount, new_network, new_device, privileged
         FROM security_events
         WHERE at BETWEEN $1 AND $2 AND kind = ANY($3) AND ($4::uuid IS NULL OR account_id = $4)
           AND ($5::inet IS NULL OR ip <<= $5) AND ($7::uuid IS NULL OR key_id = $7)
         ORDER BY at DESC, id DESC LIMIT $6",
        of.first_at,
        of.last_at,
        &kinds,
        of.account.map(|account| account.0),
        of.network,
        most,
        of.key.map(|key| key.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(EventRow::fact).collect())
}

/// How the rules are set, and the revision of that.
pub(crate) async fn tuning(conn: &mut PgConnection) -> Result<(Tuning, i64), Error> {
    let row = sqlx::query!("SELECT tuning, revision FROM detection_settings WHERE id = 1").fetch_one(conn).await?;
    Ok((serde_json::from_str(&row.tuning).map_err(Error::internal)?, row.revision))
}

/// The same, which nobody else changes until this transaction ends; nor does anybody else raise alerts.
pub(crate) async fn lock_tuning(conn: &mut PgConnection) -> Result<(Tuning, i64), Error> {
    let row =
        sqlx::query!("SELECT tuning, revision FROM detection_settings WHERE id = 1 FOR UPDATE").fetch_one(conn).await?;
    Ok((serde_json::from_str(&row.tuning).map_err(Error::internal)?, row.revision))
}

/// Sets the rules otherwise.
pub(crate) async fn tune(conn: &mut PgConnection, tuning: &Tuning, revision: i64) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE detection_settings SET tuning = $1, revision = $2 WHERE id = 1",
        serde_json::to_string(tuning).map_err(Error::internal)?,
        revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The active members who may respond to alerts, by name.
pub(crate) async fn responders(tx: &mut TenantTx) -> Result<Vec<(AccountId, String)>, Error> {
    members::holders(tx, Permission::RespondToAlerts).await
}
