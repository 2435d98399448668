//! Signing, by the Standard Webhooks specification: HMAC-SHA256 over id, time and body.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a secret begins with, so that people and scanners recognise it.
const PREFIX: &str = "whsec_";
/// How many bytes a secret has that is made here.
pub const SECRET_BYTES: usize = 32;
/// How many bytes the specification allows.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// What a message is known by, to whoever gets it twice. It stays the same however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageId(pub Uuid);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "msg_{}", self.0.simple())
    }
}

/// What the sender and the receiver share. It is wiped from memory when it is dropped.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

/// A text that is no signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and 24 to 64 bytes in Base64")]
pub struct SecretError;

impl SigningSecret {
    /// The secret of these random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The secret of bytes that were stored.
    ///
    /// # Errors
    /// They are too few or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        if LENGTHS.contains(&bytes.len()) { Ok(Self(Zeroizing::new(bytes.to_vec()))) } else { Err(SecretError) }
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown to whoever is to verify messages.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(&*self.0)))
    }

    /// The signature of a message that is sent at this time, as its header has it.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a key of HMAC may have any length")]
    pub fn sign(&self, id: &str, at: OffsetDateTime, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of HMAC may have any length");
        mac.update(id.as_bytes());
        mac.update(format!(".{}.", at.unix_timestamp()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl FromStr for SigningSecret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX).ok_or(SecretError)?).map_err(|_| SecretError)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}
