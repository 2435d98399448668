//! What whoever runs the platform does to organizations, from the command line.

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::ids::TenantId;
use domain::organizations::{DELETION_GRACE, TenantStatus};
use domain::problem::Problem;
use domain::slug::Slug;
use serde::Serialize;
use time::OffsetDateTime;

use super::deletion::{self, Decision};
use crate::error::Error;
use crate::members;
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
}

/// Every organization, by slug.
///
/// # Errors
/// The database does not answer.
pub async fn list(request: &RequestContext) -> Result<Vec<TenantRow>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sqlx::query!(
        r#"SELECT t.id, t.slug, t.name, t.status, t.created_at, t.delete_at,
                  (SELECT count(*) FROM platform.memberships m WHERE m.tenant_id = t.id) AS "members!"
           FROM platform.tenants t ORDER BY t.slug"#
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
        })
        .collect())
}

/// Suspends or resumes an organization. It takes effect with the next request of everybody in it. One that is to be
/// deleted is so after that, too.
///
/// # Errors
/// Not found; already so ([`Problem::Changed`]).
pub async fn set_status(
    request: &RequestContext,
    slug: &str,
    status: TenantStatus,
    reason: Option<&str>,
) -> Result<(), Error> {
    let tenant = find(request, slug).await?;
    let mut tx = request.portal().store().tenant(&tenant).await?;
    let suspend = status == TenantStatus::Suspended;
    let after = sqlx::query_scalar!(
        "UPDATE platform.tenants
         SET status = CASE WHEN $2 THEN 'suspended' WHEN delete_at IS NULL THEN 'active' ELSE 'deleting' END,
             epoch = epoch + 1, suspended_at = $3
         WHERE id = $1 AND (status = 'suspended') <> $2 RETURNING status",
        tenant.id.0,
        suspend,
        suspend.then_some(request.now)
    )
    .fetch_optional(tx.enter_platform().await?)
    .await?;
    tx.leave_platform().await?;
    let after = after.as_deref().and_then(TenantStatus::from_code).ok_or(Problem::Changed)?;
    let action = if suspend { SUSPENDED } else { RESUMED };
    let mut entry = Draft::done(action, Actor::operator())
        .target("organization", tenant.id, Public(tenant.name))
        .changed("status", tenant.status.code(), after.code())
        .within(request.audited());
    if let Some(reason) = reason {
        entry = entry.because(Fact::Public(reason.to_owned()));
    }
    tx.commit(request, entry).await
}

/// Has an organization deleted after the days of grace; everybody is kept out from now on, and its owners are told.
///
/// # Errors
/// Not found; to be deleted already ([`Problem::Changed`]).
pub async fn schedule_deletion_by_slug(
    request: &RequestContext,
    slug: &str,
    reason: Option<&str>,
) -> Result<OffsetDateTime, Error> {
    let until = request.now + DELETION_GRACE;
    decide(request, slug, reason, Some(until)).await?;
    Ok(until)
}

/// Keeps an organization that was to be deleted.
///
/// # Errors
/// Not found; not to be deleted ([`Problem::Changed`]).
pub async fn keep_by_slug(request: &RequestContext, slug: &str, reason: Option<&str>) -> Result<(), Error> {
    decide(request, slug, reason, None).await
}

async fn decide(
    request: &RequestContext,
    slug: &str,
    reason: Option<&str>,
    until: Option<OffsetDateTime>,
) -> Result<(), Error> {
    let tenant = find(request, slug).await?;
    let mut tx = request.portal().store().tenant(&tenant).await?;
    let owners = members::lock_owners(&mut tx).await?;
    let by = Decision {
        tenant: tenant.id,
        organization: &tenant.name,
        actor: Actor::operator(),
        by: None,
        account: None,
        reason,
    };
    deletion::decide(request, tx, &by, &owners, until).await
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
