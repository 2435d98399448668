//! The history of every tenant's tables.

use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgConnection};

use super::names::{RoleName, SchemaName};

static TENANT: Migrator = sqlx::migrate!("migrations/tenant");

/// The migrations of a tenant's tables that a program knows, the oldest first.
#[derive(Clone, Debug)]
pub struct TenantHistory(Arc<[TenantMigration]>);

#[derive(Clone, Copy, Debug)]
struct TenantMigration {
    version: i64,
    sql: &'static str,
}

/// The migration that was not applied, and why.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) version: i64,
    pub(super) error: sqlx::Error,
}

impl TenantHistory {
    /// That of this program.
    pub fn known() -> Self {
        let known =
            TENANT.iter().map(|migration| TenantMigration { version: migration.version, sql: migration.sql.as_str() });
        Self(known.collect())
    }

    /// One of these migrations alone, numbered from 1.
    #[cfg(feature = "testing")]
    pub fn of(migrations: &[&'static str]) -> Self {
        migrations.iter().copied().fold(Self(Arc::default()), Self::followed_by)
    }

    /// The same with another migration at its end.
    #[must_use]
    pub fn followed_by(self, sql: &'static str) -> Self {
        let next = TenantMigration { version: self.version() + 1, sql };
        Self(self.0.iter().copied().chain([next]).collect())
    }

    /// The names of the tables, as far as these migrations make them.
    pub(crate) fn tables(&self) -> Vec<String> {
        let made = self.statements().flat_map(|sql| sql.split("CREATE TABLE ").skip(1));
        made.filter_map(|rest| rest.split([' ', '(']).next()).map(str::to_owned).collect()
    }

    /// The version at which a tenant's tables have to be.
    pub fn version(&self) -> i64 {
        self.0.iter().map(|migration| migration.version).max().unwrap_or(0)
    }

    /// Applies what comes after the version `from`, up to `until`, to a schema; the caller has begun a transaction.
    pub(super) async fn apply(
        &self,
        conn: &mut PgConnection,
        schema: &SchemaName,
        role: &RoleName,
        (from, until): (i64, i64),
    ) -> Result<(), Stopped> {
        let enter = format!("SET LOCAL search_path = {schema}");
        let stopped = |version| move |error| Stopped { version, error };
        sqlx::raw_sql(AssertSqlSafe(enter)).execute(&mut *conn).await.map_err(stopped(from))?;
        let missing = |migration: &&TenantMigration| migration.version > from && migration.version <= until;
        for TenantMigration { version, sql } in self.0.iter().filter(missing) {
            let sql = sql.replace("tenant_role", role.as_str());
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await.map_err(stopped(*version))?;
        }
        Ok(())
    }

    /// The statements of all migrations, in order.
    pub(super) fn statements(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|migration| migration.sql)
    }
}
