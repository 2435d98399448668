//! The master key, a file that only the server's user may read.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::edges::{Randomness, RandomnessExt};

/// The length of every key in here, in bytes.
pub(super) const LENGTH: usize = 32;

/// The secret that all others come from. It is wiped from memory when it is dropped.
pub struct MasterKey(Zeroizing<[u8; LENGTH]>);

/// The master key's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It cannot be read or made.
    #[error("the master key {path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than its owner may read or write it.
    #[error("the master key {path} has mode {mode:o}: only its owner may have access (chmod 600)", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is no file of 32 bytes.
    #[error("the master key {path} is not a file of 32 bytes but of {length}", path = path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
}

impl MasterKey {
    /// Reads the key from its file, and makes the file first where there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, is open to others, or is not 32 bytes long.
    pub fn open_or_create(path: &Path, randomness: &dyn Randomness) -> Result<Self, MasterKeyError> {
        let is = |error: &MasterKeyError, kind| matches!(error, MasterKeyError::File { source, .. } if source.kind() == kind);
        match Self::open(path) {
            Err(error) if is(&error, ErrorKind::NotFound) => match Self::create(path, randomness) {
                Err(error) if is(&error, ErrorKind::AlreadyExists) => Self::open(path),
                created => created,
            },
            opened => opened,
        }
    }

    /// Reads the key from its file.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others, or is not 32 bytes long.
    pub fn open(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.into(), source };
        // The open file is asked, not the path, which might be another file by then.
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.into(), mode });
        }
        if !metadata.is_file() || metadata.len() != LENGTH as u64 {
            return Err(MasterKeyError::Length { path: path.into(), length: metadata.len() });
        }
        let mut key = Zeroizing::new([0; LENGTH]);
        file.read_exact(key.as_mut_slice()).map_err(failed)?;
        Ok(Self(key))
    }

    /// The key of these bytes.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn of(bytes: [u8; LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Makes the file, unless there is one: a second server that starts at the same time finds the first one's. It gets
    /// its name when the whole key is in it, so nobody ever finds half of one.
    fn create(path: &Path, randomness: &dyn Randomness) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.into(), source };
        let mut key = Zeroizing::new([0; LENGTH]);
        randomness.fill(key.as_mut_slice());
        let draft = path.with_extension(format!("{}.new", hex::encode(randomness.bytes::<8>())));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            // A key that is lost in a power cut takes with it all that it has sealed by then.
            .and_then(|mut file| file.write_all(key.as_slice()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::hard_link(&draft, path));
        // The key has its name, or was in vain.
        let _ = fs::remove_file(&draft);
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        written.and_then(|()| File::open(directory)?.sync_all()).map_err(failed)?;
        Ok(Self(key))
    }

    /// A secret for one purpose, and for one thing within it: HKDF-SHA256 ([RFC 5869]).
    ///
    /// The purpose is a name in the source code, such as `database login`; the context is what tells
    /// its secrets apart, such as the login's name.
    ///
    /// [RFC 5869]: https://www.rfc-editor.org/rfc/rfc5869
    pub fn derive(&self, purpose: &'static str, context: &[u8]) -> Zeroizing<[u8; LENGTH]> {
        // No purpose has a zero byte, so that no other pair of purpose and context reads the same.
        derive(&self.0, b"portcullis/master/v1", &[purpose.as_bytes(), &[0], context])
    }
}

/// A secret made of a key by HKDF-SHA256. The salt says which kind of key it is.
pub(super) fn derive(key: &[u8; LENGTH], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; LENGTH]> {
    let mut secret = Zeroizing::new([0; LENGTH]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(key)
        .expand(info, hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(secret.as_mut_slice()))
        .expect("HKDF gives up to 255 hashes, and this is one");
    secret
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::edges::SystemRandomness;

    /// A directory of this test's own, gone when it ends.
    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            let path = env::temp_dir().join(format!("portcullis-{}", hex::encode(SystemRandomness.bytes::<8>())));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn key(&self) -> PathBuf {
            self.0.join("master.key")
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn write(path: &Path, length: usize, mode: u32) {
        fs::write(path, vec![7; length]).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn servers_that_start_at_the_same_time_have_one_key() {
        let directory = Directory::new();
        let path = directory.key();
        let start = || *MasterKey::open_or_create(&path, &SystemRandomness).unwrap().derive("test", b"");
        let secrets = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..16).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn the_first_start_makes_a_key_and_the_next_finds_it() {
        let directory = Directory::new();
        let made = MasterKey::open_or_create(&directory.key(), &SystemRandomness).unwrap();
        let found = MasterKey::open_or_create(&directory.key(), &SystemRandomness).unwrap();
        assert_eq!(made.0, found.0);
        assert_ne!(*made.0, [0; LENGTH]);
    }

    #[test]
    fn only_the_owner_may_read_the_file() {
        let directory = Directory::new();
        MasterKey::open_or_create(&directory.key(), &SystemRandomness).unwrap();
        assert_eq!(fs::metadata(directory.key()).unwrap().mode() & 0o7777, 0o600);
    }

    #[test]
    fn a_file_that_is_open_to_others_is_refused() {
        let directory = Directory::new();
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o644] {
            write(&directory.key(), LENGTH, mode);
            let refused = MasterKey::open_or_create(&directory.key(), &SystemRandomness);
            assert!(matches!(refused, Err(MasterKeyError::Exposed { mode: found, .. }) if found == mode), "{mode:o}");
        }
    }

    #[test]
    fn a_file_of_another_length_is_refused_and_left_alone() {
        let directory = Directory::new();
        for length in [0, 31, 33] {
            write(&directory.key(), length, 0o600);
            let refused = MasterKey::open_or_create(&directory.key(), &SystemRandomness);
            assert!(matches!(refused, Err(MasterKeyError::Length { .. })), "{length}");
            assert_eq!(fs::read(directory.key()).unwrap().len(), length);
        }
    }

    #[test]
    fn what_is_missing_or_no_file_is_refused() {
        let directory = Directory::new();
        assert!(matches!(MasterKey::open(&directory.key()), Err(MasterKeyError::File { .. })));
        fs::create_dir(directory.key()).unwrap();
        fs::set_permissions(directory.key(), Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(MasterKey::open(&directory.key()), Err(MasterKeyError::Length { .. })));
    }

    #[test]
    fn secrets_differ_by_key_purpose_and_context() {
        let key = |byte| MasterKey::of([byte; LENGTH]);
        let secret = key(1).derive("login", b"lane 1");
        assert_eq!(secret, key(1).derive("login", b"lane 1"));
        assert_ne!(secret, key(2).derive("login", b"lane 1"));
        assert_ne!(secret, key(1).derive("logi", b"nlane 1"));
        assert_ne!(secret, key(1).derive("login", b"lane 2"));
    }

    /// Computed with OpenSSL: `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:0101…01
    /// -kdfopt salt:portcullis/master/v1 -kdfopt hexinfo:<"login" 00 "lane 1"> HKDF`.
    #[test]
    fn the_derivation_is_pinned() {
        let secret = MasterKey::of([1; LENGTH]).derive("login", b"lane 1");
        assert_eq!(hex::encode(*secret), "c531614dc5e8f3ea339004fb1a555071d4fc20cf248fb8df99052de5062aebe6");
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", MasterKey::of([1; LENGTH])), "MasterKey(…)");
    }
}
