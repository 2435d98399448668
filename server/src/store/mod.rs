//! Postgres: pools, transactions, migrations and provisioning.
//!
//! Four kinds of logins reach the database. The *administrator* (`DATABASE_URL`) migrates, makes organizations and
//! takes them away, and with them what is old in their audit trails. *Identity* reads and writes accounts, credentials and sessions, and nothing of any
//! tenant. The *operator* reads which organizations there are, and nothing of theirs or of people's. A *lane* owns nothing at
//! all: it may only enter the roles of its tenants, and does so for the length of one transaction. The pools are private to
//! this crate.
//!
//! A handler cannot run SQL of its own:
//!
//! ```compile_fail
//! async fn handler(portal: server::Portal) {
//!     portal.store().lanes[0].pool.acquire().await;
//! }
//! ```

mod demolish;
mod failures;
mod fan_out;
mod held;
mod history;
mod install;
pub(crate) mod migrate;
mod names;
mod provision;
mod rehearsal;
mod restore;
mod tables;
mod transactions;
mod turns;
mod upgrade;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

use crate::detections::Watch;
use crate::error::Error;
use crate::keys::MasterKey;
use crate::policy::Policies;
use crate::roles::RoleBooks;

pub use failures::MigrationFailure;
pub use fan_out::MigrationProgress;
pub use history::TenantHistory;
pub use migrate::SampleSchema;
use names::{InstallationId, SchemaName};
pub use provision::NewTenant;
pub(crate) use provision::{Founder, NewFounder};
pub use rehearsal::Rehearsal;
pub(crate) use restore::{Restored, Restoring};
use tables::AS_TEXT;
pub(crate) use tables::{Masked, Table};
pub(crate) use transactions::{PlatformTx, TenantRef, TenantTx, Transact};
use turns::Turns;
pub use upgrade::{AT_A_TIME, Upgrade};

/// Connections of one lane: more than cores, fewer than would crowd the server.
const LANE_CONNECTIONS: u32 = 4;
const IDENTITY_CONNECTIONS: u32 = 8;
/// A few people look at the console at a time.
const OPERATOR_CONNECTIONS: u32 = 2;
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
    operator: PgPool,
    lanes: Vec<Lane>,
    installation: InstallationId,
    history: TenantHistory,
    derived: Arc<Derived>,
    watch: Arc<Watch>,
}

/// The connections of some organizations, and the turns to use them: as many as there are connections.
#[derive(Debug)]
struct Lane {
    pool: PgPool,
    turns: Arc<Turns>,
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
        Self::open_knowing(url, master, TenantHistory::known()).await
    }

    /// As [`Store::open`], as a program that knows this history of tenants' tables.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_knowing(
        url: &SecretString,
        master: &MasterKey,
        history: TenantHistory,
    ) -> Result<Self, StoreError> {
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
            .map(|lane| Lane {
                pool: pool(LANE_CONNECTIONS)
                    .max_lifetime(LANE_CONNECTION_LIFE)
                    .connect_lazy_with(login(&installation.lane(lane))),
                turns: Turns::new(LANE_CONNECTIONS as usize),
            })
            .collect();
        let identity = open(IDENTITY_CONNECTIONS, login(&installation.identity()));
        let operator = open(OPERATOR_CONNECTIONS, login(&installation.operator()));
        let deriving = open(DERIVING_CONNECTIONS, base.clone());
        let admin = open(ADMIN_CONNECTIONS, base);
        let (derived, watch) = (Arc::default(), Arc::default());
        Ok(Self { admin, deriving, identity, operator, lanes, installation, history, derived, watch })
    }

    /// Whether the database answers and the platform's migrations are current.
    pub async fn is_ready(&self) -> bool {
        let asking = async {
            match self.identity.acquire().await {
                Ok(mut conn) => migrate::require_current(&mut conn).await.is_ok(),
                Err(_) => false,
            }
        };
        tokio::time::timeout(ACQUIRE_TIMEOUT, asking).await.unwrap_or(false)
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
            self.history.version()
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

    /// The operator's connections, for single statements on what the console shows.
    pub(crate) fn operator_pool(&self) -> &PgPool {
        &self.operator
    }

    /// How many bytes an organization's tables and their indexes take. Each is looked up by its name, in the collation of the
    /// catalog's index: whoever asks for all of a schema reads all of the catalog.
    pub(crate) async fn bytes_of(&self, tenant: TenantId) -> Result<i64, Error> {
        let bytes = sqlx::query_scalar!(
            r#"SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS "bytes!"
               FROM unnest($2::text[]) AS t (name)
               JOIN pg_namespace n ON n.nspname = $1::text COLLATE "C"
               JOIN pg_class c ON c.relname = t.name COLLATE "C" AND c.relnamespace = n.oid"#,
            SchemaName::of(tenant).to_string(),
            &self.history.tables()
        )
        .fetch_one(&self.operator)
        .await?;
        Ok(bytes)
    }

    /// How a lane's login connects.
    #[cfg(feature = "testing")]
    pub(crate) fn lane_options(&self, lane: usize) -> std::sync::Arc<PgConnectOptions> {
        self.lanes[lane].pool.connect_options()
    }

    /// Waits until every connection is handed back, and closes them.
    pub async fn close(&self) {
        for lane in &self.lanes {
            lane.pool.close().await;
        }
        self.identity.close().await;
        self.operator.close().await;
        self.deriving.close().await;
        self.admin.close().await;
    }

    /// How many connections are open, and how many of them are idle, over all pools.
    pub fn connections(&self) -> (u32, usize) {
        let lanes = || self.lanes.iter().map(|lane| &lane.pool);
        let pools = || lanes().chain([&self.identity, &self.operator, &self.deriving, &self.admin]);
        (pools().map(PgPool::size).sum(), pools().map(PgPool::num_idle).sum())
    }

    /// How many wait for a turn to use a lane's connection.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.turns.waiting()).sum()
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
