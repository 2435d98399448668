//! Amounts as programs write and read them.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

/// An amount as programs write and read it: a whole number of the unit, or a decimal number in a string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Quantity {
    /// A whole number.
    Whole(i64),
    /// A number as text, which may have a fraction.
    Text(String),
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

/// Reads a quantity, and says what one is to whoever has sent something else.
struct Reader;

impl Visitor<'_> for Reader {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a decimal number in a string")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Quantity, E> {
        Ok(Quantity::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Quantity, E> {
        let whole = i64::try_from(number).map(Quantity::Whole);
        whole.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Quantity, E> {
        // In JSON, 3.0 is the same number as 3, and some programs write it so.
        let whole = number.to_string().parse().map(Quantity::Whole);
        whole.map_err(|_| E::invalid_type(Unexpected::Float(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
        Ok(Quantity::Text(text.to_owned()))
    }
}

/// Reads a whole number that may be missing. What is less or more than such a number can be is the largest: whoever judges
/// it refuses that.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Quantity::Whole(number)) => Ok(Some(u32::try_from(number).unwrap_or(u32::MAX))),
        Some(Quantity::Text(text)) => Err(D::Error::invalid_type(Unexpected::Str(&text), &"a whole number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Quantity>(text);
        for text in ["3", "3.0", "3e0"] {
            assert_eq!(read(text).unwrap(), Quantity::Whole(3), "{text}");
        }
        assert_eq!(read("-3").unwrap(), Quantity::Whole(-3));
        assert_eq!(read("\"3.5\"").unwrap(), Quantity::Text("3.5".to_owned()));
        for text in ["3.5", "1e300", "18446744073709551615", "true", "null", "[3]", "{}"] {
            let told = read(text).unwrap_err().to_string();
            assert!(told.contains("expected a whole number, or a decimal number in a string"), "{text}: {told}");
        }
    }

    #[test]
    fn a_whole_number_is_no_text_and_what_is_beyond_is_the_largest() {
        let read = |text: &str| whole(&mut serde_json::Deserializer::from_str(text));
        for (text, number) in [("60", Some(60)), ("60.0", Some(60)), ("null", None), ("-1", Some(u32::MAX))] {
            assert_eq!(read(text).unwrap(), number, "{text}");
        }
        assert_eq!(read("4294967296").unwrap(), Some(u32::MAX));
        assert!(read("\"60\"").unwrap_err().to_string().contains("expected a whole number"));
    }
}
