//! The values of settings: what kinds of them there are, which of two is stricter, and how people read them.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::names::{is_domain, is_region};
use super::{Names, Networks};
use crate::fields::FieldProblem;
use crate::numbers::number as in_thousands;
use crate::roles::{RoleId, codes};

/// The days of a year, as people who keep something for years count them.
const YEAR: u32 = 365;

/// What something is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Sessions.
    Sessions,
    /// Requests.
    Requests,
    /// Characters.
    Characters,
}

impl Unit {
    /// What people call so many of them.
    pub fn describe(self, number: u32) -> String {
        let (count, unit, _) = self.largest(number);
        format!("{} {unit}{}", in_thousands(count.into()), if count == 1 { "" } else { "s" })
    }

    /// The same in as few letters as a scale has room for.
    pub fn abbreviate(self, number: u32) -> String {
        let (count, _, unit) = self.largest(number);
        format!("{} {unit}", in_thousands(count.into())).trim_end().to_owned()
    }

    /// So many of them in the largest unit that fits, which has a name and a sign.
    fn largest(self, number: u32) -> (u32, &'static str, &'static str) {
        match self {
            Self::Minutes if number > 0 && number.is_multiple_of(24 * 60) => (number / (24 * 60), "day", "d"),
            Self::Minutes if number > 0 && number.is_multiple_of(60) => (number / 60, "hour", "h"),
            Self::Minutes => (number, "minute", "min"),
            Self::Days if number > 0 && number.is_multiple_of(YEAR) => (number / YEAR, "year", "y"),
            Self::Days => (number, "day", "d"),
            Self::Sessions => (number, "session", ""),
            Self::Requests => (number, "request", ""),
            Self::Characters => (number, "character", ""),
        }
    }

    /// What people call it behind a number.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Days => "days",
            Self::Sessions => "sessions",
            Self::Requests => "requests",
            Self::Characters => "characters",
        }
    }
}

/// One of a few values that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What a form and a file say.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it means for them.
    pub help: &'static str,
}

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// Domains of the internet.
    Domains,
    /// Places where an installation's data is.
    Regions,
}

impl ListOf {
    /// What tells whether something can be in it.
    pub fn judge(self) -> fn(&str) -> bool {
        match self {
            Self::Domains => is_domain,
            Self::Regions => is_region,
        }
    }
}

/// Which of two numbers asks for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// The smaller one, and no limit asks for nothing.
    Less,
    /// The larger one, and no limit asks for the most.
    More,
}

/// Which values a setting has. Of each kind it is plain which of two is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On is the stricter one.
    Switch(Offer),
    /// From the least to the most strict.
    Choice(&'static [Offer]),
    /// Any of them, but not none: fewer are stricter.
    Several(&'static [Offer]),
    /// Any of them, also none: more are stricter. Its values are those of [`Kind::Several`].
    AnyOf(&'static [Offer]),
    /// A number.
    Number {
        /// What it counts.
        unit: Unit,
        /// Which of two is stricter.
        strict: Strict,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// What it is called that there is no limit, where that can be.
        none: Option<&'static str>,
        /// What is offered to choose from; anything in between is allowed, too.
        marks: &'static [u32],
    },
    /// Networks. None stand for any.
    Networks,
    /// Names. None stand for any.
    Names(ListOf),
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// Which of the offers.
    Choice(usize),
    /// A bit for each offer.
    Several(u8),
    /// A number, or no limit.
    Number(Option<u32>),
    /// Networks.
    Networks(Networks),
    /// Names.
    Names(Names),
}

impl Kind {
    /// Parses a number.
    ///
    /// # Errors
    /// None, where there has to be one; one that is out of range.
    pub fn number(self, text: &str) -> Result<Value, FieldProblem> {
        let Self::Number { least, most, none, .. } = self else { return Err(FieldProblem::Malformed) };
        match text.trim() {
            "" if none.is_some() => Ok(Value::Number(None)),
            "" => Err(FieldProblem::Required),
            text => {
                let number = text.parse().ok().filter(|number| (least..=most).contains(number));
                number.map(|number| Value::Number(Some(number))).ok_or(FieldProblem::OutOfRange(least, most))
            }
        }
    }

    /// The choice of this code.
    ///
    /// # Errors
    /// There is none.
    pub fn choice(self, code: &str) -> Result<Value, FieldProblem> {
        let Self::Choice(offers) = self else { return Err(FieldProblem::Malformed) };
        offers.iter().position(|offer| offer.code == code).map(Value::Choice).ok_or(FieldProblem::UnknownChoice)
    }

    /// Those of these codes.
    ///
    /// # Errors
    /// There is one among them that is not offered; there are none, where there has to be one.
    pub fn several<'a>(self, codes: impl Iterator<Item = &'a str>) -> Result<Value, FieldProblem> {
        let (Self::Several(offers) | Self::AnyOf(offers)) = self else { return Err(FieldProblem::Malformed) };
        let mut bits = 0;
        for code in codes {
            let index = offers.iter().position(|offer| offer.code == code).ok_or(FieldProblem::UnknownChoice)?;
            bits |= 1 << index;
        }
        let needs_one = matches!(self, Self::Several(_));
        if bits == 0 && needs_one { Err(FieldProblem::Required) } else { Ok(Value::Several(bits)) }
    }

    /// The value that asks for all that two ask for; none, where nothing does.
    pub fn stricter(self, a: &Value, b: &Value) -> Option<Value> {
        Some(match (a, b) {
            (Value::Switch(a), Value::Switch(b)) => Value::Switch(*a || *b),
            (Value::Choice(a), Value::Choice(b)) => Value::Choice(*a.max(b)),
            (Value::Several(a), Value::Several(b)) if matches!(self, Self::AnyOf(_)) => Value::Several(a | b),
            (Value::Several(a), Value::Several(b)) if a & b != 0 => Value::Several(a & b),
            (Value::Number(a), Value::Number(b)) => Value::Number(self.stricter_number(*a, *b)),
            (Value::Networks(a), Value::Networks(b)) => Value::Networks(a.common(b)?),
            (Value::Names(a), Value::Names(b)) => Value::Names(a.common(b)?),
            _ => return None,
        })
    }

    fn stricter_number(self, a: Option<u32>, b: Option<u32>) -> Option<u32> {
        match self {
            Self::Number { strict: Strict::More, .. } => a.zip(b).map(|(a, b)| a.max(b)),
            _ => a.into_iter().chain(b).min(),
        }
    }

    /// Whether a value asks for all that another asks for.
    pub fn is_as_strict(self, value: &Value, other: &Value) -> bool {
        match (value, other) {
            // Names and networks in common come in another order, and with other words around them.
            (Value::Networks(value), Value::Networks(other)) => value.are_within(other),
            (Value::Names(value), Value::Names(other)) => value.are_within(other),
            _ => self.stricter(value, other).as_ref() == Some(value),
        }
    }

    /// A value in words.
    pub fn describe(self, value: &Value) -> String {
        match (self, value) {
            (Self::Switch(_), Value::Switch(on)) => if *on { "On" } else { "Off" }.to_owned(),
            (Self::Choice(offers), Value::Choice(index)) => {
                offers.get(*index).map_or("–", |offer| offer.label).to_owned()
            }
            (Self::AnyOf(_), Value::Several(0)) => "Nothing".to_owned(),
            (Self::Several(offers) | Self::AnyOf(offers), Value::Several(bits)) => {
                chosen(offers, *bits).map(|offer| offer.label).collect::<Vec<_>>().join(", ")
            }
            (Self::Number { unit, .. }, Value::Number(Some(number))) => unit.describe(*number),
            (Self::Number { none, .. }, Value::Number(None)) => none.unwrap_or("–").to_owned(),
            (_, Value::Networks(networks)) => match networks.entries() {
                [] => "From everywhere".to_owned(),
                [one] => one.network.to_string(),
                several @ [first, ..] => format!("{} and {} more", first.network, several.len() - 1),
            },
            (_, Value::Names(names)) if names.is_empty() => "Any".to_owned(),
            (_, Value::Names(names)) => names.text(),
            _ => "–".to_owned(),
        }
    }

    /// A value as files and the record have it.
    pub fn code(self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Switch(on)) => on.to_string(),
            (Self::Choice(offers), Value::Choice(index)) => {
                offers.get(*index).map_or("", |offer| offer.code).to_owned()
            }
            (Self::AnyOf(_), Value::Several(0)) => "none".to_owned(),
            (Self::Several(offers) | Self::AnyOf(offers), Value::Several(bits)) => {
                chosen(offers, *bits).map(|offer| offer.code).collect::<Vec<_>>().join(", ")
            }
            (_, Value::Number(number)) => number.map_or_else(|| "none".to_owned(), |number| number.to_string()),
            (_, Value::Networks(networks)) => record(networks),
            (_, Value::Names(names)) => {
                if names.is_empty() {
                    "any".to_owned()
                } else {
                    names.text()
                }
            }
            _ => String::new(),
        }
    }
}

/// The most networks of a list that the record names one by one.
const RECORDED: usize = 20;

/// The first networks with whom they bind, and a hash of the whole list where there are more.
fn record(networks: &Networks) -> String {
    let bound = |roles: &[RoleId]| {
        if roles.is_empty() { String::new() } else { format!(" for {}", codes(roles).join(" ")) }
    };
    let all: Vec<_> =
        networks.entries().iter().map(|entry| format!("{}{}", entry.network, bound(&entry.roles))).collect();
    match all.len() {
        0 => "any".to_owned(),
        1..=RECORDED => all.join(", "),
        count => {
            let hash = hex::encode(Sha256::digest(all.join("\n")));
            format!("{}, {} more (SHA-256 {hash})", all[..RECORDED].join(", "), count - RECORDED)
        }
    }
}

/// The offers whose bits are set.
pub(super) fn chosen(offers: &'static [Offer], bits: u8) -> impl Iterator<Item = &'static Offer> {
    offers.iter().enumerate().filter(move |(index, _)| bits & (1 << index) != 0).map(|(_, offer)| offer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn days(strict: Strict) -> Kind {
        Kind::Number { unit: Unit::Days, strict, least: 30, most: 3_650, none: Some("For ever"), marks: &[] }
    }

    #[test]
    fn of_a_limit_less_is_stricter_and_of_what_is_kept_more() {
        let [none, year, decade] = [None, Some(365), Some(3_650)].map(Value::Number);
        for (strict, order) in [(Strict::Less, [&none, &decade, &year]), (Strict::More, [&year, &decade, &none])] {
            let kind = days(strict);
            for (at, value) in order.iter().enumerate() {
                for (before, other) in order.iter().enumerate() {
                    assert_eq!(kind.is_as_strict(value, other), at >= before, "{strict:?} {value:?} {other:?}");
                    assert_eq!(kind.stricter(value, other).as_ref(), Some(order[at.max(before)]));
                }
            }
        }
    }

    #[test]
    fn of_what_needs_approval_more_is_stricter_and_nothing_is_a_value() {
        const OFFERS: &[Offer] =
            &[Offer { code: "a", label: "A", help: "" }, Offer { code: "b", label: "B", help: "" }];
        let kind = Kind::AnyOf(OFFERS);
        let [none, a, b, both] = [0, 1, 2, 3].map(Value::Several);
        assert_eq!(kind.several(std::iter::empty()), Ok(none.clone()));
        assert_eq!(kind.several(["b", "a"].into_iter()), Ok(both.clone()));
        assert_eq!(kind.stricter(&a, &b), Some(both.clone()));
        assert!(kind.is_as_strict(&both, &a) && kind.is_as_strict(&a, &none));
        assert!(!kind.is_as_strict(&a, &b) && !kind.is_as_strict(&none, &a));
        assert_eq!([&none, &a, &both].map(|value| kind.describe(value)), ["Nothing", "A", "A, B"]);
        assert_eq!([&none, &a, &both].map(|value| kind.code(value)), ["none", "a", "a, b"]);
    }

    #[test]
    fn whole_years_are_said_as_such() {
        let said = [30, 364, 365, 400, 730, 2_555].map(|number| Unit::Days.describe(number));
        assert_eq!(said, ["30 days", "364 days", "1 year", "400 days", "2 years", "7 years"]);
    }
    #[test]
    fn numbers_are_told_in_the_largest_unit_and_with_their_thousands_apart() {
        for (unit, number, told, short) in [
            (Unit::Minutes, 0, "0 minutes", "0 min"),
            (Unit::Minutes, 90, "90 minutes", "90 min"),
            (Unit::Minutes, 60, "1 hour", "1 h"),
            (Unit::Minutes, 10_080, "7 days", "7 d"),
            (Unit::Days, 1, "1 day", "1 d"),
            (Unit::Sessions, 100_000, "100,000 sessions", "100,000"),
            (Unit::Requests, 6_000, "6,000 requests", "6,000"),
        ] {
            assert_eq!((unit.describe(number), unit.abbreviate(number)), (told.to_owned(), short.to_owned()));
        }
    }
}
