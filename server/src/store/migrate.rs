//! Bringing the platform's tables up to date.

use secrecy::{ExposeSecret, SecretString};
#[cfg(feature = "testing")]
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::history::TenantHistory;
use super::{StoreError, parse};

static PLATFORM: Migrator = sqlx::migrate!("migrations/platform");

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

/// Brings the platform's tables up to date. Of several who do so at once, one does, and the others wait: sqlx holds a lock of
/// the database's meanwhile.
pub(crate) async fn platform(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("CREATE SCHEMA IF NOT EXISTS platform; SET search_path = platform").execute(&mut *conn).await?;
    PLATFORM.run(&mut *conn).await?;
    sqlx::raw_sql("SET search_path = ''").execute(&mut *conn).await?;
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
        for sql in TenantHistory::known().statements() {
            // What an organization's role loses, whoever migrates keeps.
            let sql = sql.replace("FROM tenant_role", "FROM PUBLIC");
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
