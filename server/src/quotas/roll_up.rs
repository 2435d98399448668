//! What was used, added up by the hour and by the day, and by who has used it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::TenantId;
use domain::quotas::{Calendar, Metric, Used, Window};
use quick_cache::sync::Cache;
use time::Date;

use super::sql::{DayUse, HourUse};
use super::terms::Terms;
use crate::Portal;

/// The most consumers that are told apart, of one metric and day. The others are one.
const SUBJECTS: usize = 50;
/// What the others are called.
const OTHERS: &str = "(others)";

/// Consumers that were seen on a day, by hashes of their names: bounded, whatever somebody calls them.
pub(super) struct Subjects(Cache<(TenantId, Metric, Date), Names>);

/// The hashes of names.
type Names = Arc<Mutex<HashSet<u64>>>;

impl Default for Subjects {
    fn default() -> Self {
        Self(Cache::new(50_000))
    }
}

impl Subjects {
    /// The name under which a consumer's usage of the day is kept.
    fn name<'a>(&self, of: (TenantId, Metric, Date), subject: &'a str) -> &'a str {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        let seen = match self.0.get_or_insert_with(&of, fresh) {
            Ok(seen) => seen,
            Err(never) => match never {},
        };
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = hasher.finish();
        if seen.contains(&hash) || seen.len() < SUBJECTS && seen.insert(hash) { subject } else { OTHERS }
    }
}

/// Adds up what was used, by the hour and by the day. Both are written in the transaction of the counters: what is shown is
/// what was counted, and nobody has to go over raw events to make it so.
pub(super) fn roll_up(portal: &Portal, known: &Terms, used: Vec<Used>) -> (HourUse, DayUse) {
    let (mut hours, mut days) = (HourUse::new(), DayUse::new());
    let add = |into: &mut (i64, i64), used: &Used| {
        into.0 = into.0.saturating_add(used.amount);
        into.1 = into.1.max(used.peak);
    };
    for used in &used {
        // Hours are those of UTC, whatever the calendar.
        let (hour, _) = Calendar::default().bounds(Window::Hour, used.at);
        let day = known.calendar.day(used.at);
        add(hours.entry((used.metric, hour)).or_default(), used);
        add(days.entry((used.metric, day, String::new())).or_default(), used);
        if !used.subject.is_empty() {
            let subject = portal.quotas().subjects.name((known.tenant.id, used.metric, day), &used.subject);
            add(days.entry((used.metric, day, subject.to_owned())).or_default(), used);
        }
    }
    (hours, days)
}
