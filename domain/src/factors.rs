//! What people prove themselves with besides their password.

mod recovery;

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::fields::FieldProblem;
use crate::ids::{AuthenticatorId, PasskeyId};

pub use recovery::{FEW_RECOVERY_CODES, RECOVERY_CODE_BYTES, RECOVERY_CODES, RecoveryCode};

/// The digits of a code from an authenticator app.
pub const CODE_DIGITS: usize = 6;

/// A code from an authenticator app, as far as its form goes: it may be wrong, old or somebody else's.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Parses what was typed; spaces do not matter, since apps show them.
    ///
    /// # Errors
    /// Nothing was typed; or what was typed is a code as little as a wrong one is, and is told in the same words.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        let code: String = raw.chars().filter(|char| !char.is_whitespace()).take(CODE_DIGITS + 1).collect();
        if code.is_empty() {
            return Err(FieldProblem::Required);
        }
        let is_code = code.len() == CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { Ok(Self(code)) } else { Err(FieldProblem::WrongCode) }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// The ways to prove oneself that an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// An authenticator app, at least.
    pub authenticator: bool,
    /// A passkey, at least.
    pub passkey: bool,
}

impl Factors {
    /// Whether the password is not all that is asked for.
    pub fn any(self) -> bool {
        self.authenticator || self.passkey
    }
}

/// How many of each an account has, at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorSummary {
    /// Authenticator apps that count.
    pub authenticators: u32,
    /// Passkeys.
    pub passkeys: u32,
    /// Recovery codes that were not used.
    pub recovery_codes: u32,
}

impl FactorSummary {
    /// The ways to prove oneself.
    pub fn factors(self) -> Factors {
        Factors { authenticator: self.authenticators > 0, passkey: self.passkeys > 0 }
    }
}

/// An authenticator app in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// Its id.
    pub id: AuthenticatorId,
    /// What its owner calls it.
    pub name: String,
    /// Since when it counts.
    pub confirmed_at: OffsetDateTime,
    /// When a code of it was taken last.
    pub last_used_at: Option<OffsetDateTime>,
}

/// A passkey in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// Since when it counts.
    pub added_at: OffsetDateTime,
    /// When it was used last.
    pub last_used_at: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_however_they_are_spaced() {
        for raw in ["123456", " 123 456 ", "12 34 56", "123\u{a0}456"] {
            assert_eq!(Code::parse(raw).unwrap().as_str(), "123456", "{raw:?}");
        }
        assert_eq!(Code::parse("  "), Err(FieldProblem::Required));
        for raw in ["12345", "1234567", "12345a", "١٢٣٤٥٦", "123-456", "\u{0}123456", &"1".repeat(100_000)] {
            assert_eq!(Code::parse(raw), Err(FieldProblem::WrongCode));
        }
    }

    #[test]
    fn a_code_does_not_show_itself() {
        assert_eq!(format!("{:?}", Code::parse("123456").unwrap()), "Code");
    }
}
