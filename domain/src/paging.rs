//! Lists that are paged by key.
//!
//! A cursor names the row at the edge of a page by the value it is sorted by and its id, so that
//! a page is found by index however far down it is, and rows that come and go do not shift it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// How many rows a page shows.
pub const PAGE_SIZE: usize = 25;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cursor {
    /// Behind the row with this sort value and id.
    After(String, String),
    /// Before the row with this sort value and id.
    Before(String, String),
}

impl Cursor {
    /// What a cursor in an address looks like, as a regular expression: the alphabet of it, and at least a mark.
    pub const PATTERN: &str = "^[A-Za-z0-9_-]{3,}$";

    /// The cursor as it stands in an address: opaque, and of no use to anyone but this list.
    pub fn encode(&self) -> String {
        let (mark, key, id) = match self {
            Self::After(key, id) => ('a', key, id),
            Self::Before(key, id) => ('b', key, id),
        };
        URL_SAFE_NO_PAD.encode(format!("{mark}{id}\n{key}"))
    }

    /// The cursor from an address. What is not one, is none: the list then begins at its top.
    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (head, key) = plain.split_once('\n')?;
        if key.contains('\0') || key.len() > 1024 {
            return None;
        }
        let id = head.get(1..)?.to_owned();
        match head.chars().next()? {
            'a' => Some(Self::After(key.to_owned(), id)),
            'b' => Some(Self::Before(key.to_owned(), id)),
            _ => None,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, at most [`PAGE_SIZE`].
    pub rows: Vec<T>,
    /// How many rows match in all, or at least.
    pub total: u64,
    /// Whether there are more than `total`: nobody has counted them.
    pub uncounted: bool,
    /// The cursor of the page before, unless this is the first.
    pub previous: Option<String>,
    /// The cursor of the page behind, unless this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of rows that were read in the cursor's direction, one more than a page shows
    /// if there are as many. `key` tells a row's sort value and id.
    pub fn assemble(
        mut rows: Vec<T>,
        cursor: Option<&Cursor>,
        total: u64,
        key: impl Fn(&T) -> (String, String),
    ) -> Self {
        let more = rows.len() > PAGE_SIZE;
        rows.truncate(PAGE_SIZE);
        let backwards = matches!(cursor, Some(Cursor::Before(..)));
        if backwards {
            rows.reverse();
        }
        let (has_previous, has_next) = if backwards { (more, true) } else { (cursor.is_some(), more) };
        let edge = |row: Option<&T>, make: fn(String, String) -> Cursor| {
            row.map(|row| {
                let (key, id) = key(row);
                make(key, id).encode()
            })
        };
        let previous = if has_previous { edge(rows.first(), Cursor::Before) } else { None };
        let next = if has_next { edge(rows.last(), Cursor::After) } else { None };
        Self { rows, total, uncounted: false, previous, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cursors_survive_the_address(key in "[^\0]{0,80}", id in "[a-z0-9-]{0,40}") {
            for cursor in [Cursor::After(key.clone(), id.clone()), Cursor::Before(key.clone(), id.clone())] {
                let text = cursor.encode();
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                prop_assert!(text.len() >= 3 && text.bytes().all(is_plain), "as the pattern says");
                prop_assert_eq!(Cursor::decode(&text), Some(cursor));
            }
        }

        #[test]
        fn strange_cursors_are_none_and_never_a_panic(text in any::<String>()) {
            let _ = Cursor::decode(&text);
        }
    }
}
