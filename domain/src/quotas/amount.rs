//! Amounts: whole numbers in the smallest part of a unit that counts, so that nothing is rounded.

use super::Quantity;
use crate::fields::FieldProblem;
use crate::numbers::number;

/// The most that anything can be: it is exact in every program that reads JSON, and no sum of such overflows soon.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;

/// What money is counted in.
pub const CURRENCY: &str = "EUR";

/// So many parts make one of the currency.
const MONEY: i64 = 1_000_000;

/// What something is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Files.
    Files,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Millionths of the currency.
    Money,
    /// On or off.
    Switch,
}

impl Unit {
    /// The words behind a number, and how many of the smallest part each stands for, the smallest first. The first stands
    /// for a number alone, too.
    pub(super) const fn words(self) -> &'static [(&'static str, i64)] {
        match self {
            Self::Requests => &[("requests", 1), ("request", 1)],
            Self::Files => &[("files", 1), ("file", 1)],
            Self::Bytes => &[
                ("B", 1),
                ("kB", 1_000),
                ("MB", 1_000_000),
                ("GB", 1_000_000_000),
                ("TB", 1_000_000_000_000),
                ("KiB", 1 << 10),
                ("MiB", 1 << 20),
                ("GiB", 1 << 30),
                ("TiB", 1 << 40),
            ],
            Self::Milliseconds => &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)],
            Self::Money => &[(CURRENCY, MONEY), ("€", MONEY)],
            Self::Switch => &[("", 1)],
        }
    }

    /// The name of the unit in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Files => "files",
            Self::Bytes => "bytes",
            Self::Milliseconds => "milliseconds",
            Self::Money => CURRENCY,
            Self::Switch => "switch",
        }
    }

    /// What people may type, in a sentence.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Requests | Self::Files => "A whole number.",
            Self::Bytes => "Such as 500 MB, 2 GB or 1 GiB; a number alone is bytes.",
            Self::Milliseconds => "Such as 30 s or 5 min; a number alone is milliseconds.",
            Self::Money => "In euros, such as 250 or 12.50.",
            Self::Switch => "On or off.",
        }
    }

    /// How much one price is for: a price for a single byte would be mostly zeros.
    pub const fn lot(self) -> i64 {
        match self {
            Self::Requests | Self::Files | Self::Milliseconds => 1_000,
            Self::Bytes => 1_000_000_000,
            Self::Money => MONEY,
            Self::Switch => 1,
        }
    }

    /// What one price is for, in words.
    pub const fn describe_lot(self) -> &'static str {
        match self {
            Self::Requests => "1,000 requests",
            Self::Files => "1,000 files and day",
            Self::Bytes => "GB and day",
            Self::Milliseconds => "second",
            Self::Money => CURRENCY,
            Self::Switch => "month",
        }
    }

    /// By how much amounts up to this one are divided so that the axis of a chart has short numbers, and what those are of.
    pub fn scale(self, most: i64) -> (i64, &'static str) {
        match self {
            Self::Money if most < 10 * MONEY => (MONEY / 100, "cents"),
            Self::Money => (MONEY, CURRENCY),
            Self::Bytes | Self::Milliseconds => {
                let fits = |(word, factor): &&(&str, i64)| most / factor >= 10 && !word.ends_with("iB");
                let found = self.words().iter().filter(fits).max_by_key(|(_, factor)| *factor);
                found.map_or((1, self.code()), |(word, factor)| (*factor, *word))
            }
            Self::Requests | Self::Files | Self::Switch => (1, self.code()),
        }
    }

    /// An amount from what somebody typed, with or without a word for the unit. It may be zero.
    ///
    /// # Errors
    /// Nothing; no number; negative; more than [`AMOUNT_MAX`]; a fraction of what counts.
    pub fn parse(self, text: &str) -> Result<i64, FieldProblem> {
        let text = text.trim();
        if self == Self::Switch {
            return match text {
                "on" | "1" => Ok(1),
                "off" | "0" => Ok(0),
                _ => Err(FieldProblem::UnknownChoice),
            };
        }
        let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
        let (digits, word) = (&text[..end], text[end..].trim());
        let mut words = self.words().iter();
        let factor = match word {
            "" if text.is_empty() => return Err(FieldProblem::Required),
            "" => words.next(),
            _ => words.find(|(name, _)| name.eq_ignore_ascii_case(word)),
        };
        let (_, factor) = factor.ok_or(FieldProblem::Malformed)?;
        exact(digits, *factor)
    }

    /// An amount as a program gave it. It may be zero.
    ///
    /// # Errors
    /// As [`Unit::parse`].
    pub fn read(self, quantity: &Quantity) -> Result<i64, FieldProblem> {
        match quantity {
            Quantity::Whole(number) => self.parse(&number.to_string()),
            Quantity::Text(text) => self.parse(text),
        }
    }

    /// As programs read it.
    pub fn quantity(self, amount: i64) -> Quantity {
        if self == Self::Money { Quantity::Text(decimal(amount, MONEY)) } else { Quantity::Whole(amount) }
    }

    /// As somebody would type it: [`Unit::parse`] leads back.
    pub fn typed(self, amount: i64) -> String {
        match self {
            Self::Money => decimal(amount, MONEY),
            Self::Switch => if amount > 0 { "on" } else { "off" }.to_owned(),
            Self::Requests | Self::Files => amount.to_string(),
            Self::Bytes | Self::Milliseconds => {
                let fits = |(_, factor): &&(&str, i64)| amount > 0 && amount % factor == 0;
                let (word, factor) =
                    self.words().iter().filter(fits).max_by_key(|(_, factor)| *factor).unwrap_or(&self.words()[0]);
                format!("{} {word}", amount / factor)
            }
        }
    }

    /// As people read it: in the largest word that fits, to the hundredth.
    pub fn show(self, amount: i64) -> String {
        match self {
            Self::Requests | Self::Files => grouped(amount),
            Self::Switch => if amount > 0 { "On" } else { "Off" }.to_owned(),
            Self::Money => {
                let cents = (i128::from(amount) * 200 + i128::from(MONEY)).div_euclid(2 * i128::from(MONEY));
                let cents = i64::try_from(cents).unwrap_or(i64::MAX);
                format!("{}.{:02} {CURRENCY}", grouped(cents / 100), (cents % 100).abs())
            }
            Self::Bytes | Self::Milliseconds => {
                let fits = |(word, factor): &&(&str, i64)| *factor <= amount && !word.ends_with("iB");
                let (word, factor) =
                    self.words().iter().filter(fits).max_by_key(|(_, factor)| *factor).unwrap_or(&self.words()[0]);
                let hundredths = i128::from(amount) * 100 / i128::from(*factor);
                let hundredths = i64::try_from(hundredths).unwrap_or(i64::MAX);
                let rest = format!("{:02}", hundredths % 100);
                let rest = rest.trim_end_matches('0');
                let point = if rest.is_empty() { "" } else { "." };
                format!("{}{point}{rest} {word}", grouped(hundredths / 100))
            }
        }
    }
}

/// A decimal number times a factor, if that is a whole number.
pub(super) fn exact(digits: &str, factor: i64) -> Result<i64, FieldProblem> {
    let negative = digits.starts_with('-');
    let digits = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || digits.ends_with('.') {
        return Err(FieldProblem::Malformed);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if negative && !(whole.is_empty() && fraction.is_empty()) {
        return Err(FieldProblem::Negative);
    }
    if whole.len() > 18 {
        return Err(FieldProblem::Huge);
    }
    if fraction.len() > 18 {
        return Err(FieldProblem::Fraction);
    }
    let part = |digits: &str| if digits.is_empty() { 0 } else { digits.parse::<i128>().unwrap_or(0) };
    let factor = i128::from(factor);
    let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let scaled = part(fraction) * factor;
    if scaled % scale != 0 {
        return Err(FieldProblem::Fraction);
    }
    let amount = part(whole) * factor + scaled / scale;
    i64::try_from(amount).ok().filter(|amount| *amount <= AMOUNT_MAX).ok_or(FieldProblem::Huge)
}

/// An amount of so many parts each as a decimal number, without zeros at its end.
pub(super) fn decimal(amount: i64, parts: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (amount, parts) = (amount.unsigned_abs(), parts.unsigned_abs());
    let (whole, rest) = (amount / parts, amount % parts);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let places = parts.ilog10() as usize;
    format!("{sign}{whole}.{}", format!("{rest:0places$}").trim_end_matches('0'))
}

fn grouped(amount: i64) -> String {
    let sign = if amount < 0 { "−" } else { "" };
    format!("{sign}{}", number(amount.unsigned_abs()))
}
