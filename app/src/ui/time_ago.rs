//! Times: relative in a list, exact on hover, always in the reader's zone.

use leptos::prelude::*;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// How long ago, e.g. "2 minutes ago", with the exact time as its title.
#[component]
pub fn TimeAgo(
    /// When.
    at: OffsetDateTime,
    /// What counts as now: one clock reading per page.
    now: OffsetDateTime,
    /// The reader's zone.
    zone: Zone,
) -> impl IntoView {
    view! {
        <time datetime=machine(at) title=exact(at, &zone)>
            {relative(at, now)}
        </time>
    }
}

/// The exact time in the reader's zone, which it names.
#[component]
pub fn ExactTime(
    /// When.
    at: OffsetDateTime,
    /// The reader's zone.
    zone: Zone,
) -> impl IntoView {
    view! { <time datetime=machine(at)>{exact(at, &zone)}</time> }
}

/// How far `at` is from `now`, in the largest unit that fits. What is past is rounded down, and what is to come to the
/// nearest: something that ends in seven days is said to, although a moment went by since then.
#[must_use]
pub fn relative(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let distance = at - now;
    let past = distance.is_negative();
    let distance = match distance.abs() {
        d if past => d,
        d if d < Duration::HOUR => d + Duration::seconds(30),
        d if d < Duration::DAY => d + Duration::minutes(30),
        d => d + Duration::hours(12),
    };
    let (count, unit) = match distance {
        d if d < Duration::seconds(45) => return "just now".to_owned(),
        // Rounded up to the first minute, so that it never reads "0 minutes".
        d if d < Duration::HOUR => (d.whole_minutes().max(1), "minute"),
        d if d < Duration::DAY => (d.whole_hours(), "hour"),
        d if d < Duration::days(2) => return if past { "yesterday" } else { "tomorrow" }.to_owned(),
        d if d < Duration::days(365) => (d.whole_days(), "day"),
        d => (d.whole_days() / 365, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if past { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

/// The zone in which somebody reads times. Cheap to clone.
///
/// Pages render on the server alone: the browser's part knows no zones and only has to compile.
#[derive(Debug, Clone)]
pub struct Zone {
    #[cfg(feature = "ssr")]
    rules: jiff::tz::TimeZone,
}

impl Zone {
    /// The zone of this name, e.g. `Europe/Berlin`; UTC when there is none.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { rules: jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC) }
    }

    /// The instant of a date and time in this zone, as `<input type="datetime-local">` sends it, or of one with an offset of
    /// its own (RFC 3339).
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn instant(&self, typed: &str) -> Option<OffsetDateTime> {
        let instant = typed.parse::<jiff::Timestamp>().ok().or_else(|| {
            let civil: jiff::civil::DateTime = typed.parse().ok()?;
            Some(civil.to_zoned(self.rules.clone()).ok()?.timestamp())
        })?;
        OffsetDateTime::from_unix_timestamp_nanos(instant.as_nanosecond()).ok()
    }

    /// By how many seconds clocks are ahead of UTC there.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn offset(&self, at: OffsetDateTime) -> i32 {
        let instant = jiff::Timestamp::from_second(at.unix_timestamp()).unwrap_or_default();
        self.rules.to_offset(instant).seconds()
    }

    /// A time as `<input type="datetime-local">` takes it, to the second.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn local(&self, at: OffsetDateTime) -> String {
        self.written(at, "%Y-%m-%dT%H:%M:%S")
    }

    /// The hour and minute of a time, e.g. "15:00".
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn clock(&self, at: OffsetDateTime) -> String {
        self.written(at, "%H:%M")
    }

    /// The same with its day, e.g. "20 Nov, 15:00".
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn day_and_clock(&self, at: OffsetDateTime) -> String {
        self.written(at, "%-d %b, %H:%M")
    }

    #[cfg(feature = "ssr")]
    fn written(&self, at: OffsetDateTime, format: &str) -> String {
        let instant = jiff::Timestamp::from_second(at.unix_timestamp()).unwrap_or_default();
        instant.to_zoned(self.rules.clone()).strftime(format).to_string()
    }
}

/// The exact time in a zone, e.g. "20 Nov 2026, 15:02:07 CET".
#[cfg(feature = "ssr")]
#[must_use]
pub fn exact(at: OffsetDateTime, zone: &Zone) -> String {
    match jiff::Timestamp::from_second(at.unix_timestamp()) {
        Ok(instant) => instant.to_zoned(zone.rules.clone()).strftime("%-d %b %Y, %H:%M:%S %Z").to_string(),
        // Outside of the years that jiff knows.
        Err(_) => machine(at),
    }
}

/// See [`Zone`].
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn exact(at: OffsetDateTime, _zone: &Zone) -> String {
    machine(at)
}

/// The time for machines, RFC 3339 in UTC.
fn machine(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 14:02:07 UTC);

    #[test]
    fn the_past_is_told_in_the_largest_unit_that_fits() {
        for (ago, told) in [
            (Duration::ZERO, "just now"),
            (Duration::seconds(44), "just now"),
            (Duration::seconds(50), "1 minute ago"),
            (Duration::minutes(2), "2 minutes ago"),
            (Duration::minutes(59), "59 minutes ago"),
            (Duration::minutes(60), "1 hour ago"),
            (Duration::hours(23), "23 hours ago"),
            (Duration::hours(24), "yesterday"),
            (Duration::days(2), "2 days ago"),
            (Duration::days(92), "92 days ago"),
            (Duration::days(400), "1 year ago"),
            (Duration::days(800), "2 years ago"),
        ] {
            assert_eq!(relative(NOW - ago, NOW), told);
        }
    }

    #[test]
    fn the_future_is_told_to_the_nearest() {
        for (ahead, told) in [
            (Duration::seconds(5), "just now"),
            (Duration::minutes(59), "in 59 minutes"),
            (Duration::hours(1), "in 1 hour"),
            (Duration::HOUR - Duration::SECOND, "in 1 hour"),
            (Duration::hours(30), "tomorrow"),
            (Duration::days(2) - Duration::SECOND, "in 2 days"),
            (Duration::days(7) - Duration::SECOND, "in 7 days"),
            (Duration::days(7), "in 7 days"),
        ] {
            assert_eq!(relative(NOW + ahead, NOW), told);
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn the_exact_time_is_in_the_zone_of_the_reader() {
        assert_eq!(exact(NOW, &Zone::named("Europe/Berlin")), "20 Nov 2026, 15:02:07 CET");
        assert_eq!(exact(NOW, &Zone::named("America/New_York")), "20 Nov 2026, 09:02:07 EST");
        assert_eq!(exact(NOW, &Zone::named("Middle/Earth")), "20 Nov 2026, 14:02:07 UTC");
        let berlin = Zone::named("Europe/Berlin");
        assert_eq!((berlin.clock(NOW), berlin.day_and_clock(NOW)), ("15:02".into(), "20 Nov, 15:02".into()));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn clocks_are_ahead_or_behind() {
        assert_eq!(Zone::named("Europe/Berlin").offset(NOW), 3_600);
        assert_eq!(Zone::named("America/New_York").offset(NOW), -18_000);
        assert_eq!(Zone::named("Middle/Earth").offset(NOW), 0);
    }

    #[test]
    fn machines_read_utc() {
        assert_eq!(machine(datetime!(2026-11-20 15:02:07 +1)), "2026-11-20T14:02:07Z");
    }
}
