//! Values as their columns have them: sealed, each for its own row.

use std::fmt;
use std::marker::PhantomData;

use domain::audit::LogId;
use zeroize::Zeroizing;

use super::{OpenError, Place, SealingKey};
use crate::edges::Randomness;
use crate::error::Error;

/// What is stored sealed in one column, and in no other.
pub(crate) trait Sealable: Sized {
    /// The table.
    const TABLE: &'static str;
    /// The column.
    const COLUMN: &'static str;

    /// The bytes that are sealed.
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// The value of bytes that were sealed.
    fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error>;
}

/// A value of one column that was sealed for one row of one owner's, and opens there alone.
pub(crate) struct Sealed<T> {
    bytes: Vec<u8>,
    value: PhantomData<fn() -> T>,
}

impl<T: Sealable> Sealed<T> {
    /// Seals a value for the row where it will be stored.
    pub(crate) fn new(
        key: &SealingKey,
        owner: LogId,
        row: &impl ToString,
        value: &T,
        randomness: &dyn Randomness,
    ) -> Result<Self, Error> {
        let plain = value.to_plain()?;
        Ok(at::<T, _>(owner, row, |place| key.seal(place, &plain, randomness)).into())
    }

    /// Opens what was read from this row.
    ///
    /// # Errors
    /// It was sealed for another row, column or owner, or was altered.
    pub(crate) fn open(&self, key: &SealingKey, owner: LogId, row: &impl ToString) -> Result<T, Error> {
        let plain: Result<_, OpenError> = at::<T, _>(owner, row, |place| key.open(place, &self.bytes));
        T::from_plain(plain.map_err(Error::internal)?)
    }
}

impl<T> Sealed<T> {
    /// As its column has it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T> From<Vec<u8>> for Sealed<T> {
    /// What was read from a column.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, value: PhantomData }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

fn at<T: Sealable, O>(owner: LogId, row: &impl ToString, act: impl FnOnce(&Place<'_>) -> O) -> O {
    act(&Place { tenant: &owner.to_string(), table: T::TABLE, column: T::COLUMN, row: &row.to_string() })
}

#[cfg(test)]
mod tests {
    use domain::ids::TenantId;

    use super::*;
    use crate::edges::SystemRandomness;

    #[derive(Debug, PartialEq)]
    struct Name(String);

    #[derive(Debug)]
    struct Alias(Name);

    impl Sealable for Name {
        const TABLE: &'static str = "people";
        const COLUMN: &'static str = "name";

        fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
            Ok(Zeroizing::new(self.0.clone().into_bytes()))
        }

        fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
            String::from_utf8(plain.to_vec()).map(Self).map_err(Error::internal)
        }
    }

    impl Sealable for Alias {
        const TABLE: &'static str = Name::TABLE;
        const COLUMN: &'static str = "alias";

        fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
            self.0.to_plain()
        }

        fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
            Name::from_plain(plain).map(Self)
        }
    }

    fn sealed(key: &SealingKey) -> Sealed<Name> {
        Sealed::new(key, LogId::Platform, &7, &Name("Ada".to_owned()), &SystemRandomness).unwrap()
    }

    #[test]
    fn a_value_opens_in_its_row_and_in_no_other_nor_in_another_column_or_with_another_owner() {
        let key = SealingKey::generate(&SystemRandomness);
        let sealed = sealed(&key);
        assert_eq!(sealed.open(&key, LogId::Platform, &7).unwrap(), Name("Ada".to_owned()));
        assert!(sealed.open(&key, LogId::Platform, &8).is_err());
        assert!(sealed.open(&key, LogId::Tenant(TenantId(uuid::Uuid::nil())), &7).is_err());
        let moved = Sealed::<Alias>::from(sealed.as_bytes().to_vec());
        assert!(moved.open(&key, LogId::Platform, &7).is_err());
        assert!(sealed.open(&SealingKey::generate(&SystemRandomness), LogId::Platform, &7).is_err());
    }

    #[test]
    fn it_does_not_show_itself() {
        let key = SealingKey::generate(&SystemRandomness);
        assert_eq!(format!("{:?}", sealed(&key)), "Sealed(…)");
    }
}
