//! A point in time as RFC 3339 in UTC with six digits of a second: `2026-01-02T03:04:05.000006Z`.

use serde::{Deserialize, Deserializer, Serializer, de, ser};
use time::{
    OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description,
};

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The same point in time as it will be read back: in UTC, without what is below a microsecond.
pub fn truncate(at: OffsetDateTime) -> OffsetDateTime {
    let utc = at.to_offset(UtcOffset::UTC);
    utc.replace_microsecond(utc.microsecond()).unwrap_or(utc)
}

pub fn serialize<S: Serializer>(at: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let text = at.to_offset(UtcOffset::UTC).format(FORMAT).map_err(ser::Error::custom)?;
    serializer.serialize_str(&text)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    PrimitiveDateTime::parse(&text, FORMAT).map(PrimitiveDateTime::assume_utc).map_err(de::Error::custom)
}
