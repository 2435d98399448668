//! What whoever runs the platform does to organizations, from the command line or the console.

use domain::audit::{Action, Draft, Fact, Public};
use domain::ids::TenantId;
use domain::organizations::{DELETION_GRACE, TenantStatus};
use domain::problem::Problem;
use domain::slug::Slug;
use serde::Serialize;
use time::OffsetDateTime;

use super::deletion::{self, Decision};
use crate::error::Error;
use crate::members;
use crate::operators::Hand;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef};

const SUSPENDED: Action = Action::new("organization.suspended");
const RESUMED: Action = Action::new("organization.resumed");

/// An organization in the operator's list: metadata only.
#[derive(Clone, Debug, Serialize)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Active, suspended or to be deleted.
    pub status: String,
    /// When it is deleted for good, if it is to be.
    #[serde(with = "time::serde::rfc3339::option")]
    pub delete_at: Option<OffsetDateTime>,
    /// How many people are in it.
    pub members: i64,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Why it could not be upgraded, if that is so: nobody can use it until it is.
    pub not_upgraded: Option<NotUpgraded>,
}

/// Why an organization could not be upgraded.
#[derive(Clone, Debug, Serialize)]
pub struct NotUpgraded {
    /// The migration of its tables that failed.
    pub version: i64,
    /// What Postgres says: the SQLSTATE and the message.
    pub why: String,
    /// How often somebody has tried.
    pub attempts: i32,
    /// When somebody has tried last.
    #[serde(with = "time::serde::rfc3339")]
    pub failed_at: OffsetDateTime,
}

/// Every organization, by slug.
///
/// # Errors
/// The database does not answer.
pub async fn list(request: &RequestContext) -> Result<Vec<TenantRow>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sqlx::query!(
        r#"SELECT t.id, t.slug, t.name, t.status, t.created_at, t.delete_at,
                  (SELECT count(*) FROM platform.memberships m WHERE m.tenant_id = t.id) AS "members!",
                  f.version AS "version?", f.code || ' ' || f.message AS "why?", f.attempts AS "attempts?",
                  f.failed_at AS "failed_at?"
           FROM platform.tenants t
           LEFT JOIN platform.migration_failures f ON f.tenant_id = t.id AND f.version > t.schema_version
           ORDER BY t.slug"#
    )
    .fetch_all(tx.conn())
    .await?;
    tx.end().await?;
    Ok(rows
        .into_iter()
        .map(|row| TenantRow {
            id: TenantId(row.id),
            slug: row.slug,
            name: row.name,
            status: row.status,
            delete_at: row.delete_at,
            members: row.members,
            created_at: row.created_at,
            not_upgraded: match (row.version, row.why, row.attempts, row.failed_at) {
                (Some(version), Some(why), Some(attempts), Some(failed_at)) => {
                    Some(NotUpgraded { version, why, attempts, failed_at })
                }
                _ => None,
            },
        })
        .collect())
}

/// Suspends or resumes an organization, at the command line. It takes effect with the next request of everybody in it. One
/// that is to be deleted is so after that, too.
///
/// # Errors
/// Not found; already so ([`Problem::Changed`]).
pub async fn set_status(
    request: &RequestContext,
    slug: &str,
    status: TenantStatus,
    reason: Option<&str>,
) -> Result<(), Error> {
    change_status(Hand::CommandLine(request), &find(request, slug).await?, status, reason).await
}

/// As [`set_status`], by whoever runs the platform.
pub(crate) async fn change_status(
    by: Hand<'_>,
    tenant: &TenantRef,
    status: TenantStatus,
    reason: Option<&str>,
) -> Result<(), Error> {
    let mut tx = by.begin(tenant).await?;
    let suspend = status == TenantStatus::Suspended;
    let after = sqlx::query_scalar!(
        "UPDATE platform.tenants
         SET status = CASE WHEN $2 THEN 'suspended' WHEN delete_at IS NULL THEN 'active' ELSE 'deleting' END,
             epoch = epoch + 1, suspended_at = $3
         WHERE id = $1 AND (status = 'suspended') <> $2 RETURNING status",
        tenant.id.0,
        suspend,
        suspend.then_some(by.request().now)
    )
    .fetch_optional(tx.enter_platform().await?)
    .await?;
    tx.leave_platform().await?;
    let after = after.as_deref().and_then(TenantStatus::from_code).ok_or(Problem::Changed)?;
    let action = if suspend { SUSPENDED } else { RESUMED };
    let mut entry = Draft::done(action, by.actor())
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .changed("status", tenant.status.code(), after.code())
        .within(by.request().audited());
    if let Some(reason) = reason {
        entry = entry.because(Fact::Public(reason.to_owned()));
    }
    by.keep(tx, entry).await
}

/// Has an organization deleted after the days of grace, at the command line; everybody is kept out from now on, and its
/// owners are told.
///
/// # Errors
/// Not found; to be deleted already ([`Problem::Changed`]).
pub async fn schedule_deletion_by_slug(
    request: &RequestContext,
    slug: &str,
    reason: Option<&str>,
) -> Result<OffsetDateTime, Error> {
    let until = request.now + DELETION_GRACE;
    change_deletion(Hand::CommandLine(request), &find(request, slug).await?, Some(until), reason).await?;
    Ok(until)
}

/// Keeps an organization that was to be deleted, at the command line.
///
/// # Errors
/// Not found; not to be deleted ([`Problem::Changed`]).
pub async fn keep_by_slug(request: &RequestContext, slug: &str, reason: Option<&str>) -> Result<(), Error> {
    change_deletion(Hand::CommandLine(request), &find(request, slug).await?, None, reason).await
}

/// Has an organization deleted then, or kept, by whoever runs the platform.
pub(crate) async fn change_deletion(
    by: Hand<'_>,
    tenant: &TenantRef,
    until: Option<OffsetDateTime>,
    reason: Option<&str>,
) -> Result<(), Error> {
    let mut tx = by.begin(tenant).await?;
    let owners = members::lock_owners(&mut tx).await?;
    let decision =
        Decision { tenant: tenant.id, organization: &tenant.name, actor: by.actor(), by: None, account: None, reason };
    let (tx, entry) = deletion::decide(by.request(), tx, &decision, &owners, until).await?;
    by.keep(tx, entry).await
}

/// The organization that has this slug, or had it.
pub(crate) async fn find(request: &RequestContext, slug: &str) -> Result<TenantRef, Error> {
    let slug = Slug::asked(slug).ok_or(Problem::NotFound)?;
    let mut tx = request.portal().store().platform().await?;
    let id = sqlx::query_scalar!("SELECT tenant_id FROM platform.slugs WHERE slug = $1", slug.as_str())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Problem::NotFound)?;
    let tenant = Store::lookup_tenant(tx.conn(), TenantId(id)).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    Ok(tenant)
}
