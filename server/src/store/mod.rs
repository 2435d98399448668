//! Postgres: pools, transactions, migrations and provisioning.
//!
//! Three kinds of logins reach the database. The *administrator* (`DATABASE_URL`) migrates, makes organizations and
//! takes them away, and with them what is old in their audit trails. *Identity* reads and writes accounts, credentials and sessions, and nothing of any
//! tenant. A *lane* owns nothing at all: it may only enter the roles of its tenants, and does so
//! for the length of one transaction. The pools are private to this crate.
//!
//! A handler cannot run SQL of its own:
//!
//! ```compile_fail
//! async fn handler(portal: server::Portal) {
//!     portal.store().lanes[0].acquire().await;
//! }
//! ```

mod demolish;
mod install;
pub(crate) mod migrate;
mod names;
mod provision;
mod transactions;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

use crate::detections::Watch;
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::{KeyRing, MasterKey};
use crate::policy::Policies;
use crate::roles::RoleBooks;

pub use migrate::{MigrationProgress, SampleSchema};
use names::{InstallationId, SchemaName};
pub use provision::NewTenant;
pub(crate) use provision::{Founder, NewFounder};
pub(crate) use transactions::{PlatformTx, TenantRef, TenantTx, Transact};

/// Connections of one lane: more than cores, fewer than would crowd the server.
const LANE_CONNECTIONS: u32 = 4;
const IDENTITY_CONNECTIONS: u32 = 8;
const ADMIN_CONNECTIONS: u32 = 4;
/// Beside those of the administrator's, for what is derived from audit trails while somebody waits.
const DERIVING_CONNECTIONS: u32 = 3;
/// A connection caches what it has touched, and tenants are many: it is replaced before it is fat.
const LANE_CONNECTION_LIFE: Duration = Duration::from_mins(15);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for so long may have lost its Postgres.
const REST: Duration = Duration::from_millis(250);

/// The database, as one installation uses it.
#[derive(Debug)]
pub struct Store {
    admin: PgPool,
    /// The administrator's login, too: whoever waits for one of these keeps nobody from administering.
    deriving: PgPool,
    identity: PgPool,
    lanes: Vec<PgPool>,
    installation: InstallationId,
    derived: Arc<Derived>,
    watch: Arc<Watch>,
}

/// What is derived from organizations' tables.
#[derive(Debug, Default)]
struct Derived {
    books: RoleBooks,
    policies: Policies,
    grown: Grown,
}

/// Organizations whose audit logs have grown by this program since somebody looked.
#[derive(Debug, Default)]
struct Grown(Mutex<HashSet<TenantId>>);

impl Grown {
    fn note(&self, tenant: TenantId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is not one of a Postgres.
    #[error("DATABASE_URL is not a Postgres URL: {0}")]
    Url(#[source] sqlx::Error),
    /// A statement or a connection failed.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or one that was applied has changed since.
    #[error("migrating failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The platform's migrations are not those of this program.
    #[error("the database is at migration {found}, this program needs {needed}: run `portcullis migrate`")]
    Behind {
        /// What the database has.
        found: i64,
        /// What the program needs.
        needed: i64,
    },
    /// The installation's row is damaged.
    #[error("the table platform.installation holds no valid id")]
    Installation,
}

impl Store {
    /// Opens the pools of an installation whose platform migrations are current.
    ///
    /// # Errors
    /// When the database does not answer or is behind.
    pub async fn open(url: &SecretString, master: &MasterKey) -> Result<Self, StoreError> {
        let base = parse(url)?;
        let mut conn = PgConnection::connect_with(&base).await?;
        migrate::require_current(&mut conn).await?;
        let installation = install::lookup(&mut conn).await?;
        conn.close().await?;

        let login = |role: &names::RoleName| {
            let password = install::password(master, role);
            base.clone().username(role.as_str()).password(&password)
        };
        let open = |connections, login| pool(connections).connect_lazy_with(login);
        let lanes = (0..names::LANES)
            .map(|lane| {
                pool(LANE_CONNECTIONS)
                    .max_lifetime(LANE_CONNECTION_LIFE)
                    .connect_lazy_with(login(&installation.lane(lane)))
            })
            .collect();
        let identity = open(IDENTITY_CONNECTIONS, login(&installation.identity()));
        let deriving = open(DERIVING_CONNECTIONS, base.clone());
        let admin = open(ADMIN_CONNECTIONS, base);
        Ok(Self { admin, deriving, identity, lanes, installation, derived: Arc::default(), watch: Arc::default() })
    }

    /// Brings the platform's tables, the roles, and every tenant's tables up to date.
    ///
    /// # Errors
    /// When a statement fails; what was finished before stays finished.
    pub async fn migrate(
        url: &SecretString,
        keys: &KeyRing,
        randomness: &dyn Randomness,
        now: time::OffsetDateTime,
        progress: impl FnMut(MigrationProgress),
    ) -> Result<(), StoreError> {
        let mut conn = PgConnection::connect_with(&parse(url)?).await?;
        // One at a time: two that renew the same roles get in each other's way. The lock is the session's.
        sqlx::raw_sql("SELECT pg_advisory_lock(7022346177)").execute(&mut conn).await?;
        migrate::platform(&mut conn).await?;
        let installation = install::ensure(&mut conn, keys, randomness, now).await?;
        migrate::tenants(&mut conn, &installation, progress).await?;
        conn.close().await?;
        Ok(())
    }

    /// Whether the database answers and the platform's migrations are current.
    pub async fn is_ready(&self) -> bool {
        match self.identity.acquire().await {
            Ok(mut conn) => migrate::require_current(&mut conn).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Which organizations' audit logs have grown by this program since this was asked last.
    pub(crate) fn take_grown(&self) -> Vec<TenantId> {
        self.derived.grown.0.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// The organizations that are in use and up to date: all of them, or those of these.
    pub(crate) async fn active_tenants(&self, of: Option<&[TenantId]>) -> Result<Vec<TenantRef>, Error> {
        let of = of.map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>());
        let rows = sqlx::query!(
            "SELECT id, name, slug, lane, schema_version FROM platform.tenants
             WHERE status = 'active' AND schema_version = $2 AND ($1::uuid[] IS NULL OR id = ANY($1)) ORDER BY id",
            of.as_deref(),
            migrate::tenant_version()
        )
        .fetch_all(&self.identity)
        .await?;
        let tenants = rows.into_iter().map(|row| TenantRef {
            id: TenantId(row.id),
            name: row.name,
            slug: row.slug,
            status: TenantStatus::Active,
            lane: u16::try_from(row.lane).unwrap_or(0),
            schema_version: row.schema_version,
        });
        Ok(tenants.collect())
    }

    /// Where something was noticed, and who wants to know.
    pub(crate) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// The identity login's connections, for single statements on sessions.
    pub(crate) fn identity_pool(&self) -> &PgPool {
        &self.identity
    }

    /// How a lane's login connects.
    #[cfg(feature = "testing")]
    pub(crate) fn lane_options(&self, lane: usize) -> std::sync::Arc<PgConnectOptions> {
        self.lanes[lane].connect_options()
    }

    /// Waits until every connection is handed back, and closes them.
    pub async fn close(&self) {
        for lane in &self.lanes {
            lane.close().await;
        }
        self.identity.close().await;
        self.deriving.close().await;
        self.admin.close().await;
    }

    /// How many connections are open, and how many of them are idle, over all pools.
    pub fn connections(&self) -> (u32, usize) {
        let pools = || self.lanes.iter().chain([&self.identity, &self.deriving, &self.admin]);
        (pools().map(PgPool::size).sum(), pools().map(PgPool::num_idle).sum())
    }
}

/// What every pool has in common. A connection that has rested is asked whether it is still there: so a Postgres that
/// was started anew is noticed here, and not by whoever comes next. A busy one is taken at its word, which saves a
/// message for each request.
fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|conn, connection| {
            Box::pin(async move {
                if connection.idle_for >= REST {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
}

/// The options that every connection shares. A connection that was left in the middle of
/// something says so with a warning at the next `ROLLBACK`; those are expected and kept quiet. No statement here runs as
/// long as compiling it would take, whatever the planner expects.
fn parse(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.expose_secret().parse().map_err(StoreError::Url)?;
    Ok(options.application_name("portcullis").options([("client_min_messages", "error"), ("jit", "off")]))
}
