//! Where a page of a list begins, as a statement binds it.

use domain::paging::Cursor;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    Text,
    Time,
}

/// The row beyond which a page begins: its sort value, of the one kind or the other, and its id.
///
/// The first page has no cursor, and begins beyond a value that nothing has: so every page is the same statement, and
/// one that an index can serve.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) text: String,
    pub(crate) time: OffsetDateTime,
    pub(crate) id: Uuid,
}

impl Edge {
    /// The edge that a cursor names. One that names none is that of the first page.
    pub(crate) fn new(cursor: Option<&Cursor>, key: SortKey, ascending: bool) -> Self {
        // U+FFFF sorts behind every character in Unicode's collation (UTS #35, part 5) and in bytes.
        let first = if ascending {
            Self { text: String::new(), time: OffsetDateTime::UNIX_EPOCH - time::Duration::DAY, id: Uuid::nil() }
        } else {
            Self { text: '\u{ffff}'.to_string(), time: time::macros::datetime!(9999-01-01 00:00 UTC), id: Uuid::max() }
        };
        let Some(Cursor::After(value, id) | Cursor::Before(value, id)) = cursor else { return first };
        match (id.parse(), key, parse_time(value)) {
            (Ok(id), SortKey::Text, _) => Self { text: value.clone(), id, ..first },
            (Ok(id), SortKey::Time, Some(time)) => Self { time, id, ..first },
            _ => first,
        }
    }
}

/// A time as a cursor holds it: microseconds since 1970, as exact as Postgres is.
pub(crate) fn time_value(at: OffsetDateTime) -> String {
    (at.unix_timestamp_nanos() / 1000).to_string()
}

fn parse_time(value: &str) -> Option<OffsetDateTime> {
    let microseconds: i64 = value.parse().ok()?;
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000).ok()?;
    (0..=9999).contains(&time.year()).then_some(time)
}
