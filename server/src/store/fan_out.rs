//! Bringing every tenant up to date: several at a time, each in one transaction with its version.
//!
//! Whoever works on a tenant holds its row in `platform.tenants` until that ends, and others pass the tenant by: so two
//! that migrate at the same time share the work, and one that was killed has left nothing half done and nothing locked.
//! What keeps one tenant from being migrated is noted, and keeps no other.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use futures::future::try_join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

use super::StoreError;
use super::failures::{self, Fault};
use super::history::{Stopped, TenantHistory};
use super::names::{InstallationId, SchemaName};

/// A statement waits for a table that somebody uses for less time than Postgres takes to look for deadlocks: so it is the
/// migration that gives way, and whoever comes behind it waits no longer than this. Whoever stops in the middle without a word
/// keeps its tenant for a minute.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL idle_in_transaction_session_timeout = '60s'; \
                     SET LOCAL search_path = ''";
/// After so many times that somebody was using its tables, a tenant counts as failed.
const TRIES: u32 = 10;
/// How long it takes until those are tried again that were in use, when there is nothing else to do.
const PAUSE: Duration = Duration::from_millis(500);
/// A connection caches what it has touched, and tenants are many: after so many of them it is replaced.
const TENANTS_OF_A_CONNECTION: u32 = 500;

/// How far the tenants are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MigrationProgress {
    /// Tenants that are done.
    pub done: usize,
    /// Tenants that could not be brought up to date.
    pub failed: usize,
    /// Tenants that were behind, with these.
    pub behind: usize,
}

impl MigrationProgress {
    /// Whether there is nothing left to do.
    pub fn is_over(&self) -> bool {
        self.done + self.failed >= self.behind
    }
}

/// What it takes.
pub(super) struct FanOut<'a> {
    pub(super) options: &'a PgConnectOptions,
    pub(super) installation: &'a InstallationId,
    pub(super) history: &'a TenantHistory,
    /// How many tenants are worked on at a time.
    pub(super) at_a_time: usize,
    pub(super) now: OffsetDateTime,
}

/// What the connections share.
struct Shared<F> {
    waiting: VecDeque<TenantId>,
    /// How often tables were in use.
    tries: HashMap<TenantId, u32>,
    failed: Vec<TenantId>,
    progress: MigrationProgress,
    tell: F,
}

/// What came of a tenant.
enum Outcome {
    Done,
    /// Somebody else has it, or has had it.
    Passed,
    InUse(Stopped),
    Failed(Stopped),
}

impl FanOut<'_> {
    /// Works until nobody is behind but those that have failed: tenants that an older program has made meanwhile are found,
    /// too, and from the beginning on it makes no more.
    pub(super) async fn run(
        &self,
        conn: &mut PgConnection,
        tell: impl FnMut(MigrationProgress),
    ) -> Result<(), StoreError> {
        announce(conn, self.history.version()).await?;
        let progress = MigrationProgress::default();
        let (waiting, tries, failed) = (VecDeque::new(), HashMap::new(), Vec::new());
        let shared = Mutex::new(Shared { waiting, tries, failed, progress, tell });
        loop {
            let failed = lock(&shared).failed.clone();
            let behind = list_behind(conn, self.history.version(), &failed).await?;
            let left = behind.len();
            if left == 0 {
                return Ok(());
            }
            let before = lock(&shared).plan(behind);
            try_join_all((0..self.at_a_time.clamp(1, left)).map(|_| self.work(&shared))).await?;
            if lock(&shared).progress.done == before {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Works on what waits, over a connection of its own.
    async fn work<F: FnMut(MigrationProgress)>(&self, shared: &Mutex<Shared<F>>) -> Result<(), StoreError> {
        let mut conn = PgConnection::connect_with(self.options).await?;
        let mut used = 0;
        while let Some(tenant) = next(shared) {
            if used == TENANTS_OF_A_CONNECTION {
                conn.close().await?;
                conn = PgConnection::connect_with(self.options).await?;
                used = 0;
            }
            used += 1;
            let outcome = self.migrate(&mut conn, tenant).await?;
            let failure = lock(shared).note(tenant, outcome);
            if let Some(stopped) = failure {
                failures::note(&mut conn, tenant, self.history.version(), &stopped, self.now).await?;
            }
        }
        Ok(conn.close().await?)
    }

    /// Brings a tenant up to date, if nobody else is at it.
    async fn migrate(&self, conn: &mut PgConnection, tenant: TenantId) -> Result<Outcome, StoreError> {
        let mut tx = conn.begin_with(BEGIN).await?;
        let version = self.history.version();
        let Some(from) = claim(&mut tx, tenant, version).await? else {
            tx.rollback().await?;
            return Ok(Outcome::Passed);
        };
        let role = self.installation.tenant(tenant);
        let stopped = match self.history.apply(&mut tx, &SchemaName::of(tenant), &role, (from, version)).await {
            Ok(()) => {
                set_version(&mut tx, tenant, version).await?;
                match tx.commit().await {
                    Ok(()) => return Ok(Outcome::Done),
                    Err(error) => Stopped { version, error },
                }
            }
            Err(stopped) => {
                tx.rollback().await?;
                stopped
            }
        };
        match Fault::of(&stopped.error) {
            Fault::Tenant => Ok(Outcome::Failed(stopped)),
            Fault::InUse => Ok(Outcome::InUse(stopped)),
            Fault::Database => Err(stopped.error.into()),
        }
    }
}

fn lock<F>(shared: &Mutex<Shared<F>>) -> MutexGuard<'_, Shared<F>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who comes next. Nobody else waits for that until it is known what becomes of them.
fn next<F>(shared: &Mutex<Shared<F>>) -> Option<TenantId> {
    lock(shared).waiting.pop_front()
}

impl<F: FnMut(MigrationProgress)> Shared<F> {
    /// Has these worked on: how many were done before.
    fn plan(&mut self, behind: Vec<TenantId>) -> usize {
        self.progress.behind = self.progress.done + self.progress.failed + behind.len();
        self.waiting = behind.into();
        (self.tell)(self.progress);
        self.progress.done
    }

    /// Counts what came of a tenant: why it has failed, if it has.
    fn note(&mut self, tenant: TenantId, outcome: Outcome) -> Option<Stopped> {
        let failure = match outcome {
            Outcome::Done => {
                self.progress.done += 1;
                None
            }
            Outcome::Passed => {
                self.progress.behind -= 1;
                None
            }
            Outcome::InUse(stopped) => {
                let tries = self.tries.entry(tenant).or_default();
                *tries += 1;
                (*tries >= TRIES).then_some(stopped)
            }
            Outcome::Failed(stopped) => Some(stopped),
        };
        if failure.is_some() {
            self.progress.failed += 1;
            self.failed.push(tenant);
        }
        (self.tell)(self.progress);
        failure
    }
}

/// Says to which version the tenants are brought. Whoever makes a tenant at this moment is waited for: it is found then, if
/// it is made at an older version.
async fn announce(conn: &mut PgConnection, version: i64) -> Result<(), StoreError> {
    sqlx::query!("UPDATE platform.installation SET tenant_version = $1 WHERE tenant_version < $1", version)
        .execute(conn)
        .await?;
    Ok(())
}

/// Who is behind, but for these.
async fn list_behind(conn: &mut PgConnection, version: i64, without: &[TenantId]) -> Result<Vec<TenantId>, StoreError> {
    let without: Vec<_> = without.iter().map(|tenant| tenant.0).collect();
    let behind = sqlx::query_scalar!(
        "SELECT id FROM platform.tenants WHERE schema_version < $1 AND id <> ALL($2) ORDER BY id",
        version,
        &without[..]
    )
    .fetch_all(conn)
    .await?;
    Ok(behind.into_iter().map(TenantId).collect())
}

/// Takes a tenant that is behind, until the transaction ends: its version. None, if it is not behind any more, or somebody
/// else has it. Rows that refer to it may come and go meanwhile.
async fn claim(conn: &mut PgConnection, tenant: TenantId, version: i64) -> Result<Option<i64>, StoreError> {
    let from = sqlx::query_scalar!(
        "SELECT schema_version FROM platform.tenants WHERE id = $1 AND schema_version < $2
         FOR NO KEY UPDATE SKIP LOCKED",
        tenant.0,
        version
    )
    .fetch_optional(conn)
    .await?;
    Ok(from)
}

/// Notes that a tenant is up to date, and no failure any more.
async fn set_version(conn: &mut PgConnection, tenant: TenantId, version: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH mended AS (DELETE FROM platform.migration_failures WHERE tenant_id = $1)
         UPDATE platform.tenants SET schema_version = $2 WHERE id = $1",
        tenant.0,
        version
    )
    .execute(conn)
    .await?;
    Ok(())
}
