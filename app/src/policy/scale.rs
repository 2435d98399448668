//! What a chart of days is measured by: its days, how high it reaches, and how all of that is said.

use std::collections::HashMap;

use domain::policy::Fates;
use time::{Date, Duration, OffsetDateTime};

use super::fates::visits;
use crate::ui::number;

/// The longest range that is shown: visits are kept no longer.
const LONGEST: Duration = Duration::days(90);
/// The most days of which each has its name below it.
pub(super) const NAMED: usize = 7;
/// All of a chart's width or height, in hundredths of a percent.
pub(super) const WHOLE: u64 = 10_000;

/// Every day of the range, also those without visits.
pub(super) fn range(days: &[(Date, Fates)], since: OffsetDateTime, now: OffsetDateTime) -> Vec<(Date, Fates)> {
    let known: HashMap<Date, Fates> = days.iter().copied().collect();
    let (first, last) = (since.max(now - LONGEST).date(), now.date());
    std::iter::successors(Some(first), |day| day.next_day())
        .take_while(|day| *day <= last)
        .map(|day| (day, known.get(&day).copied().unwrap_or_default()))
        .collect()
}

/// The number of visits at the top: a round one that has a half, and that no day is above.
pub(super) fn top(most: u64) -> u64 {
    let mut unit: u64 = 1;
    while unit < most.div_ceil(10) {
        unit *= 10;
    }
    [2, 4, 6, 8].into_iter().map(|times| times * unit).find(|top| *top >= most).unwrap_or(10 * unit)
}

/// Hundredths of a percent, as an attribute.
pub(super) fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The names below the bars: of every day, or of those that divide a longer range into quarters.
pub(super) fn names(range: &[(Date, Fates)]) -> Vec<String> {
    if range.len() <= NAMED {
        return range.iter().map(|(day, _)| short(*day)).collect();
    }
    let last = range.len() - 1;
    (0..=4).map(|quarter| short(range[last * quarter / 4].0)).collect()
}

/// The chart in a sentence or two, for whoever does not see it.
pub(super) fn described(range: &[(Date, Fates)]) -> String {
    let (Some((first, _)), Some((last, _))) = (range.first(), range.last()) else { return String::new() };
    let busiest = range.iter().max_by_key(|(_, fates)| fates.sum());
    let busiest = busiest
        .map(|(day, fates)| format!(" Most came by on {}: {}, {}.", long(*day), visits(fates.sum()), told(fates)));
    format!("From {} to {}.{}", long(*first), long(*last), busiest.unwrap_or_default())
}

/// What would have come of visits, in a few words.
pub(super) fn told(fates: &Fates) -> String {
    format!("{} kept out, {} asked first", number(fates.denied), number(fates.stepped_up))
}

/// A day of this year or so, e.g. "7 Nov".
fn short(day: Date) -> String {
    let month = day.month().to_string();
    format!("{} {}", day.day(), &month[..3])
}

/// A day, e.g. "7 Nov 2026".
pub(super) fn long(day: Date) -> String {
    format!("{} {}", short(day), day.year())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn the_top_is_round_and_has_a_half() {
        for (most, at_the_top) in
            [(0, 2), (1, 2), (3, 4), (9, 10), (10, 10), (11, 20), (100, 100), (301, 400), (999, 1000)]
        {
            assert_eq!(top(most), at_the_top, "{most}");
        }
    }

    #[test]
    fn days_without_visits_are_in_the_range() {
        let some = Fates { allowed: 2, ..Fates::default() };
        let days = [(date!(2026 - 11 - 20), some)];
        let shown = range(&days, datetime!(2026-11-19 23:00 UTC), datetime!(2026-11-21 01:00 UTC));
        let sums: Vec<_> = shown.iter().map(|(_, fates)| fates.sum()).collect();
        assert_eq!(sums, [0, 2, 0]);
        assert_eq!(names(&shown), ["19 Nov", "20 Nov", "21 Nov"]);
        let long_ago = range(&days, datetime!(2025-01-01 0:00 UTC), datetime!(2026-11-21 01:00 UTC));
        assert_eq!((long_ago.len(), names(&long_ago).len()), (91, 5));
    }

    #[test]
    fn shares_are_exact_to_the_hundredth() {
        assert_eq!([percent(0), percent(5), percent(3333), percent(WHOLE)], ["0.00%", "0.05%", "33.33%", "100.00%"]);
    }
}
