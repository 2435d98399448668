//! How sign-ins go over time, and in which hours of the week.

use domain::detections::Span;
use leptos::prelude::*;
use server::security::Series;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::words::compared;
use crate::ui::chart::{Columns, Counted, HeatMap, Key, Step, long_day, short_day};
use crate::ui::{Card, Zone};

/// What is counted over time.
#[derive(Clone, Copy)]
pub(super) enum Trend {
    /// Those that succeeded.
    SignIns,
    /// Those that did not, and wrong codes.
    Failures,
}

impl Trend {
    /// What is unique to its chart on the page: the figures above lead there.
    const fn id(self) -> &'static str {
        match self {
            Self::SignIns => "sign-ins",
            Self::Failures => "failures",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::SignIns => "Sign-ins",
            Self::Failures => "Failed sign-ins",
        }
    }

    const fn counted(self) -> Counted {
        match self {
            Self::SignIns => Counted("sign-in", "sign-ins"),
            Self::Failures => Counted("failed sign-in", "failed sign-ins"),
        }
    }

    /// The colour of its columns.
    const fn class(self) -> &'static str {
        match self {
            Self::SignIns => "chart-now",
            Self::Failures => "chart-denied",
        }
    }
}

/// How many there were, and when.
#[component]
pub(super) fn TrendCard(
    trend: Trend,
    series: Series,
    /// When the first step begins.
    from: OffsetDateTime,
    span: Span,
    zone: Zone,
) -> impl IntoView {
    let what = trend.counted();
    let (now, before) = series.comparable;
    let lead = format!("{}, {}.", what.of(series.total()), compared(now, before, span));
    let key = Key { label: "This period", class: trend.class(), fill: None };
    let steps = steps(&series, from, &zone);
    view! {
        <Card title=trend.title() lead>
            <Columns id=trend.id() title=trend.title() what key steps />
        </Card>
    }
}

/// The steps of a series by name: hours as the reader's clock has them, and days of UTC.
fn steps(series: &Series, from: OffsetDateTime, zone: &Zone) -> Vec<Step> {
    let each = Duration::hours(series.step_hours.into());
    let counts = series.now.iter().zip(&series.before);
    let starts = std::iter::successors(Some(from), |at| at.checked_add(each));
    starts
        .zip(counts)
        .map(|(at, (now, before))| {
            let (name, title) = if series.step_hours < 24 {
                (zone.clock(at), zone.day_and_clock(at))
            } else {
                let day = at.to_offset(UtcOffset::UTC).date();
                (short_day(day), long_day(day))
            };
            Step { name, title, now: *now, before: *before }
        })
        .collect()
}

/// In which hours of the week people sign in, or try to.
#[component]
pub(super) fn HeatCard(heat: Box<[[u64; 24]; 7]>) -> impl IntoView {
    let what = Counted("attempt to sign in", "attempts to sign in");
    view! {
        <Card title="Hours of the week" lead="When people sign in or try to. Hours are those of UTC.">
            <HeatMap id="hours" title="Attempts to sign in by hour" what counts=heat zone="UTC" />
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn hours_are_the_readers_and_days_are_utc() {
        let berlin = Zone::named("Europe/Berlin");
        let series = |step_hours| Series { step_hours, now: vec![1, 2], before: vec![3, 4], ..Series::default() };
        let of = |step_hours, from| {
            let steps = steps(&series(step_hours), from, &berlin);
            steps.into_iter().map(|step| (step.name, step.title)).collect::<Vec<_>>()
        };
        assert_eq!(
            of(1, datetime!(2026-11-20 22:00 UTC)),
            [("23:00".into(), "20 Nov, 23:00".into()), ("00:00".into(), "21 Nov, 00:00".into())]
        );
        assert_eq!(
            of(24, datetime!(2026-11-20 23:30 UTC)),
            [("20 Nov".into(), "20 Nov 2026".into()), ("21 Nov".into(), "21 Nov 2026".into())]
        );
    }
}
