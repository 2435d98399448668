//! How large the platform is, and where it is going if it goes on as in the last weeks.

use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use crate::codes::codes;
use crate::numbers::number;

codes! {
    /// Something that grows with the platform.
    Measure {
        /// Organizations.
        Organizations = "organizations" => "Organizations",
        /// Tables, indexes and what else Postgres keeps a file and a cache entry for.
        Relations = "relations" => "Relations",
        /// Bytes on the disk.
        Bytes = "bytes" => "Database size",
    }
}

/// How large it was on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The day, in UTC.
    pub day: Date,
    /// Organizations.
    pub organizations: i64,
    /// Relations.
    pub relations: i64,
    /// Bytes.
    pub bytes: i64,
}

impl Reading {
    /// One of them.
    pub const fn of(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Organizations => self.organizations,
            Measure::Relations => self.relations,
            Measure::Bytes => self.bytes,
        }
    }
}

/// Of how many days the pace is taken, at most.
pub const PACE_DAYS: i64 = 30;
/// The least days of which something is said.
const LEAST: i64 = 7;
/// As far as it is looked ahead, in days: ten years.
const AHEAD: i128 = 3653;

/// Where a measure is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nobody can tell yet.
    Unknown,
    /// It does not grow.
    Still {
        /// Of how many days this is known.
        days: i64,
    },
    /// It grows, and reaches nothing worth telling in ten years.
    Slow {
        /// Of how many days the pace is.
        days: i64,
    },
    /// It reaches this.
    Reaches {
        /// The next round amount that is well above it.
        mark: i64,
        /// In about so many days.
        ahead: i64,
        /// Of how many days the pace is.
        days: i64,
    },
}

/// Where a measure is going by these readings, the oldest first.
pub fn outlook(measure: Measure, readings: &[Reading]) -> Outlook {
    let Some(last) = readings.last() else { return Outlook::Unknown };
    let since = last.day.saturating_sub(Duration::days(PACE_DAYS));
    let Some(first) = readings.iter().find(|reading| reading.day >= since) else { return Outlook::Unknown };
    let days = (last.day - first.day).whole_days();
    if days < LEAST {
        return Outlook::Unknown;
    }
    let (now, grown) = (last.of(measure), last.of(measure).saturating_sub(first.of(measure)));
    if grown <= 0 {
        return Outlook::Still { days };
    }
    let mark = next_mark(now);
    let ahead = (i128::from(mark) - i128::from(now)) * i128::from(days) / i128::from(grown);
    match i64::try_from(ahead) {
        Ok(ahead) if i128::from(ahead) <= AHEAD => Outlook::Reaches { mark, ahead: ahead.max(1), days },
        _ => Outlook::Slow { days },
    }
}

/// The first of 1, 2, 5, 10, 20, 50, … that is half as much again or more.
fn next_mark(value: i64) -> i64 {
    let wanted = value.saturating_add((value / 2).max(1));
    let mut power = 1_i64;
    loop {
        for digit in [1, 2, 5] {
            let mark = power.saturating_mul(digit);
            if mark >= wanted || mark == i64::MAX {
                return mark;
            }
        }
        power = power.saturating_mul(10);
    }
}

impl Measure {
    /// So much of it, as people read it.
    pub fn show(self, amount: i64) -> String {
        let amount = amount.unsigned_abs();
        match self {
            Self::Bytes => bytes(amount),
            Self::Organizations | Self::Relations => number(amount),
        }
    }

    /// Where it is going, in a sentence.
    pub fn tell(self, outlook: Outlook) -> String {
        let (what, verb) = match self {
            Self::Organizations => ("the platform", "has"),
            Self::Relations => ("the database", "has"),
            Self::Bytes => ("the database", "takes"),
        };
        match outlook {
            Outlook::Unknown => "A forecast needs measurements of a week.".to_owned(),
            Outlook::Still { days } => format!("It has not grown in the last {days} days."),
            Outlook::Slow { days } => {
                format!("At the pace of the last {days} days, little changes within ten years.")
            }
            Outlook::Reaches { mark, ahead, days } => {
                let unit = match self {
                    Self::Organizations => " organizations",
                    Self::Relations => " relations",
                    Self::Bytes => "",
                };
                let mark = self.show(mark);
                format!("At the pace of the last {days} days, {what} {verb} {mark}{unit} in about {}.", span(ahead))
            }
        }
    }
}

/// Days in the unit in which people would say it.
fn span(days: i64) -> String {
    let (count, unit) = match days {
        ..14 => (days, "day"),
        14..61 => ((days + 3) / 7, "week"),
        61..730 => ((days * 10 + 152) / 304, "month"),
        _ => ((days + 182) / 365, "year"),
    };
    if count == 1 { format!("a {unit}") } else { format!("{count} {unit}s") }
}

/// Bytes in the largest unit that leaves a whole part, in powers of ten.
fn bytes(amount: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((size, unit)) = units.into_iter().find(|(size, _)| amount >= *size) else {
        return format!("{} bytes", number(amount));
    };
    let tenths = u128::from(amount) * 10 / u128::from(size);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if tenth == 0 || whole >= 100 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    /// A reading for each day, of so many organizations.
    fn readings(amounts: impl IntoIterator<Item = i64>) -> Vec<Reading> {
        let days = (0_i64..).map(|day| date!(2026 - 01 - 01) + Duration::days(day));
        let reading = |(day, organizations)| Reading {
            day,
            organizations,
            relations: organizations * 70,
            bytes: organizations * 500_000,
        };
        days.zip(amounts).map(reading).collect()
    }

    #[test]
    fn what_grows_reaches_the_next_round_amount() {
        // 140 on the first day, and 2 more each day: 200 on the last of 31.
        let grown = readings((0..31).map(|day| 140 + 2 * day));
        let outlook_of = |measure| outlook(measure, &grown);
        assert_eq!(outlook_of(Measure::Organizations), Outlook::Reaches { mark: 500, ahead: 150, days: 30 });
        assert_eq!(
            Measure::Organizations.tell(outlook_of(Measure::Organizations)),
            "At the pace of the last 30 days, the platform has 500 organizations in about 5 months."
        );
        assert_eq!(
            Measure::Relations.tell(outlook_of(Measure::Relations)),
            "At the pace of the last 30 days, the database has 50,000 relations in about 8 months."
        );
        assert_eq!(
            Measure::Bytes.tell(outlook_of(Measure::Bytes)),
            "At the pace of the last 30 days, the database takes 200 MB in about 3 months."
        );
    }

    #[test]
    fn only_the_last_days_count() {
        let jump = readings((0..90).map(|day| if day < 40 { 10 } else { 1_000 }));
        assert_eq!(outlook(Measure::Organizations, &jump), Outlook::Still { days: 30 });
        let shrunk = readings((0..20).map(|day| 100 - day));
        assert_eq!(outlook(Measure::Organizations, &shrunk), Outlook::Still { days: 19 });
    }

    #[test]
    fn of_a_few_days_nothing_is_said() {
        assert_eq!(outlook(Measure::Bytes, &[]), Outlook::Unknown);
        assert_eq!(outlook(Measure::Bytes, &readings(0..7)), Outlook::Unknown);
        assert_ne!(outlook(Measure::Bytes, &readings(0..8)), Outlook::Unknown);
    }

    #[test]
    fn what_takes_ages_is_not_counted_in_days() {
        let slow = readings((0..31).map(|day| 1_000_000 + i64::from(day == 30)));
        assert_eq!(outlook(Measure::Organizations, &slow), Outlook::Slow { days: 30 });
        let extreme = [i64::MIN, i64::MAX].map(|bytes| Reading {
            day: if bytes < 0 { date!(2026 - 01 - 01) } else { date!(2026 - 01 - 31) },
            organizations: 0,
            relations: i64::MAX,
            bytes,
        });
        for measure in Measure::ALL {
            let _ = measure.tell(outlook(*measure, &extreme));
        }
    }

    #[test]
    fn marks_are_round() {
        for (value, mark) in [(0, 1), (1, 2), (2, 5), (33, 50), (34, 100), (6_668, 20_000), (i64::MAX, i64::MAX)] {
            assert_eq!(next_mark(value), mark, "{value}");
        }
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        for (days, said) in [
            (1, "a day"),
            (13, "13 days"),
            (14, "2 weeks"),
            (60, "9 weeks"),
            (61, "2 months"),
            (426, "14 months"),
            (730, "2 years"),
        ] {
            assert_eq!(span(days), said);
        }
    }

    #[test]
    fn bytes_have_a_unit() {
        for (amount, shown) in
            [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (1_250_000, "1.2 MB"), (123_400_000_000, "123 GB")]
        {
            assert_eq!(bytes(amount), shown);
        }
    }
}
