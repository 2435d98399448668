//! The two histories of the schema: the platform's, and that of every tenant.

use domain::ids::TenantId;
use secrecy::{ExposeSecret, SecretString};
#[cfg(feature = "testing")]
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::names::{InstallationId, RoleName, SchemaName};
use super::{StoreError, parse};

static PLATFORM: Migrator = sqlx::migrate!("migrations/platform");
static TENANT: Migrator = sqlx::migrate!("migrations/tenant");

/// How far the fan-out over the tenants has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationProgress {
    /// Tenants that are done.
    pub done: usize,
    /// Tenants that were behind.
    pub behind: usize,
}

/// The version at which a tenant's tables have to be.
pub(super) fn tenant_version() -> i64 {
    TENANT.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn platform_version() -> i64 {
    PLATFORM.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// What the platform's migrations are told from others by, in hex.
#[cfg(feature = "testing")]
pub(crate) fn platform_fingerprint() -> String {
    let mut hash = Sha256::new();
    PLATFORM.iter().for_each(|migration| hash.update(&migration.checksum));
    hex::encode(&hash.finalize()[..8])
}

/// Fails unless the platform's migrations are those of this program.
pub(super) async fn require_current(conn: &mut PgConnection) -> Result<(), StoreError> {
    let needed = platform_version();
    let found = sqlx::query_scalar!(r#"SELECT max(version) AS "version" FROM platform._sqlx_migrations WHERE success"#)
        .fetch_one(conn)
        .await;
    let found = match found {
        Ok(version) => version.unwrap_or(0),
        // 42P01: no such table. Nothing was ever migrated here.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => 0,
        Err(error) => return Err(error.into()),
    };
    if found == needed { Ok(()) } else { Err(StoreError::Behind { found, needed }) }
}

/// Brings the platform's tables up to date.
pub(crate) async fn platform(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("CREATE SCHEMA IF NOT EXISTS platform; SET search_path = platform").execute(&mut *conn).await?;
    PLATFORM.run(&mut *conn).await?;
    sqlx::raw_sql("SET search_path = ''").execute(&mut *conn).await?;
    Ok(())
}

/// Brings every tenant that is behind up to date, one transaction each.
pub(super) async fn tenants(
    conn: &mut PgConnection,
    installation: &InstallationId,
    mut progress: impl FnMut(MigrationProgress),
) -> Result<(), StoreError> {
    let behind = sqlx::query!(
        "SELECT id, schema_version FROM platform.tenants WHERE schema_version < $1 ORDER BY id",
        tenant_version()
    )
    .fetch_all(&mut *conn)
    .await?;
    for (done, tenant) in behind.iter().enumerate() {
        progress(MigrationProgress { done, behind: behind.len() });
        let id = TenantId(tenant.id);
        let mut tx = conn.begin().await?;
        apply(&mut tx, &SchemaName::of(id), &installation.tenant(id), tenant.schema_version).await?;
        sqlx::query!("UPDATE platform.tenants SET schema_version = $2 WHERE id = $1", tenant.id, tenant_version())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    if !behind.is_empty() {
        progress(MigrationProgress { done: behind.len(), behind: behind.len() });
    }
    Ok(())
}

/// Applies the tenant migrations behind `from` in the schema; the caller has begun a transaction.
pub(super) async fn apply(
    conn: &mut PgConnection,
    schema: &SchemaName,
    role: &RoleName,
    from: i64,
) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL search_path = {schema}"))).execute(&mut *conn).await?;
    for migration in TENANT.iter().filter(|migration| migration.version > from) {
        let sql = migration.sql.as_str().replace("tenant_role", role.as_str());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await?;
    }
    Ok(())
}

/// A schema with a tenant's tables that belongs to nobody: what the committed descriptions of the
/// statements are checked against.
pub struct SampleSchema;

impl SampleSchema {
    /// Makes it afresh.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn create(url: &SecretString) -> Result<(), StoreError> {
        let mut conn = PgConnection::connect_with(&parse(url)?).await?;
        let reset = "DROP SCHEMA IF EXISTS sample CASCADE; CREATE SCHEMA sample; SET search_path = sample";
        sqlx::raw_sql(reset).execute(&mut conn).await?;
        for migration in TENANT.iter() {
            // What an organization's role loses, whoever migrates keeps.
            let sql = migration.sql.as_str().replace("FROM tenant_role", "FROM PUBLIC");
            let sql = sql.replace("tenant_role", "CURRENT_USER");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
        }
        conn.close().await?;
        Ok(())
    }

    /// The URL under which the sample's tables are found without naming their schema.
    pub fn url(url: &SecretString) -> String {
        let url = url.expose_secret();
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}options=-csearch_path%3Dsample")
    }
}
