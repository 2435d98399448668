//! Recovery codes: what lets somebody in whose second factor is gone.

use std::fmt;

use crate::fields::FieldProblem;

/// The bytes of a code: 80 random bits, which nobody guesses.
pub const RECOVERY_CODE_BYTES: usize = 10;
/// How many somebody gets at a time.
pub const RECOVERY_CODES: usize = 10;
/// With so many left or fewer, it is time for new ones.
pub const FEW_RECOVERY_CODES: u32 = 3;

/// Crockford's Base32: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The characters of a code without its dashes, at five bits each.
const LENGTH: usize = 16;

/// A recovery code, written `XXXX-XXXX-XXXX-XXXX` in Crockford's Base32 (<https://www.crockford.com/base32.html>).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryCode([u8; RECOVERY_CODE_BYTES]);

impl RecoveryCode {
    /// The code of these random bytes.
    pub fn new(bytes: [u8; RECOVERY_CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// Parses what was typed: small letters, spaces and missing dashes do not matter, and neither do letters that look
    /// like digits.
    ///
    /// # Errors
    /// Nothing was typed; or it is no code, which is told as a wrong one is.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        let mut values = [0_u8; LENGTH];
        let mut count = 0;
        for char in raw.chars().filter(|char| *char != '-' && !char.is_whitespace()) {
            let slot = values.get_mut(count).ok_or(FieldProblem::WrongCode)?;
            *slot = value(char).ok_or(FieldProblem::WrongCode)?;
            count += 1;
        }
        match count {
            0 => Err(FieldProblem::Required),
            LENGTH => Ok(Self(pack(values))),
            _ => Err(FieldProblem::WrongCode),
        }
    }

    /// The bytes that are hashed.
    pub fn bytes(&self) -> &[u8; RECOVERY_CODE_BYTES] {
        &self.0
    }
}

/// The five bits of a character.
fn value(char: char) -> Option<u8> {
    let char = match char.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        char => char,
    };
    let at = ALPHABET.iter().position(|letter| char::from(*letter) == char)?;
    u8::try_from(at).ok()
}

fn pack(values: [u8; LENGTH]) -> [u8; RECOVERY_CODE_BYTES] {
    let bits = values.iter().fold(0_u128, |bits, value| bits << 5 | u128::from(*value));
    let mut bytes = [0; RECOVERY_CODE_BYTES];
    bytes.copy_from_slice(&bits.to_be_bytes()[16 - RECOVERY_CODE_BYTES..]);
    bytes
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        for at in 0..LENGTH {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            let value = usize::try_from(bits >> (5 * (LENGTH - 1 - at)) & 31).unwrap_or(0);
            write!(f, "{}", char::from(ALPHABET[value]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; RECOVERY_CODE_BYTES]) {
            let code = RecoveryCode::new(bytes);
            let text = code.to_string();
            prop_assert_eq!(text.len(), 19);
            prop_assert_eq!(RecoveryCode::parse(&text), Ok(code));
            prop_assert_eq!(RecoveryCode::parse(&text.to_lowercase().replace('-', " ")), Ok(code));
            prop_assert_eq!(RecoveryCode::parse(&text.replace('0', "o").replace('1', "l")), Ok(code));
        }

        #[test]
        fn nothing_that_is_typed_is_more_than_wrong(raw: String) {
            let _ = RecoveryCode::parse(&raw);
        }
    }

    #[test]
    fn the_form_is_pinned() {
        let code = RecoveryCode::new([0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        assert_eq!(code.to_string(), "0123-4567-89AB-CDEF");
        assert_eq!(format!("{code:?}"), "RecoveryCode");
    }

    #[test]
    fn what_is_none_is_told_as_a_wrong_one() {
        assert_eq!(RecoveryCode::parse(" - "), Err(FieldProblem::Required));
        for raw in ["0123-4567-89AB-CDE", "0123-4567-89AB-CDEF-0", "0123-4567-89AB-CDEU", "\u{0}", &"0".repeat(100_000)]
        {
            assert_eq!(RecoveryCode::parse(raw), Err(FieldProblem::WrongCode));
        }
    }
}
