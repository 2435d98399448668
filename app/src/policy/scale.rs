//! The days of a chart, and how they are told.

use std::collections::HashMap;

use domain::policy::Fates;
use time::{Date, Duration, OffsetDateTime};

use super::fates::visits;
use crate::ui::chart::long_day;
use crate::ui::number;

/// The longest range that is shown: visits are kept no longer.
const LONGEST: Duration = Duration::days(90);

/// Every day of the range, also those without visits.
pub(super) fn range(days: &[(Date, Fates)], since: OffsetDateTime, now: OffsetDateTime) -> Vec<(Date, Fates)> {
    let known: HashMap<Date, Fates> = days.iter().copied().collect();
    let (first, last) = (since.max(now - LONGEST).date(), now.date());
    std::iter::successors(Some(first), |day| day.next_day())
        .take_while(|day| *day <= last)
        .map(|day| (day, known.get(&day).copied().unwrap_or_default()))
        .collect()
}

/// The chart in a sentence or two, for whoever does not see it.
pub(super) fn described(range: &[(Date, Fates)]) -> String {
    let (Some((first, _)), Some((last, _))) = (range.first(), range.last()) else { return String::new() };
    let busiest = range.iter().max_by_key(|(_, fates)| fates.sum());
    let busiest = busiest
        .map(|(day, fates)| format!(" Most came by on {}: {}, {}.", long_day(*day), visits(fates.sum()), told(fates)));
    format!("From {} to {}.{}", long_day(*first), long_day(*last), busiest.unwrap_or_default())
}

/// What would have come of visits, in a few words.
pub(super) fn told(fates: &Fates) -> String {
    format!("{} kept out, {} asked first", number(fates.denied), number(fates.stepped_up))
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn days_without_visits_are_in_the_range() {
        let some = Fates { allowed: 2, ..Fates::default() };
        let days = [(date!(2026 - 11 - 20), some)];
        let shown = range(&days, datetime!(2026-11-19 23:00 UTC), datetime!(2026-11-21 01:00 UTC));
        let sums: Vec<_> = shown.iter().map(|(_, fates)| fates.sum()).collect();
        assert_eq!(sums, [0, 2, 0]);
        let long_ago = range(&days, datetime!(2025-01-01 0:00 UTC), datetime!(2026-11-21 01:00 UTC));
        assert_eq!(long_ago.len(), 91);
    }
}
