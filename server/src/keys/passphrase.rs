//! What somebody remembers, as a key.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::SealingKey;
use super::master::LENGTH;
use crate::error::Error;

/// The fewest characters. What is sealed can be tried at home for ever.
pub const PASSPHRASE_MIN: usize = 16;
/// The length of the salt in bytes.
pub(crate) const SALT: usize = 16;

/// Memory in KiB, passes and lanes of Argon2id: the second recommendation of RFC 9106, for whoever has no 2 GiB to spare.
const PARAMETERS: (u32, u32, u32) = (64 * 1024, 3, 4);

/// What a file is sealed with that leaves the installation. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// What somebody has chosen, if it is long enough.
    pub fn parse(text: &str) -> Option<Self> {
        (text.chars().count() >= PASSPHRASE_MIN).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The key that it is with a salt, worked out away from the threads that serve requests.
    pub(crate) async fn key(&self, salt: [u8; SALT]) -> Result<SealingKey, Error> {
        let passphrase = self.0.clone();
        tokio::task::spawn_blocking(move || derive(&passphrase, salt)).await.map_err(Error::internal)?
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

fn derive(passphrase: &str, salt: [u8; SALT]) -> Result<SealingKey, Error> {
    let failed = |error: argon2::Error| Error::internal(error.to_string());
    let (memory, passes, lanes) = PARAMETERS;
    let parameters = Params::new(memory, passes, lanes, Some(LENGTH)).map_err(failed)?;
    let mut key = Zeroizing::new([0; LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut_slice())
        .map_err(failed)?;
    Ok(SealingKey::from_secret(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_one_is_none() {
        assert!(Passphrase::parse("fifteen letters").is_none());
        assert!(Passphrase::parse("sixteen letters!").is_some());
    }

    #[test]
    fn it_does_not_show_itself() {
        assert_eq!(format!("{:?}", Passphrase::parse("correct horse battery").unwrap()), "Passphrase(…)");
    }
}
