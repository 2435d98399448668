//! Sealing with AES-256-GCM: a value opens with its key, at its place, unaltered, or not at all.
//!
//! What is sealed is stored as `version (1 byte) || nonce (12 bytes) || ciphertext || tag (16 bytes)`.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::master::{LENGTH, MasterKey, derive};
use crate::edges::{Randomness, RandomnessExt};

/// The format that is written.
const VERSION: u8 = 1;

/// Version and nonce.
const HEAD: usize = 1 + NONCE_LEN;

/// What a key is sealed with: derived for each place, so that no wrapping key ever seals many.
const WRAPPING: &str = "wrapping key";

/// Where a sealed value is stored. It opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The tenant's id, or `platform`.
    pub tenant: &'a str,
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's key.
    pub row: &'a str,
}

impl Place<'_> {
    /// The names one after another, each behind its length, so that no two places read the same.
    fn bytes(&self) -> Vec<u8> {
        [self.tenant, self.table, self.column, self.row]
            .into_iter()
            .flat_map(|name| [&(name.len() as u64).to_be_bytes(), name.as_bytes()].concat())
            .collect()
    }
}

/// A key that seals values. It is wiped from memory when it is dropped.
pub struct SealingKey(Zeroizing<[u8; LENGTH]>);

/// A sealed value does not open: it was altered, or it belongs to another place or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: it was altered, or it belongs to another place or key")]
pub struct OpenError;

impl SealingKey {
    /// A new key.
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut key = Zeroizing::new([0; LENGTH]);
        randomness.fill(key.as_mut_slice());
        Self(key)
    }

    /// A key of these bytes.
    pub(super) fn from_secret(secret: Zeroizing<[u8; LENGTH]>) -> Self {
        Self(secret)
    }

    /// The bytes themselves, for a key that does something else than sealing.
    pub(super) fn secret(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// A secret of this key's for one purpose that is not sealing: HKDF-SHA256 ([RFC 5869]).
    ///
    /// [RFC 5869]: https://www.rfc-editor.org/rfc/rfc5869
    pub(crate) fn derive(&self, purpose: &'static str) -> Zeroizing<[u8; LENGTH]> {
        derive(&self.0, b"portcullis/key/v1", &[purpose.as_bytes()])
    }

    /// The key, sealed under the master key for the place where it will be stored.
    pub fn wrap(&self, master: &MasterKey, place: &Place<'_>, randomness: &dyn Randomness) -> Vec<u8> {
        Self::wrapping(master, place).seal(place, self.0.as_slice(), randomness)
    }

    /// The key that was wrapped for this place.
    ///
    /// # Errors
    /// When it was wrapped for another place or under another master key, or was altered.
    pub fn unwrap(wrapped: &[u8], master: &MasterKey, place: &Place<'_>) -> Result<Self, OpenError> {
        let opened = Self::wrapping(master, place).open(place, wrapped)?;
        let mut key = Zeroizing::new([0; LENGTH]);
        if opened.len() != LENGTH {
            return Err(OpenError);
        }
        key.copy_from_slice(&opened);
        Ok(Self(key))
    }

    /// Seals a value for the place where it will be stored, under a nonce of its own: one key may
    /// seal 2^32 values (NIST SP 800-38D, 8.3).
    #[expect(clippy::missing_panics_doc, reason = "AES-GCM takes up to 64 GiB, more than memory holds in one piece")]
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8], randomness: &dyn Randomness) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = randomness.bytes();
        let mut sealed = [&[VERSION], nonce.as_slice(), plaintext].concat();
        let tag = self
            .cipher()
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut sealed[HEAD..],
            )
            .expect("AES-GCM takes up to 64 GiB, more than memory holds in one piece");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed for another place or with another key, or was altered.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let ([VERSION, nonce @ ..], ciphertext) = sealed.split_first_chunk::<HEAD>().ok_or(OpenError)? else {
            return Err(OpenError);
        };
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        let length = self
            .cipher()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.bytes()), &mut plaintext)
            .map_err(|_| OpenError)?
            .len();
        plaintext.truncate(length);
        Ok(plaintext)
    }

    fn wrapping(master: &MasterKey, place: &Place<'_>) -> Self {
        Self(master.derive(WRAPPING, &place.bytes()))
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&AES_256_GCM, self.0.as_slice());
        LessSafeKey::new(key.expect("a key of AES-256 is 32 bytes, and so is this"))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edges::SystemRandomness;

    const PLACE: Place<'static> = Place { tenant: "7", table: "audit_entries", column: "openings", row: "42" };

    fn elsewhere() -> [Place<'static>; 6] {
        [
            Place { tenant: "8", ..PLACE },
            Place { table: "members", ..PLACE },
            Place { column: "name", ..PLACE },
            Place { row: "43", ..PLACE },
            // The same letters, divided in another way.
            Place { tenant: "7a", table: "udit_entries", ..PLACE },
            Place { tenant: "42", row: "7", ..PLACE },
        ]
    }

    fn key() -> SealingKey {
        SealingKey::generate(&SystemRandomness)
    }

    fn seal(key: &SealingKey, plaintext: &[u8]) -> Vec<u8> {
        key.seal(&PLACE, plaintext, &SystemRandomness)
    }

    #[test]
    fn what_is_sealed_opens() {
        let key = key();
        for plaintext in [b"".as_slice(), b"Ada", &[7; 10_000]] {
            assert_eq!(key.open(&PLACE, &seal(&key, plaintext)).unwrap().as_slice(), plaintext);
        }
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let key = key();
        assert_ne!(seal(&key, b"Ada"), seal(&key, b"Ada"));
    }

    #[test]
    fn it_opens_at_no_other_place() {
        let key = key();
        let sealed = seal(&key, b"Ada");
        for place in elsewhere() {
            assert_eq!(key.open(&place, &sealed), Err(OpenError), "{place:?}");
        }
    }

    #[test]
    fn it_opens_with_no_other_key() {
        assert_eq!(key().open(&PLACE, &seal(&key(), b"Ada")), Err(OpenError));
    }

    #[test]
    fn every_bit_counts() {
        let key = key();
        let sealed = seal(&key, b"Ada");
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(&PLACE, &flipped), Err(OpenError), "bit {bit}");
        }
    }

    #[test]
    fn every_byte_is_needed() {
        let key = key();
        let sealed = seal(&key, b"Ada");
        for length in 0..sealed.len() {
            assert_eq!(key.open(&PLACE, &sealed[..length]), Err(OpenError), "length {length}");
        }
    }

    #[test]
    fn a_wrapped_key_opens_what_the_key_sealed() {
        let (key, master) = (key(), MasterKey::of([1; LENGTH]));
        let wrapped = key.wrap(&master, &PLACE, &SystemRandomness);
        let unwrapped = SealingKey::unwrap(&wrapped, &master, &PLACE).unwrap();
        assert_eq!(unwrapped.open(&PLACE, &seal(&key, b"Ada")).unwrap().as_slice(), b"Ada");
    }

    #[test]
    fn a_key_unwraps_at_its_place_under_its_master_only() {
        let (key, master) = (key(), MasterKey::of([1; LENGTH]));
        let wrapped = key.wrap(&master, &PLACE, &SystemRandomness);
        assert!(SealingKey::unwrap(&wrapped, &MasterKey::of([2; LENGTH]), &PLACE).is_err());
        for place in elsewhere() {
            assert!(SealingKey::unwrap(&wrapped, &master, &place).is_err(), "{place:?}");
        }
        let short = SealingKey::wrapping(&master, &PLACE).seal(&PLACE, b"Ada", &SystemRandomness);
        assert!(SealingKey::unwrap(&short, &master, &PLACE).is_err());
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", key()), "SealingKey(…)");
    }
}
