//! Requests to the portal's own API: noted in memory, and counted once a second.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::TenantId;
use domain::quotas::{Full, Metric};
use time::{Duration, OffsetDateTime};

use super::work::{Done, Op, refuse};
use crate::Portal;
use crate::error::Error;

/// What a request counts against.
pub(super) const COUNTED: [Metric; 3] = [Metric::RequestsPerMinute, Metric::RequestsPerHour, Metric::RequestsPerDay];
/// Who has made these requests, in lists of consumers.
pub(super) const SUBJECT: &str = "Portal API";
/// How long requests are gathered.
const PAUSE: Duration = Duration::SECOND;

/// What is known of an organization's requests.
#[derive(Default)]
struct Noted {
    requests: i64,
    counted_at: Option<OffsetDateTime>,
    full: Option<Full>,
}

/// Requests that are not counted yet.
#[derive(Default)]
pub(super) struct Counted(Mutex<HashMap<TenantId, Noted>>);

impl Counted {
    /// Notes one: how many are to be counted now, if they are.
    fn note(&self, tenant: TenantId, now: OffsetDateTime) -> Result<Option<i64>, Error> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = all.entry(tenant).or_default();
        if let Some(full) = noted.full {
            if full.until.is_some_and(|until| now < until) {
                return Err(refuse(full, now));
            }
            noted.full = None;
        }
        noted.requests += 1;
        if noted.counted_at.is_some_and(|at| now - at < PAUSE) {
            return Ok(None);
        }
        noted.counted_at = Some(now);
        Ok(Some(std::mem::take(&mut noted.requests)))
    }

    /// Takes what nobody came to count. Who has asked for nothing in between is forgotten.
    fn take(&self, now: OffsetDateTime) -> Vec<(TenantId, i64)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, noted| {
            noted.requests > 0 || noted.full.is_some_and(|full| full.until.is_some_and(|at| now < at))
        });
        let waiting = all.iter_mut().filter(|(_, noted)| noted.requests > 0);
        waiting.map(|(tenant, noted)| (*tenant, std::mem::take(&mut noted.requests))).collect()
    }

    fn fill(&self, tenant: TenantId, full: Option<Full>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(tenant).or_default().full = full;
    }
}

/// Counts a request.
pub(super) async fn count(portal: &Portal, tenant: TenantId, now: OffsetDateTime) -> Result<(), Error> {
    match portal.quotas().counted.note(tenant, now)? {
        Some(requests) => store(portal, tenant, requests).await,
        None => Ok(()),
    }
}

/// Counts what has gathered and nobody came to count.
pub(super) async fn flush(portal: &Portal) -> Result<(), Error> {
    let mut failed = Ok(());
    for (tenant, requests) in portal.quotas().counted.take(portal.now()) {
        // What goes wrong with one organization is nothing to the others.
        if let Err(error) = store(portal, tenant, requests).await {
            failed = Err(error);
        }
    }
    failed
}

async fn store(portal: &Portal, tenant: TenantId, requests: i64) -> Result<(), Error> {
    let done = portal.quotas().batcher.submit(portal, tenant, Op::Count { requests }).await?;
    if let Done::Counted(full) = done {
        portal.quotas().counted.fill(tenant, full);
    }
    Ok(())
}
