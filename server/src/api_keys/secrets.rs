//! Secrets of keys in the platform's table, where those who call are looked for: each organization's own, entered as `act`.

use domain::ids::{AccountId, ApiKeyId, TenantId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::Portal;
use crate::error::Error;

/// How long a secret that is over is kept: nobody misses it, and clocks of processes differ.
const KEPT: Duration = Duration::days(1);
/// The most that are deleted at a time.
const BATCH: i64 = 1_000;

/// Whose a secret is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    /// The account for which the key acts; none for a service account's.
    pub(crate) account: Option<AccountId>,
    /// The account that has made the secret.
    pub(crate) issuer: AccountId,
}

/// Adds the hash of a key's secret, and has the organization's keys counted from now on.
pub(crate) async fn add(
    conn: &mut PgConnection,
    tenant: TenantId,
    key: ApiKeyId,
    owner: Owner,
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
        "INSERT INTO platform.api_keys (hash, tenant_id, key_id, ends_at, account_id, issued_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &hash[..],
        tenant.0,
        key.0,
        ends_at,
        owner.account.map(|account| account.0),
        owner.issuer.0
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

/// Ends the secrets that members have made, and those of these hashes: of secrets from before it is not known here who has
/// made them.
pub(super) async fn end_made_by(
    conn: &mut PgConnection,
    tenant: TenantId,
    members: &[AccountId],
    hashes: &[Vec<u8>],
) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.api_keys WHERE tenant_id = $1 AND (issued_by = ANY($2) OR hash = ANY($3))",
        tenant.0,
        &members.iter().map(|member| member.0).collect::<Vec<_>>(),
        hashes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends all secrets of keys that act for an account itself, and all that it has made, in every organization: the identity's.
pub(crate) async fn end_of_account(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.api_keys WHERE account_id = $1 OR issued_by = $1", account.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The next keys behind one for which it is time to look whether they end soon, by organization, and whether there may be
/// more.
pub(super) async fn list_due(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    behind: (TenantId, ApiKeyId),
) -> Result<(Vec<(TenantId, ApiKeyId)>, bool), Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT tenant_id, key_id FROM platform.api_keys
         WHERE look_at <= $1 AND ends_at > $1 AND (tenant_id, key_id) > ($2, $3) ORDER BY tenant_id, key_id LIMIT $4",
        now,
        behind.0.0,
        behind.1.0,
        BATCH
    )
    .fetch_all(conn)
    .await?;
    let may_be_more = rows.len() as u64 == BATCH.unsigned_abs();
    Ok((rows.into_iter().map(|row| (TenantId(row.tenant_id), ApiKeyId(row.key_id))).collect(), may_be_more))
}

/// Notes when somebody looks again at keys, and of which of them somebody was told just now.
pub(super) async fn note_looked(
    conn: &mut PgConnection,
    tenant: TenantId,
    looks: &[Look],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.api_keys k
         SET look_at = look.again, told_at = CASE WHEN look.told THEN $5 ELSE k.told_at END
         FROM unnest($2::uuid[], $3::timestamptz[], $4::boolean[]) AS look (key_id, again, told)
         WHERE k.tenant_id = $1 AND k.key_id = look.key_id",
        tenant.0,
        &looks.iter().map(|look| look.key.0).collect::<Vec<_>>(),
        &looks.iter().map(|look| look.again).collect::<Vec<_>>(),
        &looks.iter().map(|look| look.told).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What came of looking whether a key ends soon.
pub(super) struct Look {
    pub(super) key: ApiKeyId,
    /// When somebody looks again.
    pub(super) again: OffsetDateTime,
    /// Whether somebody was told.
    pub(super) told: bool,
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
