//! Queries on organizations in the platform's tables.

use domain::ids::{AccountId, TenantId};
use domain::organizations::OrganizationLink;
use domain::problem::Problem;
use domain::slug::Slug;
use domain::text::OrganizationName;
use sqlx::{Executor, PgConnection, Postgres};
use time::OffsetDateTime;

use crate::error::Error;
use crate::store::TenantRef;

impl From<&TenantRef> for OrganizationLink {
    fn from(tenant: &TenantRef) -> Self {
        Self { id: tenant.id, slug: tenant.slug.clone(), name: tenant.name.clone() }
    }
}

/// Today's slug of the organization that had this one, if the account is in it.
pub(crate) async fn lookup_moved(
    conn: impl Executor<'_, Database = Postgres>,
    account: AccountId,
    slug: &Slug,
) -> Result<Option<Slug>, Error> {
    let slug = sqlx::query_scalar!(
        "SELECT t.slug FROM platform.slugs s
         JOIN platform.tenants t ON t.id = s.tenant_id
         JOIN platform.memberships m ON m.tenant_id = t.id AND m.account_id = $2
         WHERE s.slug = $1 AND t.slug <> $1",
        slug.as_str(),
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(slug.map(Slug::stored))
}

/// Renames; gives the name before, as it was under the lock.
pub(super) async fn rename(conn: &mut PgConnection, id: TenantId, name: &OrganizationName) -> Result<String, Error> {
    let before = sqlx::query_scalar!("SELECT name FROM platform.tenants WHERE id = $1 FOR UPDATE", id.0)
        .fetch_one(&mut *conn)
        .await?;
    sqlx::query!("UPDATE platform.tenants SET name = $2 WHERE id = $1", id.0, name.as_str()).execute(conn).await?;
    Ok(before)
}

/// The organization's slug of today, which nobody else can change until this transaction ends.
pub(super) async fn lock_slug(conn: &mut PgConnection, id: TenantId) -> Result<String, Error> {
    let slug =
        sqlx::query_scalar!("SELECT slug FROM platform.tenants WHERE id = $1 FOR UPDATE", id.0).fetch_one(conn).await?;
    Ok(slug)
}

/// Whose a slug is, today's or a former one.
pub(super) async fn lookup_slug(conn: &mut PgConnection, slug: &Slug) -> Result<Option<TenantId>, Error> {
    let owner = sqlx::query_scalar!("SELECT tenant_id FROM platform.slugs WHERE slug = $1", slug.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(owner.map(TenantId))
}

/// How many slugs an organization has, today's among them.
pub(super) async fn count_slugs(conn: &mut PgConnection, id: TenantId) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM platform.slugs WHERE tenant_id = $1"#, id.0)
        .fetch_one(conn)
        .await?;
    Ok(count)
}

/// Gives an organization a slug that nobody has.
pub(super) async fn add_slug(
    conn: &mut PgConnection,
    id: TenantId,
    slug: &Slug,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.slugs (slug, tenant_id, claimed_at) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING",
        slug.as_str(),
        id.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves to a slug that is the organization's.
pub(super) async fn change_slug(conn: &mut PgConnection, id: TenantId, slug: &Slug) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.tenants SET slug = $2 WHERE id = $1", id.0, slug.as_str()).execute(conn).await?;
    Ok(())
}

/// Notes where a person was last, so that `/` leads there. Not found, if the organization was deleted just now.
pub(crate) async fn note_last(conn: &mut PgConnection, account: AccountId, tenant: TenantId) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.accounts SET last_tenant_id = $2 WHERE id = $1", account.0, tenant.0)
        .execute(conn)
        .await
        .map_err(Error::from)
        .map_err(
            |error| {
                if error.violates("accounts_last_tenant_id_fkey") { Problem::NotFound.into() } else { error }
            },
        )?;
    Ok(())
}

/// Notes that somebody, or a program, is in these organizations now, unless that was noted some minutes ago. Of one that was
/// deleted nothing is noted.
pub(crate) async fn note_active(
    conn: &mut PgConnection,
    tenants: &[TenantId],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.tenant_activity AS a (tenant_id, last_at)
         SELECT id, $2::timestamptz FROM platform.tenants WHERE id = ANY($1) ORDER BY id
         ON CONFLICT (tenant_id) DO UPDATE SET last_at = excluded.last_at
         WHERE a.last_at <= excluded.last_at - interval '5 minutes'",
        &tenants.iter().map(|tenant| tenant.0).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has an organization deleted then, unless that is so already.
pub(super) async fn schedule_deletion(
    conn: &mut PgConnection,
    id: TenantId,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.tenants
         SET status = CASE status WHEN 'active' THEN 'deleting' ELSE status END, delete_at = $2, epoch = epoch + 1
         WHERE id = $1 AND delete_at IS NULL",
        id.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps an organization that was to be deleted. A suspended one stays so.
pub(super) async fn cancel_deletion(conn: &mut PgConnection, id: TenantId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.tenants
         SET status = CASE status WHEN 'deleting' THEN 'active' ELSE status END, delete_at = NULL, epoch = epoch + 1
         WHERE id = $1 AND delete_at IS NOT NULL",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When an organization is deleted, if it is to be.
pub(super) async fn delete_at(conn: &mut PgConnection, id: TenantId) -> Result<Option<OffsetDateTime>, Error> {
    let at =
        sqlx::query_scalar!("SELECT delete_at FROM platform.tenants WHERE id = $1", id.0).fetch_optional(conn).await?;
    Ok(at.flatten())
}
