//! Queries on what the platform knows of an organization: what goes with it, and what is made anew where it comes to.

use domain::audit::Hash;
use domain::ids::{AccountId, ApiKeyId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::manifest::{Domain, Secret};
use crate::error::Error;

/// An organization's row.
pub(super) struct TenantRow {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) status: String,
    pub(super) schema_version: i64,
    pub(super) epoch: i64,
    pub(super) created_at: OffsetDateTime,
    pub(super) plan: String,
    pub(super) time_zone: String,
}

pub(super) async fn lookup(conn: &mut PgConnection, tenant: TenantId) -> Result<TenantRow, Error> {
    let row = sqlx::query_as!(
        TenantRow,
        "SELECT name, slug, status, schema_version, epoch, created_at, plan, time_zone FROM platform.tenants WHERE id = $1",
        tenant.0
    )
    .fetch_one(conn)
    .await?;
    Ok(row)
}

pub(super) async fn slugs(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<String>, Error> {
    let slugs = sqlx::query_scalar!("SELECT slug FROM platform.slugs WHERE tenant_id = $1 ORDER BY slug", tenant.0)
        .fetch_all(conn)
        .await?;
    Ok(slugs)
}

pub(super) async fn domains(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Domain>, Error> {
    let domains = sqlx::query_as!(
        Domain,
        "SELECT domain, verified_at FROM platform.domains WHERE tenant_id = $1 ORDER BY domain",
        tenant.0
    )
    .fetch_all(conn)
    .await?;
    Ok(domains)
}

pub(super) async fn secrets(conn: &mut PgConnection, tenant: TenantId) -> Result<Vec<Secret>, Error> {
    let rows = sqlx::query!(
        "SELECT hash, key_id, ends_at, account_id, issued_by FROM platform.api_keys WHERE tenant_id = $1 ORDER BY hash",
        tenant.0
    )
    .fetch_all(conn)
    .await?;
    let secrets = rows.into_iter().map(|row| {
        Ok(Secret {
            hash: row.hash.as_slice().try_into().map(Hash).map_err(Error::internal)?,
            key: ApiKeyId(row.key_id),
            ends_at: row.ends_at,
            account: row.account_id.map(AccountId),
            issuer: row.issued_by.map(AccountId),
        })
    });
    secrets.collect()
}

/// Has former slugs lead to it that nobody has by now.
pub(super) async fn add_slugs(
    conn: &mut PgConnection,
    tenant: TenantId,
    slugs: &[String],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.slugs (slug, tenant_id, claimed_at)
         SELECT slug, $1, $3 FROM unnest($2::text[]) AS former (slug) ON CONFLICT (slug) DO NOTHING",
        tenant.0,
        slugs,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes accounts for members of whom the platform knows neither id nor address: without a password or any other way to
/// sign in, and with an address that nobody has proven. How many.
pub(super) async fn add_accounts(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, Error> {
    let made = sqlx::query!(
        "INSERT INTO platform.accounts (id, email, name, time_zone, theme, created_at)
         SELECT DISTINCT ON (m.email) m.account_id, m.email, m.name, 'UTC', 'system', $1::timestamptz FROM members m
         WHERE NOT EXISTS (SELECT FROM platform.accounts a WHERE a.id = m.account_id)
           AND NOT EXISTS (SELECT FROM platform.accounts a WHERE a.email = m.email)
         ORDER BY m.email, m.joined_at, m.account_id ON CONFLICT DO NOTHING",
        now
    )
    .execute(conn)
    .await?;
    Ok(made.rows_affected())
}

/// Lets those members in whose accounts are the same by id and by address, and who are not in yet: how many.
pub(super) async fn add_memberships(conn: &mut PgConnection, tenant: TenantId) -> Result<u64, Error> {
    let added = sqlx::query!(
        "INSERT INTO platform.memberships (account_id, tenant_id, since)
         SELECT m.account_id, $1, m.joined_at FROM members m
         JOIN platform.accounts a ON a.id = m.account_id AND a.email = m.email
         ON CONFLICT (account_id, tenant_id) DO NOTHING",
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected())
}

/// Suspends the members who were not let in: how many there are.
pub(super) async fn suspend_others(conn: &mut PgConnection, tenant: TenantId) -> Result<u64, Error> {
    let suspended = sqlx::query!(
        "UPDATE members SET status = 'suspended' WHERE NOT EXISTS
             (SELECT FROM platform.memberships p WHERE p.account_id = members.account_id AND p.tenant_id = $1)",
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(suspended.rows_affected())
}

/// Whether there is an owner who may come in.
pub(super) async fn has_owner(conn: &mut PgConnection, tenant: TenantId) -> Result<bool, Error> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members m JOIN platform.memberships p ON p.account_id = m.account_id
                          WHERE p.tenant_id = $1 AND m.role = 'owner' AND m.status = 'active') AS "has!""#,
        tenant.0
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
}

/// Has API keys found by their secrets that are not over, if whoever they act for and whoever has made them are members.
pub(super) async fn add_secrets(
    conn: &mut PgConnection,
    tenant: TenantId,
    secrets: &[Secret],
    now: OffsetDateTime,
) -> Result<(), Error> {
    let ids = |of: fn(&Secret) -> Option<AccountId>| -> Vec<Option<Uuid>> {
        secrets.iter().map(|secret| of(secret).map(|account| account.0)).collect()
    };
    sqlx::query!(
        "INSERT INTO platform.api_keys (hash, tenant_id, key_id, ends_at, account_id, issued_by)
         SELECT s.hash, $1::uuid, s.key_id, s.ends_at, s.account_id, s.issued_by
         FROM unnest($2::bytea[], $3::uuid[], $4::timestamptz[], $5::uuid[], $6::uuid[])
              AS s (hash, key_id, ends_at, account_id, issued_by)
         WHERE s.ends_at > $7
           AND NOT EXISTS (SELECT FROM unnest(ARRAY[s.account_id, s.issued_by]) AS person (account)
                           WHERE account IS NOT NULL AND NOT EXISTS
                               (SELECT FROM platform.memberships p WHERE p.account_id = account AND p.tenant_id = $1))
         ON CONFLICT (hash) DO NOTHING",
        tenant.0,
        &secrets.iter().map(|secret| secret.hash.0.to_vec()).collect::<Vec<_>>(),
        &secrets.iter().map(|secret| secret.key.0).collect::<Vec<_>>(),
        &secrets.iter().map(|secret| secret.ends_at).collect::<Vec<_>>(),
        &ids(|secret| secret.account) as &[Option<Uuid>],
        &ids(|secret| secret.issuer) as &[Option<Uuid>],
        now
    )
    .execute(&mut *conn)
    .await?;
    // Further than anybody has counted who knew the organization before.
    sqlx::query!("INSERT INTO platform.key_epochs (tenant_id, epoch) VALUES ($1, $2)", tenant.0, now.unix_timestamp())
        .execute(conn)
        .await?;
    Ok(())
}

/// Shows invitations that wait to those whom they are for. Their links are not in the file, and open nothing any more.
pub(super) async fn add_invitations(
    conn: &mut PgConnection,
    tenant: TenantId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.pending_invitations (tenant_id, invitation_id, email, expires_at)
         SELECT $1, id, email, expires_at FROM invitations WHERE state = 'pending' AND expires_at > $2",
        tenant.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has what was asked for wait anew, as long as it was to wait at first: what an owner has cancelled after the export can be
/// cancelled again. What was granted is over, and has to be asked for again.
pub(super) async fn hold_requests(
    conn: &mut PgConnection,
    (exported_at, now): (OffsetDateTime, OffsetDateTime),
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE approval_requests SET expires_at = $1::timestamptz + (expires_at - requested_at),
             runs_at = $1::timestamptz + (runs_at - requested_at)
         WHERE state = 'open' AND runs_at IS NOT NULL AND expires_at > $2",
        now,
        exported_at
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE approval_requests SET state = 'lapsed', decided_at = $1 WHERE state = 'granted'", now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has somebody go on with what had begun: jobs, and requests that are carried out when nobody has cancelled them.
pub(super) async fn add_jobs(conn: &mut PgConnection, tenant: TenantId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.job_queue (id, tenant_id, job_id, due_at)
         SELECT gen_random_uuid(), $1, due.id, due.at FROM (
             SELECT id, kept_until AS at FROM jobs
             UNION ALL SELECT id, $2::timestamptz FROM jobs WHERE state IN ('queued', 'running')
             UNION ALL SELECT id, runs_at FROM approval_requests WHERE state = 'open' AND runs_at IS NOT NULL) AS due",
        tenant.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has somebody look after its webhooks and quotas.
pub(super) async fn add_queues(conn: &mut PgConnection, tenant: TenantId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("INSERT INTO platform.webhook_queue (tenant_id, due_at) VALUES ($1, $2)", tenant.0, now)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("INSERT INTO platform.quota_queue (tenant_id, due_at) VALUES ($1, $2)", tenant.0, now)
        .execute(conn)
        .await?;
    Ok(())
}
