//! What charts are measured by: how high they reach, shares of their width and height, and the names of days.

use time::Date;

/// The most steps of which each has its name below it.
const NAMED: usize = 7;
/// All of a chart's width or height, in hundredths of a percent.
pub(super) const WHOLE: u64 = 10_000;

/// The number at the top of a chart: a round one that has a half, and that nothing is above.
#[must_use]
pub fn top(most: u64) -> u64 {
    let mut unit: u64 = 1;
    while unit < most.div_ceil(10) {
        unit *= 10;
    }
    [2, 4, 6, 8].into_iter().map(|times| times * unit).find(|top| *top >= most).unwrap_or(10 * unit)
}

/// How much some are of all, in hundredths of a percent.
pub(super) fn share(part: u64, of: u64) -> u64 {
    part * WHOLE / of.max(1)
}

/// Hundredths of a percent, as an attribute.
pub(super) fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The names below a chart: of every step, or of those that divide many into quarters.
pub(super) fn below(names: Vec<String>) -> Vec<String> {
    if all_are_named(names.len()) {
        return names;
    }
    let last = names.len() - 1;
    (0..=4).map(|quarter| names[last * quarter / 4].clone()).collect()
}

/// Whether each of so many steps has its name below it.
pub(super) fn all_are_named(steps: usize) -> bool {
    steps <= NAMED
}

/// A day of this year or so, e.g. "7 Nov".
#[must_use]
pub fn short_day(day: Date) -> String {
    let month = day.month().to_string();
    format!("{} {}", day.day(), &month[..3])
}

/// A day, e.g. "7 Nov 2026".
#[must_use]
pub fn long_day(day: Date) -> String {
    format!("{} {}", short_day(day), day.year())
}

#[cfg(test)]
mod tests {
    use time::macros::date;

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
    fn shares_are_exact_to_the_hundredth() {
        assert_eq!([percent(0), percent(5), percent(3333), percent(WHOLE)], ["0.00%", "0.05%", "33.33%", "100.00%"]);
        assert_eq!([share(1, 3), share(2, 2), share(0, 0)], [3333, WHOLE, 0]);
    }

    #[test]
    fn of_many_steps_five_are_named() {
        let names = |count: u32| (0..count).map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(below(names(7)), names(7));
        assert_eq!(below(names(91)), ["0", "22", "45", "67", "90"]);
        assert_eq!(below(names(8)), ["0", "1", "3", "5", "7"]);
    }

    #[test]
    fn days_are_told_in_few_letters() {
        assert_eq!(
            (short_day(date!(2026 - 11 - 07)), long_day(date!(2026 - 11 - 07))),
            ("7 Nov".into(), "7 Nov 2026".into())
        );
    }
}
