//! Salted commitments to personal values: the log holds the commitment, the opening is stored sealed and can be erased.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::Hash;

/// The hash stands for nothing but a commitment of this format.
const DOMAIN: &[u8] = b"portcullis/commitment/v1\0";

/// What an entry holds in place of a personal value.
///
/// Without its [`Opening`] it tells nothing: 32 random bytes of salt keep anyone from trying likely names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(pub Hash);

/// A personal value and the salt that was hashed with it. As JSON the salt is Base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 32 random bytes, never used twice.
    #[serde(with = "base64_salt")]
    pub salt: [u8; 32],
    /// The value in clear.
    pub value: String,
}

impl Opening {
    /// What stands for it in the entry.
    pub fn commitment(&self) -> Commitment {
        Commitment::to(&self.salt, self.value.as_bytes())
    }
}

impl Commitment {
    /// `SHA-256("portcullis/commitment/v1" || 0x00 || salt || value)`. The salt's length is fixed, so that no other pair
    /// of salt and value is hashed as the same bytes.
    pub(super) fn to(salt: &[u8; 32], value: &[u8]) -> Self {
        Self(Hash::of([DOMAIN, salt, value]))
    }
}

mod base64_salt {
    use serde::{Deserializer, Serializer, de::Error};

    use super::{BASE64_STANDARD, Deserialize, Engine};

    pub fn serialize<S: Serializer>(salt: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(salt))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let salt = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
        salt.try_into().map_err(|_| D::Error::custom("a salt is 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(salt: u8, value: &str) -> Opening {
        Opening { salt: [salt; 32], value: value.into() }
    }

    /// Computed with `(printf 'portcullis/commitment/v1\0'; head -c 32 /dev/zero; printf 'ada@example.com') | sha256sum`.
    #[test]
    fn the_format_is_pinned() {
        let commitment = opening(0, "ada@example.com").commitment();
        assert_eq!(commitment.0.to_string(), "1e376b06a32a089f8725a91178631a485dfab313823c3d2d7b316f1c9a14480c");
    }

    #[test]
    fn salt_and_value_both_count() {
        let commitment = opening(1, "Ada").commitment();
        assert_ne!(commitment, opening(2, "Ada").commitment());
        assert_ne!(commitment, opening(1, "Eve").commitment());
    }

    #[test]
    fn an_opening_survives_json() {
        let opening = opening(7, "Ada \"Countess\" Lovelace");
        let json = serde_json::to_string(&opening).unwrap();
        assert_eq!(serde_json::from_str::<Opening>(&json).unwrap(), opening);
    }

    #[test]
    fn a_short_salt_is_refused() {
        assert!(serde_json::from_str::<Opening>(r#"{"salt":"AAAA","value":"Ada"}"#).is_err());
    }
}
