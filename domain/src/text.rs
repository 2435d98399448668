//! Names that people give to themselves and to their organizations.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::fields::FieldProblem;

/// The most characters that a name may have.
pub const NAME_MAX: u16 = 100;

/// Trims, and refuses what is empty, too long or not meant to be read: control characters, and
/// the marks that make text read backwards (Unicode's bidirectional embeddings, overrides and
/// isolates), with which one name can be made to look like another. Angle brackets are refused, too:
/// every page and mail shows names as the text they are, but they go on into other people's programs,
/// and no name needs them.
fn parse_name(raw: &str) -> Result<String, FieldProblem> {
    let name = raw.trim();
    if name.is_empty() {
        return Err(FieldProblem::Required);
    }
    if name.chars().count() > usize::from(NAME_MAX) {
        return Err(FieldProblem::TooLong(NAME_MAX));
    }
    if name.chars().any(is_unprintable) {
        return Err(FieldProblem::ForbiddenCharacters);
    }
    if name.contains(['<', '>']) {
        return Err(FieldProblem::Markup);
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err(FieldProblem::Malformed);
    }
    Ok(name.to_owned())
}

/// Whether a character is there to steer the display or to mark an end of a sorted list (U+FFFE and
/// U+FFFF), not to be read.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The characters that steer a display, as they stand between the brackets of a regular expression. All of them are of
/// Unicode's first plane.
#[must_use]
pub fn unprintable() -> &'static str {
    static CLASS: LazyLock<String> = LazyLock::new(|| {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for c in ('\0'..='\u{ffff}').filter(|c| is_unprintable(*c)).map(u32::from) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => ranges.push((c, c)),
            }
        }
        let ranges: Vec<_> = ranges.into_iter().map(|(first, last)| format!("\\u{first:04x}-\\u{last:04x}")).collect();
        ranges.concat()
    });
    &CLASS
}

/// A text from a file that anybody may have written, for a terminal or a page: what is there to steer the display is
/// shown as U+FFFD.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) { text.replace(is_unprintable, "\u{fffd}").into() } else { text.into() }
}

/// A name as a part of a sentence. One that is written from right to left is set apart by Unicode's isolates, so that
/// it turns around neither what stands beside it nor its own brackets and digits.
#[must_use]
pub fn isolated(name: &str) -> Cow<'_, str> {
    if name.chars().any(is_right_to_left) { format!("\u{2068}{name}\u{2069}").into() } else { name.into() }
}

/// Whether a character belongs to one of the blocks of scripts that are written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// Parses what was typed.
            ///
            /// # Errors
            /// When it is empty, longer than [`NAME_MAX`], or holds characters that are not text.
            pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
                parse_name(raw).map(Self)
            }

            /// What was stored once: it was judged then, and the rules of today are for what is typed today.
            pub fn stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// What a person is called.
    PersonName
);
name!(
    /// What somebody calls a device of theirs.
    DeviceName
);
name!(
    /// What an organization is called. Not unique.
    OrganizationName
);
name!(
    /// What a role of the organization's own is called. Unique there, whatever the case of its letters.
    RoleName
);
name!(
    /// What a group of members is called. Unique in its organization, whatever the case of its letters.
    GroupName
);
name!(
    /// What somebody calls an API key. Not unique.
    KeyName
);
name!(
    /// What a service account is called. Unique in its organization, whatever the case of its letters.
    ServiceAccountName
);
name!(
    /// What somebody calls a filter that they keep. Unique among theirs, whatever the case of its letters.
    FilterName
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_done() {
        assert_eq!(printable("\u{1b}[2J\nAda \u{202e}Öberg"), "\u{fffd}[2J\u{fffd}Ada \u{fffd}Öberg");
        assert_eq!(printable("Ada Öberg"), "Ada Öberg");
    }

    #[test]
    fn what_steers_a_display_is_named_range_by_range() {
        let class = unprintable();
        assert!(class.starts_with(r"\u0000-\u001f\u007f-\u009f\u200b-\u200b\u200e-\u200f\u2028-\u202e"), "{class}");
        assert!(class.ends_with(r"\ufeff-\ufeff\ufffe-\uffff"), "{class}");
        assert!(('\u{10000}'..=char::MAX).all(|c| !is_unprintable(c)));
    }

    #[test]
    fn names_of_the_world_are_kept_as_typed() {
        for name in ["Ada Öberg", "李小龙", "محمد", "O’Neil-Smith", "Tom & Jerry's \"Shop\""] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(PersonName::parse("  Ada ").unwrap().as_str(), "Ada");
    }

    #[test]
    fn a_name_that_was_taken_before_a_rule_came_stays_what_it_is() {
        assert_eq!(PersonName::stored("Ada <ada@acme.example>").as_str(), "Ada <ada@acme.example>");
    }

    #[test]
    fn in_a_sentence_names_from_right_to_left_are_set_apart() {
        assert_eq!(isolated("محمد 2"), "\u{2068}محمد 2\u{2069}");
        assert_eq!(isolated("Ada (דנה)"), "\u{2068}Ada (דנה)\u{2069}");
        for name in ["Ada Öberg", "李小龙", "x@example.com"] {
            assert_eq!(isolated(name), name);
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        assert_eq!(PersonName::parse(" "), Err(FieldProblem::Required));
        assert_eq!(PersonName::parse("a\0b"), Err(FieldProblem::ForbiddenCharacters));
        assert_eq!(PersonName::parse("a\u{202e}b"), Err(FieldProblem::ForbiddenCharacters));
        assert_eq!(PersonName::parse("\u{ffff}b"), Err(FieldProblem::ForbiddenCharacters));
        for name in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a<b", "a>b"] {
            assert_eq!(PersonName::parse(name), Err(FieldProblem::Markup));
        }
        assert_eq!(PersonName::parse("---"), Err(FieldProblem::Malformed));
        assert_eq!(PersonName::parse(&"x".repeat(101)), Err(FieldProblem::TooLong(100)));
    }
}
