//! Requests to the portal's own API: held against the limits in memory, and counted together every few seconds.
//!
//! What is known here of an organization's counters is what the last counting has left of them, and the requests of this
//! process since then. So no request waits for a commit, and what other processes let through counts here a few seconds
//! later.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use domain::policy::Allowance;
use domain::problem::Problem;
use domain::quotas::{Calendar, Counter, Full, Metric, Window};
use futures::StreamExt;
use quick_cache::sync::Cache;
use time::OffsetDateTime;
use tokio::time::timeout;

use super::book::refuse;
use super::ops::{Done, Op};
use super::{sql, terms};
use crate::Portal;
use crate::error::Error;

/// What a request counts against.
pub(super) const COUNTED: [Metric; 3] = [Metric::RequestsPerMinute, Metric::RequestsPerHour, Metric::RequestsPerDay];
/// Who has made these requests, in lists of consumers.
pub(super) const SUBJECT: &str = "Portal API";
/// How many organizations are remembered.
const KEPT: usize = 20_000;
/// Of how many organizations requests are counted at a time.
const AT_ONCE: usize = 16;
/// How long is waited for an organization's requests to be counted: one that is stuck keeps no other waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is left of each limit, by its name.
pub type Left = Vec<(&'static str, Allowance)>;

/// Requests by the minute in which they came: each counts in its own windows, however late that is.
pub(super) type Requests = BTreeMap<OffsetDateTime, i64>;

/// What is known of an organization's requests.
struct Tally {
    counters: Vec<Counter>,
    calendar: Calendar,
    /// Requests of this process that are in no database yet.
    waiting: Requests,
    /// Whether they are going to be counted.
    is_planned: bool,
}

type Shared = Arc<Mutex<Tally>>;

/// What is known of all.
pub(super) struct Counted {
    tallies: Cache<TenantId, Shared>,
    /// Those who have asked since requests were counted last.
    planned: Mutex<HashMap<TenantId, Shared>>,
}

impl Default for Counted {
    fn default() -> Self {
        Self { tallies: Cache::new(KEPT), planned: Mutex::default() }
    }
}

impl Counted {
    /// Has an organization's requests counted with the next.
    fn plan(&self, tenant: TenantId, tally: &Shared) {
        let is_new = !std::mem::replace(&mut lock(tally).is_planned, true);
        if is_new {
            self.planned.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, tally.clone());
        }
    }
}

impl Tally {
    /// Takes one request of each limit that there is: what is left of them; or what is full, for the longest time.
    fn take(&mut self, now: OffsetDateTime) -> (Left, Option<Full>) {
        for counter in &mut self.counters {
            counter.roll(&self.calendar, now);
        }
        let is_full = |counter: &&Counter| counter.bound().is_some_and(|bound| counter.fill() >= bound);
        let full = self.counters.iter().filter(is_full).max_by_key(|counter| counter.ends_at);
        let full = full.map(|counter| Full { metric: counter.metric, until: Some(counter.ends_at) });
        if full.is_none() {
            *self.waiting.entry(Calendar::default().bounds(Window::Minute, now).0).or_default() += 1;
            for counter in &mut self.counters {
                counter.used = counter.used.saturating_add(1);
            }
        }
        (self.counters.iter().filter_map(|counter| left(counter, now)).collect(), full)
    }

    /// Takes the requests that are to be counted.
    fn plan(&mut self) -> Requests {
        self.is_planned = false;
        std::mem::take(&mut self.waiting)
    }

    /// Those requests are not counted yet.
    fn put_back(&mut self, requests: Requests) {
        for (at, number) in requests {
            *self.waiting.entry(at).or_default() += number;
        }
    }

    /// Knows what the counters are, and what has come since they were read.
    fn learn(&mut self, counters: Vec<Counter>, calendar: Calendar) {
        (self.counters, self.calendar) = (counters, calendar);
        for counter in &mut self.counters {
            counter.used =
                counter.used.saturating_add(self.waiting.range(counter.opened_at..).map(|(_, number)| number).sum());
        }
    }
}

fn lock(tally: &Shared) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is left of a limit, if there is one.
fn left(counter: &Counter, now: OffsetDateTime) -> Option<(&'static str, Allowance)> {
    let bound = counter.bound()?;
    let number = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
    let allowance = Allowance {
        limit: number(bound),
        remaining: number(bound.saturating_sub(counter.fill())),
        reset: number((counter.ends_at - now).whole_seconds() + 1),
        window: number((counter.ends_at - counter.opened_at).whole_seconds()),
    };
    Some((counter.metric.code(), allowance))
}

/// Counts a request: what is left of each limit, and why there is no room for it, if there is none.
///
/// # Errors
/// The organization is not in use, or the database does not answer whoever asks first.
pub(super) async fn count(
    portal: &Portal,
    tenant: TenantId,
    now: OffsetDateTime,
) -> Result<(Left, Option<Error>), Error> {
    let counted = &portal.quotas().counted;
    let tally = counted.tallies.get_or_insert_async(&tenant, read(portal, tenant, now)).await?;
    let (left, full) = lock(&tally).take(now);
    // Whoever is refused has it looked at again, too: the limit may be another meanwhile.
    counted.plan(tenant, &tally);
    Ok((left, full.map(|full| refuse(full, now))))
}

/// The counters as they are stored.
async fn read(portal: &Portal, tenant: TenantId, now: OffsetDateTime) -> Result<Shared, Error> {
    let known = terms::known(portal, tenant, now).await?;
    let mut tx = portal.store().tenant(&known.tenant).await?;
    let all = sql::counters(tx.conn(), &known.plan).await?;
    tx.close();
    let counters = all.into_iter().map(|(counter, ..)| counter).filter(|counter| COUNTED.contains(&counter.metric));
    let (counters, calendar) = (counters.collect(), known.calendar.clone());
    Ok(Arc::new(Mutex::new(Tally { counters, calendar, waiting: Requests::new(), is_planned: false })))
}

/// Counts what has gathered.
pub(super) async fn flush(portal: &Portal) {
    let planned = {
        let mut planned = portal.quotas().counted.planned.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *planned)
    };
    // What goes wrong with one organization is nothing to the others.
    let each = |(tenant, tally): (TenantId, Shared)| async move { store(portal, tenant, &tally).await };
    futures::stream::iter(planned).for_each_concurrent(AT_ONCE, each).await;
}

/// Looks at an organization's limits again, after one of them was changed here.
pub(super) async fn renew(portal: &Portal, tenant: TenantId) {
    let known = portal.quotas().counted.tallies.get(&tenant);
    if let Some(tally) = known {
        store(portal, tenant, &tally).await;
    }
}

/// Counts an organization's requests, and learns how its counters stand. What could not be counted waits for the next time.
async fn store(portal: &Portal, tenant: TenantId, tally: &Shared) {
    let requests = lock(tally).plan();
    match submit(portal, tenant, requests.clone()).await {
        Ok(Some((counters, calendar))) => {
            lock(tally).learn(counters, calendar);
        }
        // They may be counted still, and would be twice.
        Ok(None) => tracing::warn!(organization = %tenant, "it took too long to count requests"),
        // It is not in use any more, and nobody holds this against it.
        Err(Error::Refused(Problem::NotFound | Problem::OrganizationSuspended)) => {}
        Err(error) => {
            // One that is being upgraded is counted after that.
            if !error.problem().is_behind() {
                tracing::warn!(%error, organization = %tenant, "requests could not be counted");
            }
            lock(tally).put_back(requests);
            portal.quotas().counted.plan(tenant, tally);
        }
    }
}

/// Has them counted: nothing, if nobody knows in time whether they are.
async fn submit(
    portal: &Portal,
    tenant: TenantId,
    requests: Requests,
) -> Result<Option<(Vec<Counter>, Calendar)>, Error> {
    let known = timeout(PATIENCE, terms::known(portal, tenant, portal.now())).await;
    let known = known.unwrap_or_else(|_| Err(Problem::Unavailable.into()))?;
    let counting = portal.quotas().batcher.submit(portal, tenant, Op::Count { requests });
    let Ok(done) = timeout(PATIENCE, counting).await else { return Ok(None) };
    let Done::Counted(counters) = done? else { return Err(Problem::Internal.into()) };
    Ok(Some((counters, known.calendar.clone())))
}

#[cfg(test)]
mod tests {
    use domain::quotas::{Rule, Thresholds};
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 14:02:07 UTC);

    fn counter(metric: Metric, limit: Option<i64>, hard: bool) -> Counter {
        let rule = Rule { limit, hard, ceiling: None, thresholds: Thresholds::default() };
        let epoch = OffsetDateTime::UNIX_EPOCH;
        Counter { metric, rule, opened_at: epoch, ends_at: epoch, used: 0, held: 0, told: 0, told_until: epoch }
    }

    #[test]
    fn the_nearest_limit_binds_and_every_limit_says_its_own_window() {
        let [minute, hour, day] = COUNTED;
        let counters = vec![counter(minute, Some(3), true), counter(hour, Some(2), true), counter(day, Some(1), false)];
        let mut tally = Tally { counters, calendar: Calendar::default(), waiting: Requests::new(), is_planned: false };
        let (left, full) = tally.take(NOW);
        assert_eq!(full, None);
        let of_minute = Allowance { limit: 3, remaining: 2, reset: 54, window: 60 };
        let of_hour = Allowance { limit: 2, remaining: 1, reset: 3_474, window: 3_600 };
        assert_eq!(left, [(minute.code(), of_minute), (hour.code(), of_hour)], "what is reported alone is no limit");
        assert_eq!(tally.take(NOW).1, None);
        let (_, full) = tally.take(NOW);
        assert_eq!(full, Some(Full { metric: hour, until: Some(datetime!(2026-11-20 15:00 UTC)) }));
        let minute_of = |at| Calendar::default().bounds(Window::Minute, at).0;
        assert_eq!(tally.plan(), Requests::from([(minute_of(NOW), 2)]), "who is refused is not counted");
        let next = NOW + Duration::HOUR;
        tally.take(next);
        tally.put_back(Requests::from([(minute_of(NOW), 2)]));
        let later = Counter { opened_at: minute_of(next), ends_at: next, ..counter(minute, Some(5), true) };
        tally.learn(vec![counter(hour, Some(5), true), later], Calendar::default());
        let used: Vec<_> = tally.counters.iter().map(|counter| counter.used).collect();
        assert_eq!(used, [3, 1], "what has come since is known as well, each in its own window");
    }
}
