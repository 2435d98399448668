//! What may be a password.

mod weakness;

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use weakness::Weakness;

use crate::fields::FieldProblem;

/// The fewest characters of a password.
pub const PASSWORD_MIN: u16 = 10;
/// The most characters of a password: enough for any phrase, too few to burden the hash.
pub const PASSWORD_MAX: u16 = 256;
/// The most characters that an organization can ask for: what a password has beyond them is not noted.
pub const PASSWORD_ASKED_MAX: u16 = 64;

/// A password that somebody wants to have. It is never shown, not even to a debugger's log.
#[derive(Clone)]
pub struct NewPassword(String);

impl NewPassword {
    /// Parses what was typed; nothing is trimmed.
    ///
    /// # Errors
    /// When the length is outside of [`PASSWORD_MIN`] to [`PASSWORD_MAX`] or a NUL is in it.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        let length = raw.chars().count();
        if length == 0 {
            return Err(FieldProblem::Required);
        }
        if length < usize::from(PASSWORD_MIN) {
            return Err(FieldProblem::TooShort(PASSWORD_MIN));
        }
        if length > usize::from(PASSWORD_MAX) {
            return Err(FieldProblem::TooLong(PASSWORD_MAX));
        }
        if raw.contains('\0') {
            return Err(FieldProblem::ForbiddenCharacters);
        }
        Ok(Self(raw.to_owned()))
    }

    /// How many characters it has, as far as that is noted.
    pub fn noted_length(&self) -> u16 {
        u16::try_from(self.0.chars().count()).unwrap_or(PASSWORD_MAX).min(PASSWORD_ASKED_MAX)
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// How hard a password is to guess that can be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Hard enough: more than 10^8 guesses.
    #[default]
    Fair,
    /// Harder than that: more than 10^10 of them.
    Strong,
}

impl Strength {
    /// The score of zxcvbn under which it is stored.
    pub const fn score(self) -> i16 {
        match self {
            Self::Fair => 3,
            Self::Strong => 4,
        }
    }

    /// What a stored score stands for.
    pub const fn of_score(score: i16) -> Self {
        if score >= Self::Strong.score() { Self::Strong } else { Self::Fair }
    }
}

/// What is noted of somebody's password: what an organization may ask for, and nothing by which it could be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordNote {
    /// How many characters it has, [`PASSWORD_ASKED_MAX`] at most; not known of one that was chosen before this was noted.
    pub length: Option<u16>,
    /// How hard it is to guess, if that is known.
    pub strength: Option<Strength>,
    /// When it was chosen.
    pub changed_at: OffsetDateTime,
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_and_nothing_is_trimmed() {
        assert_eq!(NewPassword::parse("  eight  ").unwrap_err(), FieldProblem::TooShort(10));
        assert_eq!(NewPassword::parse("  eight   ").unwrap().expose(), "  eight   ");
        assert_eq!(NewPassword::parse(&"é".repeat(257)).unwrap_err(), FieldProblem::TooLong(256));
        assert_eq!(NewPassword::parse("0123456789\0").unwrap_err(), FieldProblem::ForbiddenCharacters);
    }

    #[test]
    fn no_more_of_the_length_is_noted_than_can_be_asked_for() {
        for (characters, noted) in [(10, 10), (64, 64), (65, 64), (256, 64)] {
            assert_eq!(NewPassword::parse(&"é".repeat(characters)).unwrap().noted_length(), noted);
        }
    }

    #[test]
    fn a_log_does_not_show_it() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2hunter2").unwrap()).contains("hunter2"));
    }
}
