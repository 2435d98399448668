//! The keys of every log's owner, unwrapped when they are first needed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::audit::{LogId, Signer};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;
use zeroize::{Zeroize as _, Zeroizing};

use super::master::LENGTH;
use super::{MasterKey, OpenError, Place, SealingKey};
use crate::edges::Randomness;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// Sealing personal values and other data.
    Data,
    /// Sealing secrets with which people prove who they are.
    Secrets,
    /// Signing the checkpoints of the audit log.
    Signing,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Secrets => "secrets",
            Self::Signing => "signing",
        }
    }
}

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It was wrapped under another master key, or altered.
    #[error("a stored key does not open: is this the master key that the database was made with?")]
    Open(#[from] OpenError),
    /// There is none.
    #[error("the log {0} has no keys")]
    Missing(LogId),
}

/// A key on its way to where another master key is: in clear, so it is written into what is sealed and nowhere else. It is
/// wiped from memory when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedKey {
    purpose: String,
    version: i32,
    /// In hexadecimal.
    secret: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl CarriedKey {
    /// Whether it signs the checkpoints of the log.
    pub(crate) fn signs(&self) -> bool {
        self.purpose == Purpose::Signing.code()
    }

    fn key(&self) -> Result<SealingKey, OpenError> {
        let mut secret = Zeroizing::new([0; LENGTH]);
        hex::decode_to_slice(&self.secret, secret.as_mut_slice()).map_err(|_| OpenError)?;
        Ok(SealingKey::from_secret(secret))
    }
}

impl Drop for CarriedKey {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// The master key, and the keys that were unwrapped with it.
pub struct KeyRing {
    master: MasterKey,
    unwrapped: RwLock<HashMap<(LogId, Purpose), Arc<SealingKey>>>,
}

impl KeyRing {
    /// A ring that holds nothing but its master key.
    pub fn new(master: MasterKey) -> Self {
        Self { master, unwrapped: RwLock::default() }
    }

    /// The master key.
    pub fn master(&self) -> &MasterKey {
        &self.master
    }

    /// A key that is made from the master key for one purpose, and stored nowhere.
    pub(crate) fn derived(&self, purpose: &'static str) -> SealingKey {
        SealingKey::from_secret(self.master.derive(purpose, b""))
    }

    /// Makes the keys of a log's owner. The search path is the schema that holds them.
    pub(crate) async fn create(
        &self,
        conn: &mut PgConnection,
        log: LogId,
        randomness: &dyn Randomness,
        now: OffsetDateTime,
    ) -> Result<(), sqlx::Error> {
        for purpose in [Purpose::Data, Purpose::Signing] {
            self.add(conn, log, purpose, randomness, now).await?;
        }
        Ok(())
    }

    async fn add(
        &self,
        conn: &mut PgConnection,
        log: LogId,
        purpose: Purpose,
        randomness: &dyn Randomness,
        now: OffsetDateTime,
    ) -> Result<(), sqlx::Error> {
        let wrapped =
            SealingKey::generate(randomness).wrap(&self.master, &place(&log.to_string(), purpose.code()), randomness);
        sqlx::query!(
            "INSERT INTO keys (purpose, version, wrapped, created_at) VALUES ($1, 1, $2, $3) ON CONFLICT DO NOTHING",
            purpose.code(),
            wrapped,
            now
        )
        .execute(conn)
        .await?;
        Ok(())
    }

    /// The key that seals what belongs to a log's owner. The search path is the schema that holds it.
    pub(crate) async fn data(&self, conn: &mut PgConnection, log: LogId) -> Result<Arc<SealingKey>, KeyError> {
        self.key(conn, log, Purpose::Data).await
    }

    /// Makes the key that [`KeyRing::secrets`] gives, unless it is there. The search path is the platform's.
    pub(crate) async fn ensure_secrets(
        &self,
        conn: &mut PgConnection,
        randomness: &dyn Randomness,
        now: OffsetDateTime,
    ) -> Result<(), sqlx::Error> {
        self.add(conn, LogId::Platform, Purpose::Secrets, randomness, now).await
    }

    /// The key that seals the secrets of people's factors. The search path is the platform's.
    pub(crate) async fn secrets(&self, conn: &mut PgConnection) -> Result<Arc<SealingKey>, KeyError> {
        self.key(conn, LogId::Platform, Purpose::Secrets).await
    }

    /// The key that signs a log's checkpoints.
    pub(crate) async fn signer(&self, conn: &mut PgConnection, log: LogId) -> Result<Signer, KeyError> {
        Ok(Signer::new(log, self.key(conn, log, Purpose::Signing).await?.secret()))
    }

    /// All keys of a log's owner, unwrapped. The search path is the schema that holds them.
    pub(crate) async fn carry_out(&self, conn: &mut PgConnection, log: LogId) -> Result<Vec<CarriedKey>, KeyError> {
        let rows = sqlx::query!("SELECT purpose, version, wrapped, created_at FROM keys ORDER BY purpose, version")
            .fetch_all(conn)
            .await?;
        let owner = log.to_string();
        let carried = rows.into_iter().map(|row| {
            let key = SealingKey::unwrap(&row.wrapped, &self.master, &place(&owner, &row.purpose))?;
            let secret = hex::encode(key.secret());
            Ok(CarriedKey { purpose: row.purpose, version: row.version, secret, created_at: row.created_at })
        });
        carried.collect()
    }

    /// Stores keys that come from elsewhere, wrapped by this master key. The search path is the schema that is to hold
    /// them.
    pub(crate) async fn carry_in<'a>(
        &self,
        conn: &mut PgConnection,
        log: LogId,
        keys: impl IntoIterator<Item = &'a CarriedKey>,
        randomness: &dyn Randomness,
    ) -> Result<(), KeyError> {
        let owner = log.to_string();
        for carried in keys {
            let wrapped = carried.key()?.wrap(&self.master, &place(&owner, &carried.purpose), randomness);
            sqlx::query!(
                "INSERT INTO keys (purpose, version, wrapped, created_at) VALUES ($1, $2, $3, $4)",
                carried.purpose,
                carried.version,
                wrapped,
                carried.created_at
            )
            .execute(&mut *conn)
            .await?;
        }
        Ok(())
    }

    async fn key(&self, conn: &mut PgConnection, log: LogId, purpose: Purpose) -> Result<Arc<SealingKey>, KeyError> {
        if let Some(key) = self.unwrapped.read().unwrap_or_else(PoisonError::into_inner).get(&(log, purpose)) {
            return Ok(Arc::clone(key));
        }
        let wrapped = sqlx::query_scalar!(
            "SELECT wrapped FROM keys WHERE purpose = $1 ORDER BY version DESC LIMIT 1",
            purpose.code()
        )
        .fetch_optional(conn)
        .await?
        .ok_or(KeyError::Missing(log))?;
        let key = Arc::new(SealingKey::unwrap(&wrapped, &self.master, &place(&log.to_string(), purpose.code()))?);
        self.unwrapped.write().unwrap_or_else(PoisonError::into_inner).insert((log, purpose), Arc::clone(&key));
        Ok(key)
    }
}

fn place<'a>(owner: &'a str, purpose: &'a str) -> Place<'a> {
    Place { tenant: owner, table: "keys", column: "wrapped", row: purpose }
}
