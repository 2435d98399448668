//! What `portcullis migrate` does.

use secrecy::SecretString;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

use super::fan_out::{FanOut, MigrationProgress};
use super::{MigrationFailure, StoreError, TenantHistory, failures, install, migrate, parse};
use crate::edges::Randomness;
use crate::keys::KeyRing;

/// How many tenants are worked on at a time, unless somebody asks for another number.
pub const AT_A_TIME: usize = 4;

/// Brings an installation up to date.
pub struct Upgrade<'a> {
    pub(super) url: &'a SecretString,
    keys: &'a KeyRing,
    randomness: &'a dyn Randomness,
    now: OffsetDateTime,
    at_a_time: usize,
    history: TenantHistory,
}

impl<'a> Upgrade<'a> {
    /// Of the installation in this database, to what this program knows.
    pub fn new(url: &'a SecretString, keys: &'a KeyRing, randomness: &'a dyn Randomness, now: OffsetDateTime) -> Self {
        Self { url, keys, randomness, now, at_a_time: AT_A_TIME, history: TenantHistory::known() }
    }

    /// The same with so many tenants at a time: each takes a connection.
    #[must_use]
    pub fn at_a_time(self, at_a_time: usize) -> Self {
        Self { at_a_time, ..self }
    }

    /// The same as a program that knows this history of tenants' tables.
    #[must_use]
    pub fn knowing(self, history: TenantHistory) -> Self {
        Self { history, ..self }
    }

    /// Brings the platform's tables and the roles up to date, then every tenant's tables: whoever could not be brought so
    /// far, in this run or, by somebody else, before it ended.
    ///
    /// # Errors
    /// When the platform's tables cannot be brought up to date, or the database does not answer. What was finished before
    /// stays finished, and it can be run again.
    pub async fn run(&self, progress: impl FnMut(MigrationProgress)) -> Result<Vec<MigrationFailure>, StoreError> {
        let options = parse(self.url)?;
        let mut conn = PgConnection::connect_with(&options).await?;
        // One at a time: two that renew the same roles get in each other's way. The lock is the session's.
        sqlx::raw_sql("SELECT pg_advisory_lock(7022346177)").execute(&mut conn).await?;
        migrate::platform(&mut conn).await?;
        let installation = install::ensure(&mut conn, self.keys, self.randomness, self.now).await?;
        sqlx::raw_sql("SELECT pg_advisory_unlock(7022346177)").execute(&mut conn).await?;
        let (history, at_a_time, now) = (&self.history, self.at_a_time, self.now);
        let fan_out = FanOut { options: &options, installation: &installation, history, at_a_time, now };
        fan_out.run(&mut conn, progress).await?;
        let failed = failures::list(&mut conn).await?;
        conn.close().await?;
        Ok(failed)
    }
}
