//! The text of a key: what is recognised wherever it turns up, and tells a mistyped one from a strange one.
//!
//! As GitHub's tokens are made: a prefix, random letters and digits, and a checksum over both. Whoever scans code and logs
//! for secrets finds keys by their form, and knows by the checksum that they are some without asking anybody.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// What every key begins with.
pub const KEY_PREFIX: &str = "ptc_";
/// How many characters a key has.
pub const KEY_LENGTH: usize = KEY_PREFIX.len() + HIGH + LOW + CHECKSUM;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits that 16, 8 and 4 bytes need.
const HIGH: usize = 22;
const LOW: usize = 11;
const CHECKSUM: usize = 6;
/// So much of a key may be shown later, for whoever looks for the one that they have at hand: 24 of 192 bits.
const HINT: usize = 4;

/// A key in clear. It is in the answer that shows it once and in requests, and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(String);

impl KeySecret {
    /// The key of 192 random bits.
    #[must_use]
    pub fn new(bytes: [u8; 24]) -> Self {
        let (high, low) = bytes.split_at(16);
        let number = |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let mut text = String::with_capacity(KEY_LENGTH);
        text.push_str(KEY_PREFIX);
        push_base62(&mut text, number(high), HIGH);
        push_base62(&mut text, number(low), LOW);
        push_checksum(&mut text);
        Self(text)
    }

    /// The key that somebody comes with, if it can be one: whether there is such a key is another question.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.get(..KEY_LENGTH - CHECKSUM).filter(|_| text.len() == KEY_LENGTH)?;
        let digits = body.strip_prefix(KEY_PREFIX)?;
        if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut expected = String::with_capacity(KEY_LENGTH);
        expected.push_str(body);
        push_checksum(&mut expected);
        (expected == text).then_some(Self(expected))
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// What may be shown of it later.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.0.get(KEY_PREFIX.len()..KEY_PREFIX.len() + HINT).unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySecret({KEY_PREFIX}{}…)", self.hint())
    }
}

fn push_base62(text: &mut String, mut number: u128, digits: usize) {
    let start = text.len();
    for _ in 0..digits {
        let digit = usize::try_from(number % 62).unwrap_or(0);
        text.insert(start, char::from(ALPHABET[digit]));
        number /= 62;
    }
}

fn push_checksum(text: &mut String) {
    let checksum = crc32(text.as_bytes());
    push_base62(text, checksum.into(), CHECKSUM);
}

/// CRC-32 as in ISO 3309, bit by bit: it is for 37 characters.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
