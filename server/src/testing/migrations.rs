//! Bringing a test's database up to date.

use secrecy::{ExposeSecret, SecretString};

use super::{TestClock, TestPortal};
use crate::StoreError;
use crate::edges::{Clock, SystemRandomness};
use crate::keys::{KeyRing, MasterKey};
use crate::store::{MigrationFailure, TenantHistory, Upgrade};

impl TestPortal {
    /// Migrates, as every start of the program may.
    ///
    /// # Errors
    /// As [`Upgrade::run`].
    pub async fn migrate(&self) -> Result<Vec<MigrationFailure>, StoreError> {
        self.migrate_knowing(TenantHistory::known()).await
    }

    /// As [`TestPortal::migrate`], with a program that knows this history of organizations' tables.
    ///
    /// # Errors
    /// As [`Upgrade::run`].
    pub async fn migrate_knowing(&self, history: TenantHistory) -> Result<Vec<MigrationFailure>, StoreError> {
        let keys = KeyRing::new(MasterKey::of(self.0.master));
        let upgrade = Upgrade::new(self.database().url(), &keys, &self.0.randomness, self.0.clock.now());
        upgrade.knowing(history).run(|_| ()).await
    }

    /// What another process has to know to migrate this database: see [`migrate_elsewhere`].
    pub fn whereabouts(&self) -> String {
        format!("{} {}", hex::encode(self.0.master), self.database().url().expose_secret())
    }
}

/// As [`TestPortal::migrate_knowing`], in another process than the test's.
///
/// # Errors
/// As [`Upgrade::run`].
pub async fn migrate_elsewhere(whereabouts: &str, history: TenantHistory) -> Result<Vec<MigrationFailure>, StoreError> {
    let (master, url) = whereabouts.split_once(' ').expect("a key and an address");
    let mut key = [0; 32];
    hex::decode_to_slice(master, &mut key).expect("a key in hexadecimal");
    let (keys, url) = (KeyRing::new(MasterKey::of(key)), SecretString::from(url));
    Upgrade::new(&url, &keys, &SystemRandomness, TestClock::default().now()).knowing(history).run(|_| ()).await
}
