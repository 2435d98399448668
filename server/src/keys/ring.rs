//! The keys of every log's owner, unwrapped when they are first needed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::audit::{LogId, Signer};
use sqlx::PgConnection;
use time::OffsetDateTime;

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
            SealingKey::generate(randomness).wrap(&self.master, &place(&log.to_string(), purpose), randomness);
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
        let key = Arc::new(SealingKey::unwrap(&wrapped, &self.master, &place(&log.to_string(), purpose))?);
        self.unwrapped.write().unwrap_or_else(PoisonError::into_inner).insert((log, purpose), Arc::clone(&key));
        Ok(key)
    }
}

fn place(owner: &str, purpose: Purpose) -> Place<'_> {
    Place { tenant: owner, table: "keys", column: "wrapped", row: purpose.code() }
}
