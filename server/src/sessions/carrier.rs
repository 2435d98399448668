//! How tower-sessions' cookie carries our sessions.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{self, Error as CarrierError};

use super::{ARRIVAL, GRANT, IDLE_LIFETIME, sql};
use crate::Portal;
use crate::error::Error;

/// The marks by which a database that does not answer is told from a mistake, since the carrier's
/// errors are texts.
const UNAVAILABLE: &str = "unavailable: ";

/// Finds and ends sessions for tower-sessions. It writes none.
#[derive(Clone)]
pub struct SessionStore(Portal);

impl SessionStore {
    /// The sessions of this portal.
    pub fn new(portal: &Portal) -> Self {
        Self(portal.clone())
    }
}

impl fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionStore")
    }
}

/// What is stored of a session's secret.
pub(super) fn hash(secret: Id) -> [u8; 32] {
    Sha256::digest(secret.0.to_be_bytes()).into()
}

/// The error behind one that went through the carrier.
pub(super) fn reveal(error: tower_sessions_core::session::Error) -> Error {
    let text = error.to_string();
    match text.strip_prefix(UNAVAILABLE) {
        Some(_) => Error::Unavailable(sqlx::Error::Protocol(text)),
        None => Error::internal(error),
    }
}

fn conceal(error: impl Into<Error>) -> CarrierError {
    match error.into() {
        error @ Error::Unavailable(_) => CarrierError::Backend(format!("{UNAVAILABLE}{error}")),
        error => CarrierError::Backend(error.to_string()),
    }
}

#[async_trait]
impl session_store::SessionStore for SessionStore {
    /// Takes over the secret of the session that an act has begun. Without one there is nothing to
    /// carry: people who are not signed in have no session.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let granted =
            record.data.remove(GRANT).ok_or_else(|| CarrierError::Backend("no act has begun this session".into()))?;
        let secret = granted.as_str().ok_or_else(|| CarrierError::Decode("a session's secret is text".into()))?;
        record.id = secret.parse().map_err(|_| CarrierError::Decode("a session's secret has 128 bits".into()))?;
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data: HashMap<_, _> =
            record.data.iter().filter(|(key, _)| ![ARRIVAL, GRANT].contains(&key.as_str())).collect();
        let data = serde_json::to_value(data).map_err(|error| CarrierError::Encode(error.to_string()))?;
        let mut tx = self.0.store().platform().await.map_err(conceal)?;
        sql::save_data(tx.conn(), hash(record.id), data).await.map_err(conceal)?;
        tx.end().await.map_err(conceal)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = self.0.now();
        let found =
            sql::lookup(self.0.store().identity_pool(), hash(*id), now, now - IDLE_LIFETIME).await.map_err(conceal)?;
        let Some((arrival, expiry_date, data)) = found else { return Ok(None) };
        let mut data: HashMap<String, serde_json::Value> = serde_json::from_value(data).unwrap_or_default();
        let arrival = serde_json::to_value(arrival).map_err(|error| CarrierError::Encode(error.to_string()))?;
        data.insert(ARRIVAL.to_owned(), arrival);
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.0.store().platform().await.map_err(conceal)?;
        sql::remove_by_hash(tx.conn(), hash(*id)).await.map_err(conceal)?;
        tx.end().await.map_err(conceal)
    }
}
