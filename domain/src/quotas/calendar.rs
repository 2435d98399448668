//! Windows of time, as an organization's clocks have them.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, Month, OffsetDateTime};

/// How long something is counted before it begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// A minute of the clock.
    Minute,
    /// An hour of the clock.
    Hour,
    /// From midnight to midnight: 23 to 25 hours.
    Day,
    /// From the first of a month to the first of the next.
    Month,
}

impl Window {
    /// The name under which answers have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// The time zone by which an organization's windows begin and end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Calendar(TimeZone);

impl Default for Calendar {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Calendar {
    /// That of the zone of this name, e.g. `Europe/Berlin`; none where there is no such zone.
    pub fn of(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// When the window that a time is in begins, and when it ends, which is the first moment of the next.
    pub fn bounds(&self, window: Window, at: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
        match window {
            Window::Minute => self.of_clock(at, 60),
            Window::Hour => self.of_clock(at, 3_600),
            Window::Day => {
                let day = self.day(at);
                (self.midnight(day), self.midnight(day.next_day().unwrap_or(day)))
            }
            Window::Month => {
                let first = first_of_month(self.day(at));
                (self.midnight(first), self.midnight(next_month(first)))
            }
        }
    }

    /// The day of a time.
    pub fn day(&self, at: OffsetDateTime) -> Date {
        let local = at + Duration::seconds(self.offset(at));
        local.to_offset(time::UtcOffset::UTC).date()
    }

    /// The first moment of a day. Where clocks jump over midnight, that is when they have.
    pub fn midnight(&self, day: Date) -> OffsetDateTime {
        let utc = day.midnight().assume_utc();
        let found = civil_of(day).and_then(|day| day.to_zoned(self.0.clone()).ok());
        found.and_then(|zoned| OffsetDateTime::from_unix_timestamp(zoned.timestamp().as_second()).ok()).unwrap_or(utc)
    }

    /// By how many seconds clocks are ahead of UTC.
    fn offset(&self, at: OffsetDateTime) -> i64 {
        let instant = Timestamp::from_second(at.unix_timestamp()).unwrap_or_default();
        self.0.to_offset(instant).seconds().into()
    }

    /// So many seconds by the clock, which begins them when its hands stand at a multiple.
    fn of_clock(&self, at: OffsetDateTime, seconds: i64) -> (OffsetDateTime, OffsetDateTime) {
        let offset = self.offset(at);
        let start = (at.unix_timestamp() + offset).div_euclid(seconds) * seconds - offset;
        let start = OffsetDateTime::from_unix_timestamp(start).unwrap_or(at);
        (start, start + Duration::seconds(seconds))
    }
}

fn civil_of(day: Date) -> Option<civil::Date> {
    let (year, month) = (i16::try_from(day.year()).ok()?, i8::try_from(u8::from(day.month())).ok()?);
    civil::Date::new(year, month, i8::try_from(day.day()).ok()?).ok()
}

/// The first day of the month that a day is in.
pub(super) fn first_of_month(day: Date) -> Date {
    day.replace_day(1).unwrap_or(day)
}

/// The first day of the next month.
pub(super) fn next_month(first: Date) -> Date {
    let year = if first.month() == Month::December { first.year() + 1 } else { first.year() };
    Date::from_calendar_date(year, first.month().next(), 1).unwrap_or(first)
}
