//! Keys: the master key that the installation stands on, and what is sealed under it.
//!
//! The master key is a file of 32 bytes and seals nothing itself. Everything else is derived from it
//! for one purpose ([`MasterKey::derive`]), or is a random [`SealingKey`] of one tenant or person
//! that is stored wrapped. Deleting a wrapped key makes all that it sealed unreadable: that is how
//! erasure works.
//!
//! A sealed value opens only at the [`Place`] where it was put, so that nobody who can write to the
//! database can move one person's secret to another's row: `Sealed<T>` is one in a column of `T`'s.

mod envelope;
mod master;
mod passphrase;
mod ring;
mod sealed;
mod stream;

pub use envelope::{OpenError, Place, SealingKey};
pub use master::{MasterKey, MasterKeyError};
pub(crate) use passphrase::SALT;
pub use passphrase::{PASSPHRASE_MIN, Passphrase};
pub(crate) use ring::CarriedKey;
pub use ring::{KeyError, KeyRing};
pub(crate) use sealed::{Sealable, Sealed};
pub(crate) use stream::{HEADER, SEGMENT, Segments};
