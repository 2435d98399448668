//! What the columns of the histogram are called, in UTC.

use server::audit::Bar;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::ui::number;

/// The most columns of which each has its name below it.
pub(super) const NAMED: usize = 6;

/// How many entries a column counts.
pub(super) fn all(bar: &Bar) -> u64 {
    bar.done + bar.denied
}

/// A column in words.
pub(super) fn described(bar: &Bar) -> String {
    format!("{} UTC: {} done, {} denied or failed", time_of(bar), number(bar.done), number(bar.denied))
}

/// All of them in words, for whoever does not see the chart.
pub(super) fn summary(bars: &[Bar]) -> String {
    let (Some(first), Some(last), Some(most)) = (bars.first(), bars.last(), bars.iter().max_by_key(|bar| all(bar)))
    else {
        return String::new();
    };
    format!("From {} to {}. Most happened here: {}.", day(first.at), day(last.until), described(most))
}

/// The names below the columns: of every one, or of those that divide more of them into quarters.
pub(super) fn names(bars: &[Bar]) -> Vec<String> {
    let short = |bar: &Bar| match bar.until - bar.at {
        step if step < Duration::DAY => format!("{} {}", month_day(bar.at), clock(bar.at)),
        step if step < Duration::days(100) => month_day(bar.at),
        _ => bar.at.to_offset(UtcOffset::UTC).year().to_string(),
    };
    if bars.len() <= NAMED {
        return bars.iter().map(short).collect();
    }
    (0..=4).map(|quarter| short(&bars[(bars.len() - 1) * quarter / 4])).collect()
}

/// When a column is, e.g. "7 Nov 2026, 10:00–11:00", "7 Nov 2026" or "7 Nov 2026 – 13 Nov 2026".
pub(super) fn time_of(bar: &Bar) -> String {
    let last = bar.until - Duration::SECOND;
    match (bar.until - bar.at < Duration::DAY, day(bar.at), day(last)) {
        (true, on, _) => format!("{on}, {}–{}", clock(bar.at), clock(bar.until)),
        (false, first, last) if first == last => first,
        (false, first, last) => format!("{first} – {last}"),
    }
}

fn clock(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn month_day(at: OffsetDateTime) -> String {
    let date = at.to_offset(UtcOffset::UTC).date();
    let month = date.month().to_string();
    format!("{} {}", date.day(), &month[..3])
}

fn day(at: OffsetDateTime) -> String {
    format!("{} {}", month_day(at), at.to_offset(UtcOffset::UTC).year())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn bar(at: OffsetDateTime, step: Duration, done: u64, denied: u64) -> Bar {
        Bar { at, until: at + step, done, denied }
    }

    #[test]
    fn a_column_tells_its_time() {
        let at = datetime!(2026-11-07 10:00 UTC);
        for (step, told) in [
            (Duration::HOUR, "7 Nov 2026, 10:00–11:00"),
            (Duration::hours(14), "7 Nov 2026, 10:00–00:00"),
            (Duration::DAY, "7 Nov 2026 – 8 Nov 2026"),
        ] {
            assert_eq!(time_of(&bar(at, step, 1, 0)), told);
        }
        let midnight = datetime!(2026-11-07 00:00 UTC);
        assert_eq!(time_of(&bar(midnight, Duration::DAY, 1, 0)), "7 Nov 2026");
        assert_eq!(
            described(&bar(midnight, Duration::DAY, 1_200, 3)),
            "7 Nov 2026 UTC: 1,200 done, 3 denied or failed"
        );
    }

    #[test]
    fn many_columns_are_named_by_their_quarters() {
        let start = datetime!(2026-11-01 00:00 UTC);
        let bars: Vec<_> = (0..30).map(|n| bar(start + Duration::days(n), Duration::DAY, 1, 0)).collect();
        assert_eq!(names(&bars), ["1 Nov", "8 Nov", "15 Nov", "22 Nov", "30 Nov"]);
        assert_eq!(names(&bars[..2]), ["1 Nov", "2 Nov"]);
        assert_eq!(names(&bars[..6]).len(), 6);
    }
}
