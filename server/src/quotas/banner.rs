//! What every page of an organization says of quotas that are all but used up.

use domain::ids::TenantId;
use domain::quotas::Metric;
use domain::roles::Permission;
use quick_cache::sync::Cache;
use time::{Duration, OffsetDateTime};

use super::{sql, terms, view};
use crate::access::Access;
use crate::error::Error;

/// From which share on a quota is on every page, in percent.
const FROM: u8 = 80;
/// How long an answer holds: pages need not ask each time.
const FRESH: Duration = Duration::seconds(30);
/// How many organizations are remembered.
const KEPT: usize = 20_000;

/// A quota that is all but used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearly {
    /// Of what.
    pub metric: Metric,
    /// The threshold that it has reached, in percent.
    pub percent: u8,
}

/// What was found last, and when.
pub(super) struct Banners(Cache<TenantId, (OffsetDateTime, Vec<Nearly>)>);

impl Default for Banners {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Banners {
    /// Has the next page ask anew: something else is to be said.
    pub(super) fn forget(&self, tenant: TenantId) {
        self.0.remove(&tenant);
    }
}

/// The quotas that people were told of in the present window because they are all but used up, the fullest first; nothing for
/// whoever may not see them.
///
/// # Errors
/// The database does not answer.
pub async fn banner(access: &Access) -> Result<Vec<Nearly>, Error> {
    if !access.may(Permission::ViewUsage) {
        return Ok(Vec::new());
    }
    let request = access.request();
    let Banners(cache) = &request.portal().quotas().banners;
    if let Some((at, found)) = cache.get(&access.tenant())
        && (request.now - at).abs() < FRESH
    {
        return Ok(found);
    }
    let known = terms::known(request.portal(), access.tenant(), request.now).await?;
    let mut tx = access.begin().await?;
    let counters = sql::counters(tx.conn(), &known.plan).await?;
    tx.close();
    let mut found = Vec::new();
    for (counter, ..) in counters {
        let told = if request.now < counter.told_until { counter.told } else { 0 };
        if view::is_alarming(&counter, told, FROM) {
            found.push(Nearly { metric: counter.metric, percent: told });
        }
    }
    found.sort_by_key(|nearly| std::cmp::Reverse(nearly.percent));
    cache.insert(access.tenant(), (request.now, found.clone()));
    Ok(found)
}
