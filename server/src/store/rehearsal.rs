//! How long a migration of all tenants takes: it is done, and undone.

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use super::fan_out::MigrationProgress;
use super::{StoreError, TenantHistory, Upgrade, parse};

/// What a typical migration does: a column that may be empty, and an index, on a table of some rows.
const THERE: &str = "ALTER TABLE groups ADD COLUMN rehearsed text; CREATE INDEX groups_rehearsed ON groups (rehearsed)";
const BACK: &str = "ALTER TABLE groups DROP COLUMN rehearsed";

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal {
    /// How many tenants were migrated.
    pub tenants: usize,
    /// How many could not be.
    pub failed: usize,
    /// How long it took, without the way back.
    pub took: Duration,
}

impl Upgrade<'_> {
    /// Migrates every tenant by a typical migration, and back. Meanwhile no program serves them: this is for databases that
    /// are there to be measured.
    ///
    /// # Errors
    /// As [`Upgrade::run`].
    pub async fn rehearse(self, mut progress: impl FnMut(MigrationProgress)) -> Result<Rehearsal, StoreError> {
        let known = TenantHistory::known();
        self.run(|_| ()).await?;
        let upgrade = self.knowing(known.clone().followed_by(THERE));
        let mut last = MigrationProgress::default();
        let began = Instant::now();
        let failed = upgrade
            .run(|now| {
                last = now;
                progress(now);
            })
            .await?;
        let took = began.elapsed();
        let upgrade = upgrade.knowing(known.clone().followed_by(THERE).followed_by(BACK));
        upgrade.run(|_| ()).await?;
        upgrade.forget(&known).await?;
        Ok(Rehearsal { tenants: last.done, failed: failed.len(), took })
    }

    /// Has tenants be at the version that they were at before.
    async fn forget(&self, known: &TenantHistory) -> Result<(), StoreError> {
        let mut conn = PgConnection::connect_with(&parse(self.url)?).await?;
        let version = known.version();
        sqlx::query!("UPDATE platform.tenants SET schema_version = $1 WHERE schema_version > $1", version)
            .execute(&mut conn)
            .await?;
        sqlx::query!("DELETE FROM platform.migration_failures WHERE version > $1", version).execute(&mut conn).await?;
        sqlx::query!("UPDATE platform.installation SET tenant_version = $1", version).execute(&mut conn).await?;
        conn.close().await?;
        Ok(())
    }
}
