//! The keys of signed notes: [C2SP signed-note], with Ed25519.
//!
//! The crate `signed_note` reads and writes these too, with dependencies of its own generation (sha2 0.10, base64 0.21,
//! ed25519-dalek 2); a second copy of each would weigh more in the browser than the lines here.
//!
//! [C2SP signed-note]: https://c2sp.org/signed-note

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The type of an Ed25519 key in a signed note.
const ED25519: u8 = 0x01;

/// What tells a note's signatures apart: the first bytes of a hash of the key's name and public key.
pub(super) type KeyId = [u8; 4];

/// A key that notes are verified with. As text it is `<name>+<key id in hex>+<Base64 of 0x01 and the public key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: VerifyingKey,
}

/// The text is not the key of a verifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key: it reads `name+key id+public key`")]
pub struct MalformedKey;

impl VerifierKey {
    /// The key's name, which is the origin of the log that it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `SHA-256(name || "\n" || 0x01 || public key)`, the first four bytes.
    pub(super) fn id(&self) -> KeyId {
        let hash =
            Sha256::new().chain_update(&self.name).chain_update([b'\n', ED25519]).chain_update(self.public.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        [a, b, c, d]
    }

    /// Whether the signature is this key's under the text, by the strict rules that make Ed25519 signatures unique.
    pub(super) fn accepts(&self, text: &str, signature: &[u8; 64]) -> bool {
        self.public.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let public = match BASE64_STANDARD.decode(key).ok()?.as_slice() {
            [ED25519, public @ ..] => VerifyingKey::from_bytes(public.try_into().ok()?).ok()?,
            _ => return None,
        };
        let key = Self { name: name.to_owned(), public };
        (is_name(name) && hex::encode(key.id()) == id).then_some(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.public.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64_STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        Self::parse(text).ok_or(MalformedKey)
    }
}

/// A name has no space, because a signature's line is divided by them, and no plus, because a key's text is.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The key that signs the checkpoints of one log.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// The signer of the log, from the 32 secret bytes that are an Ed25519 key.
    pub fn new(log: super::LogId, seed: &[u8; 32]) -> Self {
        Self { name: log.origin(), key: SigningKey::from_bytes(seed) }
    }

    /// The key that verifies what this one signs.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), public: self.key.verifying_key() }
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 64] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key of Go's `golang.org/x/mod/sumdb/note`, which defined the format.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn keys_of_other_tools_are_read_and_written_back() {
        let key: VerifierKey = PETER.parse().unwrap();
        assert_eq!(key.name(), "PeterNeumann");
        assert_eq!(key.to_string(), PETER);
    }

    #[test]
    fn a_key_under_another_name_or_id_is_refused() {
        for text in
            ["", "a+b", &PETER.replace("Peter", "Petra"), &PETER.replace("c74f", "c74e"), &PETER.replace("+AR", "+AB")]
        {
            assert_eq!(text.parse::<VerifierKey>(), Err(MalformedKey), "{text}");
        }
    }

    #[test]
    fn a_signer_does_not_show_its_secret() {
        let signer = Signer::new(crate::audit::LogId::Platform, &[7; 32]);
        assert_eq!(format!("{signer:?}"), r#"Signer { name: "portcullis/platform", .. }"#);
    }
}
