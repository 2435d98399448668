//! What whoever runs the platform does to organizations, from the command line.

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::slug::Slug;
use serde::Serialize;
use time::OffsetDateTime;

use crate::error::Error;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef};

/// An organization in the operator's list: metadata only.
#[derive(Clone, Debug, Serialize)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Active or suspended.
    pub status: String,
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
        r#"SELECT t.id, t.slug, t.name, t.status, t.created_at,
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
            members: row.members,
            created_at: row.created_at,
        })
        .collect())
}

/// Suspends or resumes an organization. It takes effect with the next request of everybody in it.
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
    let changed = sqlx::query!(
        "UPDATE platform.tenants SET status = $2, epoch = epoch + 1, suspended_at = $3 WHERE id = $1 AND status <> $2",
        tenant.id.0,
        status.code(),
        (status == TenantStatus::Suspended).then_some(request.now)
    )
    .execute(tx.enter_platform().await?)
    .await?;
    tx.leave_platform().await?;
    if changed.rows_affected() == 0 {
        return Err(Problem::Changed.into());
    }
    let action = match status {
        TenantStatus::Suspended => Action::new("organization.suspended"),
        TenantStatus::Active => Action::new("organization.resumed"),
    };
    let mut entry = Draft::done(action, Actor::operator())
        .target("organization", tenant.id, Public(tenant.name))
        .changed("status", tenant.status.code(), status.code())
        .within(request.audited());
    if let Some(reason) = reason {
        entry = entry.because(Fact::Public(reason.to_owned()));
    }
    tx.commit(request, entry).await
}

/// The organization that has this slug, or had it.
pub(super) async fn find(request: &RequestContext, slug: &str) -> Result<TenantRef, Error> {
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
