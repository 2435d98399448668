//! Secrets of keys in the platform's table, where those who call are looked for: each organization's own, entered as `act`.

use domain::ids::{ApiKeyId, TenantId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::Portal;
use crate::error::Error;

/// How long a secret that is over is kept: nobody misses it, and clocks of processes differ.
const KEPT: Duration = Duration::days(1);
/// The most that are deleted at a time.
const BATCH: i64 = 1_000;

/// Adds the hash of a key's secret, and has the organization's keys counted from now on.
pub(crate) async fn add(
    conn: &mut PgConnection,
    tenant: TenantId,
    key: ApiKeyId,
    hash: &[u8; 32],
    ends_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.key_epochs (tenant_id, epoch) VALUES ($1, 0) ON CONFLICT (tenant_id) DO NOTHING",
        tenant.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO platform.api_keys (hash, tenant_id, key_id, ends_at) VALUES ($1, $2, $3, $4)",
        &hash[..],
        tenant.0,
        key.0,
        ends_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends all secrets of a key but one, which works until then.
pub(super) async fn end_others(
    conn: &mut PgConnection,
    (tenant, key): (TenantId, ApiKeyId),
    (hash, until): (&[u8], OffsetDateTime),
) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.api_keys WHERE tenant_id = $1 AND key_id = $2 AND hash <> $3",
        tenant.0,
        key.0,
        hash
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE platform.api_keys SET ends_at = least(ends_at, $4) WHERE tenant_id = $1 AND key_id = $2 AND hash = $3",
        tenant.0,
        key.0,
        hash,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends all secrets of some keys.
pub(super) async fn end(conn: &mut PgConnection, tenant: TenantId, keys: &[ApiKeyId]) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.api_keys WHERE tenant_id = $1 AND key_id = ANY($2)",
        tenant.0,
        &keys.iter().map(|key| key.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The keys with secrets that end before a time and of which nobody was told yet, by organization.
pub(super) async fn list_ending(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<(TenantId, ApiKeyId)>, Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT tenant_id, key_id FROM platform.api_keys
         WHERE ends_at > $1 AND ends_at <= $2 AND told_at IS NULL ORDER BY tenant_id, key_id LIMIT $3",
        now,
        until,
        BATCH
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), ApiKeyId(row.key_id))).collect())
}

/// Notes that somebody was told that keys end.
pub(super) async fn note_told(
    conn: &mut PgConnection,
    tenant: TenantId,
    keys: &[ApiKeyId],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.api_keys SET told_at = $3 WHERE tenant_id = $1 AND key_id = ANY($2) AND told_at IS NULL",
        tenant.0,
        &keys.iter().map(|key| key.0).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a batch of secrets away that are over: how many.
pub(crate) async fn sweep(portal: &Portal) -> Result<u64, Error> {
    let mut tx = portal.store().platform().await?;
    let done = sqlx::query!(
        "DELETE FROM platform.api_keys WHERE hash IN
             (SELECT hash FROM platform.api_keys WHERE ends_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        portal.now() - KEPT,
        BATCH
    )
    .execute(tx.conn())
    .await?;
    tx.end().await?;
    Ok(done.rows_affected())
}
