//! What a plan allows an organization, kept for some seconds: every reservation asks.

use std::sync::Arc;

use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::quotas::{Calendar, Plan, PlanTerms};
use quick_cache::sync::Cache;
use time::{Duration, OffsetDateTime};

use super::sql;
use crate::Portal;
use crate::error::Error;
use crate::store::TenantRef;

/// How many organizations are remembered.
const KEPT: usize = 20_000;
/// How long: after that, what whoever runs the platform has changed holds here, too.
const FRESH: Duration = Duration::seconds(5);

/// An organization, and what its plan says.
pub(super) struct Terms {
    pub(super) tenant: TenantRef,
    pub(super) plan: PlanTerms,
    pub(super) calendar: Calendar,
    pub(super) time_zone: String,
}

/// What is known of organizations, and since when.
pub(super) struct Known(Cache<TenantId, (OffsetDateTime, Arc<Terms>)>);

impl Default for Known {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

/// What holds for an organization that is in use.
pub(super) async fn known(portal: &Portal, tenant: TenantId, now: OffsetDateTime) -> Result<Arc<Terms>, Error> {
    let Known(cache) = &portal.quotas().terms;
    if let Some((at, terms)) = cache.get(&tenant)
        && (now - at).abs() < FRESH
    {
        return Ok(terms);
    }
    let mut tx = portal.store().platform().await?;
    let row = sql::terms(tx.conn(), tenant).await?;
    tx.end().await?;
    let (tenant_ref, plan, changed, time_zone) = row.ok_or(Problem::NotFound)?;
    if tenant_ref.status != TenantStatus::Active {
        return Err(Problem::OrganizationSuspended.into());
    }
    let plan = Plan::from_code(&plan).ok_or_else(|| Error::internal("an organization of no plan"))?;
    let plan = PlanTerms::stored(plan, &changed).map_err(Error::internal)?;
    for metric in plan.unknown() {
        tracing::warn!(metric, plan = plan.plan.code(), "a plan says something of a metric that nobody knows");
    }
    let terms =
        Arc::new(Terms { tenant: tenant_ref, plan, calendar: Calendar::of(&time_zone).unwrap_or_default(), time_zone });
    cache.insert(tenant, (now, terms.clone()));
    Ok(terms)
}

/// Forgets what was known of an organization, after it was changed here.
pub(super) fn forget(portal: &Portal, tenant: TenantId) {
    portal.quotas().terms.0.remove(&tenant);
}
