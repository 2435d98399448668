//! The name of an organization in addresses: `/o/{slug}`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fields::FieldProblem;

/// The fewest characters of a slug.
pub const SLUG_MIN: u16 = 3;
/// The most characters of a slug.
pub const SLUG_MAX: u16 = 40;

/// The most former slugs that an organization keeps. They are never given up, because whoever took one
/// over would get the visits of its links; so a further one is refused.
pub const FORMER_SLUGS_MAX: u16 = 5;

/// Words that could be taken for a part of the portal.
const RESERVED: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "dashboard",
    "docs",
    "help",
    "healthz",
    "invitations",
    "invite",
    "login",
    "logout",
    "mail",
    "metrics",
    "new",
    "operator",
    "organizations",
    "pkg",
    "platform",
    "portcullis",
    "readyz",
    "root",
    "security",
    "settings",
    "sign-in",
    "sign-out",
    "sign-up",
    "static",
    "status",
    "support",
    "system",
    "www",
];

/// Lower-case letters, digits and single hyphens between them; never used as an identifier in SQL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Parses what was typed.
    ///
    /// # Errors
    /// When the length is outside of [`SLUG_MIN`] to [`SLUG_MAX`], when it has other characters, or
    /// when it is a reserved word.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        let slug = raw.trim();
        if slug.is_empty() {
            return Err(FieldProblem::Required);
        }
        if slug.len() > usize::from(SLUG_MAX) {
            return Err(FieldProblem::TooLong(SLUG_MAX));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !slug.chars().all(plain) || slug.starts_with('-') || slug.ends_with('-') || slug.contains("--") {
            return Err(FieldProblem::Malformed);
        }
        if slug.len() < usize::from(SLUG_MIN) {
            return Err(FieldProblem::TooShort(SLUG_MIN));
        }
        if RESERVED.contains(&slug) {
            return Err(FieldProblem::Reserved);
        }
        Ok(Self(slug.to_owned()))
    }

    /// What somebody asks for in an address, if it can be a slug at all: whether it is one, only the organizations can
    /// tell. One of them may be older than a rule, such as a reserved word.
    pub fn asked(raw: &str) -> Option<Self> {
        let can_be = (1..=100).contains(&raw.len()) && raw.bytes().all(|byte| byte.is_ascii_graphic());
        can_be.then(|| Self(raw.to_owned()))
    }

    /// What was stored once: it was judged then, and the rules of today are for what is typed today.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A slug made from an organization's name: what is not a letter or a digit becomes a hyphen.
    /// `attempt` is 1 for the first choice; later ones get `-2`, `-3` and so on at the end.
    pub fn derive(name: &str, attempt: u32) -> Self {
        let suffix = if attempt > 1 { format!("-{attempt}") } else { String::new() };
        let room = usize::from(SLUG_MAX) - suffix.len();
        let mut base = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            match fold(c) {
                Some(letters) => base.push_str(letters),
                None if c.is_ascii_alphanumeric() => base.push(c),
                None if !base.is_empty() && !base.ends_with('-') => base.push('-'),
                None => {}
            }
        }
        base.truncate(room);
        let base = base.trim_matches('-');
        let candidate = format!("{base}{suffix}");
        Self::parse(&candidate).unwrap_or_else(|_| {
            let prefixed: String = format!("org-{base}").chars().take(room).collect();
            Self(format!("{}{suffix}", prefixed.trim_matches('-')))
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The plain spelling of Latin letters with marks, as far as they are common in names.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ő' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ű' | 'ů' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slugs_follow_the_rules() {
        assert!(Slug::parse("acme-2").is_ok());
        for (raw, problem) in [
            ("", FieldProblem::Required),
            ("ab", FieldProblem::TooShort(3)),
            ("Acme", FieldProblem::Malformed),
            ("a--b", FieldProblem::Malformed),
            ("-acme", FieldProblem::Malformed),
            ("acme\"; drop", FieldProblem::Malformed),
            ("sign-in", FieldProblem::Reserved),
        ] {
            assert_eq!(Slug::parse(raw), Err(problem), "{raw:?}");
        }
    }

    #[test]
    fn a_slug_that_is_asked_for_may_be_older_than_a_rule() {
        assert_eq!(Slug::asked("admin"), Some(Slug::stored("admin")));
        for raw in ["", "a\0b", "a b", "é", &"x".repeat(101)] {
            assert_eq!(Slug::asked(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn a_name_gives_a_slug_that_can_be_read() {
        for (name, slug) in [
            ("Acme Manufacturing", "acme-manufacturing"),
            ("Müller & Söhne GmbH", "mueller-soehne-gmbh"),
            ("Admin", "org-admin"),
            ("李", "org"),
            ("X", "org-x"),
        ] {
            assert_eq!(Slug::derive(name, 1).as_str(), slug);
        }
        assert_eq!(Slug::derive("Acme", 2).as_str(), "acme-2");
    }

    proptest! {
        #[test]
        fn every_name_gives_a_slug(name in any::<String>(), attempt in 1u32..2000) {
            let slug = Slug::derive(&name, attempt);
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
        }
    }
}
