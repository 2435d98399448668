//! The values of settings: what kinds of them there are, which of two is stricter, and how people read them.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::names::{is_domain, is_region};
use super::{Names, Networks};
use crate::fields::FieldProblem;
use crate::roles::{RoleId, codes};

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
}

impl Unit {
    /// What people call so many of them.
    pub fn describe(self, number: u32) -> String {
        let (number, unit) = match self {
            Self::Minutes if number > 0 && number.is_multiple_of(24 * 60) => (number / (24 * 60), "day"),
            Self::Minutes if number > 0 && number.is_multiple_of(60) => (number / 60, "hour"),
            Self::Minutes => (number, "minute"),
            Self::Days => (number, "day"),
            Self::Sessions => (number, "session"),
            Self::Requests => (number, "request"),
        };
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    }

    /// What people call it behind a number.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Days => "days",
            Self::Sessions => "sessions",
            Self::Requests => "requests",
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

/// Which values a setting has. Of each kind it is plain which of two is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On is the stricter one.
    Switch(Offer),
    /// From the least to the most strict.
    Choice(&'static [Offer]),
    /// Any of them, but not none: fewer are stricter.
    Several(&'static [Offer]),
    /// A number, of which less is stricter.
    Number {
        /// What it counts.
        unit: Unit,
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
    /// There is one among them that is not offered; there are none.
    pub fn several<'a>(self, codes: impl Iterator<Item = &'a str>) -> Result<Value, FieldProblem> {
        let Self::Several(offers) = self else { return Err(FieldProblem::Malformed) };
        let mut bits = 0;
        for code in codes {
            let index = offers.iter().position(|offer| offer.code == code).ok_or(FieldProblem::UnknownChoice)?;
            bits |= 1 << index;
        }
        if bits == 0 { Err(FieldProblem::Required) } else { Ok(Value::Several(bits)) }
    }

    /// The value that asks for all that two ask for; none, where nothing does.
    pub fn stricter(self, a: &Value, b: &Value) -> Option<Value> {
        Some(match (a, b) {
            (Value::Switch(a), Value::Switch(b)) => Value::Switch(*a || *b),
            (Value::Choice(a), Value::Choice(b)) => Value::Choice(*a.max(b)),
            (Value::Several(a), Value::Several(b)) if a & b != 0 => Value::Several(a & b),
            (Value::Number(None), other @ Value::Number(_)) | (other @ Value::Number(_), Value::Number(None)) => {
                other.clone()
            }
            (Value::Number(Some(a)), Value::Number(Some(b))) => Value::Number(Some(*a.min(b))),
            (Value::Networks(a), Value::Networks(b)) => Value::Networks(a.common(b)?),
            (Value::Names(a), Value::Names(b)) => Value::Names(a.common(b)?),
            _ => return None,
        })
    }

    /// Whether a value asks for all that another asks for.
    pub fn is_as_strict(self, value: &Value, other: &Value) -> bool {
        match (value, other) {
            // Names and networks in common come in another order, and with other words around them.
            (Value::Networks(value), Value::Networks(other)) => !value.is_empty() || other.is_empty(),
            (Value::Names(value), Value::Names(other)) => !value.is_empty() || other.is_empty(),
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
            (Self::Several(offers), Value::Several(bits)) => {
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
            (Self::Several(offers), Value::Several(bits)) => {
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
