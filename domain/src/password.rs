//! What may be a password.

mod weakness;

use std::fmt;

pub use weakness::Weakness;

use crate::fields::FieldProblem;

/// The fewest characters of a password.
pub const PASSWORD_MIN: u16 = 10;
/// The most characters of a password: enough for any phrase, too few to burden the hash.
pub const PASSWORD_MAX: u16 = 256;

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

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
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
    fn a_log_does_not_show_it() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2hunter2").unwrap()).contains("hunter2"));
    }
}
