//! The canonical entry: the bytes that are hashed, and nothing that could be read in two ways.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Action, Actor, Change, Commitment, Context, Hash, LogId, Outcome, Target, Value, instant, merkle};

/// The format that [`Entry::canonical`] writes.
pub(super) const VERSION: u8 = 1;

/// Larger whole numbers are not the same in every reader of JSON (RFC 8785 takes numbers as IEEE 754 doubles).
pub(super) const NUMBERS_END: u64 = 1 << 53;

/// What happened, once and for all.
///
/// Its canonical bytes are those of [RFC 8785], of which it needs strings, whole numbers below 2^53, arrays and objects
/// only: the fields of every struct in here are declared in alphabetical order and written without spaces, and what is
/// absent is left out.
///
/// [RFC 8785]: https://www.rfc-editor.org/rfc/rfc8785
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// When, in UTC, to the microsecond.
    #[serde(with = "instant")]
    pub at: OffsetDateTime,
    /// What is different now.
    pub changes: Vec<Change>,
    /// The request that it came with.
    pub context: Context,
    /// The entry's place in its log, counted from zero without a gap.
    pub index: u64,
    /// The log that it belongs to, so that it proves nothing in another.
    pub log: LogId,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, in the words of whoever did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Value>,
    /// What it was done to.
    pub target: Target,
    /// The version of this format.
    pub(super) v: u8,
}

/// The bytes are not the canonical form of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON, or a field is missing, unknown, there twice or of the wrong kind.
    #[error("not an entry: {0}")]
    Malformed(String),
    /// A version of the format that this program does not know.
    #[error("version {0} of the format is not known")]
    Version(u8),
    /// An index that readers of JSON do not agree on.
    #[error("the index is 2^53 or more")]
    Index,
    /// The same content, but written in another way than the only one.
    #[error("not in canonical form")]
    NotCanonical,
}

impl Entry {
    /// Reads an entry that is in canonical form, and refuses every other form.
    ///
    /// # Errors
    /// When a single byte is not as [`Entry::canonical`] writes it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| ParseError::Malformed(error.to_string()))?;
        if entry.v != VERSION {
            return Err(ParseError::Version(entry.v));
        }
        if entry.index >= NUMBERS_END {
            return Err(ParseError::Index);
        }
        if entry.canonical() != bytes {
            return Err(ParseError::NotCanonical);
        }
        Ok(entry)
    }

    /// The canonical bytes, which are UTF-8.
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers in memory can always be written as JSON")]
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers in memory can always be written as JSON")
    }

    /// The entry's hash as a leaf of its log.
    pub fn leaf(&self) -> Hash {
        merkle::leaf_hash(&self.canonical())
    }

    /// Every value in it.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let changes = self.changes.iter().flat_map(|change| [&change.before, &change.after]);
        [&self.actor.name, &self.target.name, &self.reason, &self.context.ip, &self.context.device]
            .into_iter()
            .chain(changes)
            .flatten()
    }

    /// Every commitment in it, in no particular order.
    pub fn commitments(&self) -> impl Iterator<Item = Commitment> {
        self.values().filter_map(|value| match value {
            Value::Public(_) => None,
            Value::Commit(commitment) => Some(*commitment),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;
    use crate::audit::strategies;

    const PINNED: &str = concat!(
        r#"{"action":"member.role_changed","actor":{"id":"0198c5c0-0000-7000-8000-000000000001","kind":"person","#,
        r#""name":{"commit":"1e376b06a32a089f8725a91178631a485dfab313823c3d2d7b316f1c9a14480c"}},"#,
        r#""at":"2026-01-02T03:04:05.000006Z","#,
        r#""changes":[{"after":{"public":"admin"},"before":{"public":"member"},"field":"role"}],"#,
        r#""context":{"request_id":"r-1"},"index":7,"log":"0198c5c0-0000-7000-8000-000000000002","#,
        r#""outcome":"done","target":{"id":"42","kind":"member"},"v":1}"#,
    );

    fn refusal(text: &str) -> ParseError {
        Entry::parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn the_format_is_pinned() {
        let entry = Entry::parse(PINNED.as_bytes()).unwrap();
        assert_eq!(entry.index, 7);
        assert_eq!(entry.commitments().count(), 1);
        assert_eq!(entry.leaf().to_string(), "b2cbf31b16bb8e219dbf57e601310503ece0419d67ffea1630f6fa0048e7e4fa");
    }

    #[test]
    fn other_forms_of_the_same_content_are_refused() {
        for (from, to) in [
            (r#""v":1"#, r#""v": 1"#),
            (
                r#""v":1}"#,
                r#""v":1}
"#,
            ),
            (r#""index":7"#, r#""index":7e0"#),
            (r#""v":1"#, r#""reason":null,"v":1"#),
            (r#""outcome":"done","#, ""),
            (r#""admin""#, r#""\u0061dmin""#),
            (r#""id":"42","kind":"member""#, r#""kind":"member","id":"42""#),
            ("0198c5c0-0000-7000-8000-000000000002", "0198c5c0000070008000000000000002"),
            ("1e376b06", "1E376B06"),
            ("000006Z", "000006+00:00"),
            ("05.000006Z", "05Z"),
        ] {
            assert!(PINNED.contains(from), "{from}");
            refusal(&PINNED.replace(from, to));
        }
    }

    #[test]
    fn unknown_and_duplicate_fields_are_refused_at_every_depth() {
        for (from, to) in [
            (r#""v":1"#, r#""v":1,"x":1"#),
            (r#""v":1"#, r#""v":1,"v":1"#),
            (r#""kind":"member""#, r#""kind":"member","x":"""#),
            (r#""field":"role""#, r#""field":"role","field":"role""#),
            (r#"{"request_id":"r-1"}"#, r#"{"request_id":"r-1","x":1}"#),
            (r#"{"public":"admin"}"#, r#"{"public":"admin","commit":"00"}"#),
        ] {
            assert!(PINNED.contains(from), "{from}");
            assert!(matches!(refusal(&PINNED.replace(from, to)), ParseError::Malformed(_)), "{to}");
        }
    }

    #[test]
    fn later_versions_and_huge_numbers_are_refused() {
        assert_eq!(refusal(&PINNED.replace(r#""v":1"#, r#""v":2"#)), ParseError::Version(2));
        assert_eq!(refusal(&PINNED.replace(r#""index":7"#, r#""index":9007199254740992"#)), ParseError::Index);
    }

    /// The same JSON with the fields of every object in order: RFC 8785 for names in ASCII.
    fn sorted(json: Json) -> Json {
        match json {
            Json::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                Json::Object(fields.into_iter().collect())
            }
            Json::Array(items) => items.into_iter().map(sorted).collect(),
            other => other,
        }
    }

    proptest! {
        #[test]
        fn canonical_bytes_read_back_as_the_same_entry(entry in strategies::entry()) {
            prop_assert_eq!(Entry::parse(&entry.canonical()).unwrap(), entry);
        }

        #[test]
        fn canonical_bytes_have_their_fields_in_order(entry in strategies::entry()) {
            let bytes = entry.canonical();
            let json: Json = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(serde_json::to_vec(&sorted(json)).unwrap(), bytes);
        }

        #[test]
        fn whatever_parses_is_canonical(entry in strategies::entry(), at: prop::sample::Index, byte: u8) {
            let mut bytes = entry.canonical();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = Entry::parse(&bytes) {
                prop_assert_eq!(read.canonical(), bytes);
            }
        }
    }
}
