//! How usage is looked at: over some time, step by step.

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

use super::calendar::{first_of_month, next_month};
use super::{Calendar, Kind, Window};

/// How far back somebody looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// 24 hours, by the hour.
    Day,
    /// 30 days, by the day.
    #[default]
    Month,
    /// Twelve months, by the month.
    Year,
}

/// One step of a range: from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its first moment.
    pub from: OffsetDateTime,
    /// The first moment of the next.
    pub until: OffsetDateTime,
    /// Its day, or the first one of its month.
    pub day: Date,
}

impl Range {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Year];

    /// The name under which addresses have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Month => "30d",
            Self::Year => "12m",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "24 hours",
            Self::Month => "30 days",
            Self::Year => "12 months",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.code() == code)
    }

    /// Whether the limit can be held against each step: what is counted within a window only where that is the step.
    pub fn shows_limit(self, kind: Kind) -> bool {
        match kind {
            Kind::Counter(Window::Hour) => self == Self::Day,
            Kind::Counter(Window::Day) => self == Self::Month,
            Kind::Counter(Window::Month) => self == Self::Year,
            Kind::Switch => false,
            Kind::Counter(Window::Minute) | Kind::Gauge | Kind::Level | Kind::Maximum => true,
        }
    }

    /// The range in which a metric is shown first: where its limit can be seen.
    pub fn at_first(kind: Kind) -> Self {
        match kind {
            Kind::Counter(Window::Minute | Window::Hour) => Self::Day,
            Kind::Counter(Window::Month) => Self::Year,
            _ => Self::Month,
        }
    }

    /// Its steps, the oldest first; the last is the one that is not over.
    pub fn steps(self, calendar: &Calendar, now: OffsetDateTime) -> Vec<Step> {
        match self {
            Self::Day => {
                let (last, _) = Calendar::default().bounds(Window::Hour, now);
                let step = |ago: i64| {
                    let from = last - Duration::hours(ago);
                    Step { from, until: from + Duration::HOUR, day: calendar.day(from) }
                };
                (0..24).rev().map(step).collect()
            }
            Self::Month => {
                let today = calendar.day(now);
                let days = (0..30).rev().filter_map(|ago| today.checked_sub(Duration::days(ago)));
                days.map(|day| step_of(calendar, day, day.next_day().unwrap_or(day))).collect()
            }
            Self::Year => {
                let mut first = first_of_month(calendar.day(now));
                let mut steps = Vec::with_capacity(12);
                for _ in 0..12 {
                    steps.push(step_of(calendar, first, next_month(first)));
                    first = first_of_month(first.previous_day().unwrap_or(first));
                }
                steps.reverse();
                steps
            }
        }
    }
}

fn step_of(calendar: &Calendar, day: Date, next: Date) -> Step {
    Step { from: calendar.midnight(day), until: calendar.midnight(next), day }
}
