//! The 32 bytes of a SHA-256, written as hex.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, block_api::compress256};

/// A SHA-256 hash. As text it is 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

/// What SHA-256 begins with.
const BEGINNING: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
/// The most that [`Hash::of`] puts together by itself.
const SHORT: usize = 4 * 64;

impl Hash {
    /// The hash of these parts, one behind the other.
    ///
    /// An export has many of them that are short, and a hasher takes a third longer for each: it has to be ready for parts
    /// of any length.
    #[inline]
    pub(super) fn of<const N: usize>(parts: [&[u8]; N]) -> Self {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        // Behind the text are a bit 1 and, at the end of the last block, the text's length in bits.
        let blocks = (length + 9).div_ceil(64);
        let (mut text, mut at) = ([0; SHORT], 0);
        if blocks * 64 > SHORT {
            let hasher = parts.iter().fold(Sha256::new(), Sha256::chain_update);
            return Self(hasher.finalize().into());
        }
        for part in parts {
            text[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        text[at] = 0x80;
        text[blocks * 64 - 8..blocks * 64].copy_from_slice(&(8 * length as u64).to_be_bytes());
        let mut state = BEGINNING;
        compress256(&mut state, &text.as_chunks().0[..blocks]);
        let mut hash = [0; 32];
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        Self(hash)
    }

    /// The digits, without a place of their own to be in.
    pub(super) fn to_hex(self) -> [u8; 64] {
        let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
        let mut digits = [0; 64];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        digits
    }
}

/// The text is not 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 lower-case hex digits")]
pub struct MalformedHash;

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.to_hex()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = MalformedHash;

    fn from_str(text: &str) -> Result<Self, MalformedHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| MalformedHash)?;
        let hash = Self(bytes);
        if hash.to_hex() == *text.as_bytes() { Ok(hash) } else { Err(MalformedHash) }
    }
}

impl TryFrom<String> for Hash {
    type Error = MalformedHash;

    fn try_from(text: String) -> Result<Self, MalformedHash> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_in_one_way() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(text.parse::<Hash>().unwrap().to_string(), text);
        for text in [text.to_uppercase(), text[1..].to_owned(), text.replace('f', "g"), String::new()] {
            assert_eq!(text.parse::<Hash>(), Err(MalformedHash), "{text}");
        }
    }

    #[test]
    fn it_is_that_of_a_hasher_at_every_length() {
        let text: Vec<u8> = (0..=255).chain(0..=255).collect();
        for length in 0..text.len() {
            let expected = Hash(Sha256::digest(&text[..length]).into());
            let (begin, end) = text[..length].split_at(length / 3);
            assert_eq!(Hash::of([begin, end]), expected, "{length}");
            assert_eq!(expected.to_hex(), *expected.to_string().as_bytes());
        }
    }
}
