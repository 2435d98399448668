//! Tenants that could not be brought up to date: what is noted of them, and what their people are told.

use domain::ids::TenantId;
use domain::problem::Problem;
use domain::text::printable;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::error::DatabaseError;
use time::OffsetDateTime;

use super::history::Stopped;
use super::{Store, StoreError};
use crate::error::Error;

/// The most characters of a message.
const MESSAGE_MAX: usize = 300;

/// A tenant that could not be brought up to date, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationFailure {
    /// Its name in addresses.
    pub slug: String,
    /// The tenant migration that failed.
    pub version: i64,
    /// The SQLSTATE.
    pub code: String,
    /// What Postgres says about it.
    pub message: String,
    /// How often somebody has tried.
    pub attempts: i32,
    /// When somebody has tried last.
    #[serde(with = "time::serde::rfc3339")]
    pub failed_at: OffsetDateTime,
}

/// Whose fault it is that a migration was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// What is in the tenant's schema.
    Tenant,
    /// Nobody's: somebody is using the tables.
    InUse,
    /// The database does not answer, or has no room: it would be the same with every tenant.
    Database,
}

impl Fault {
    /// Of an error. What is none of Postgres' own is one of the connection.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        error.as_database_error().and_then(DatabaseError::code).map_or(Self::Database, |code| Self::of_code(&code))
    }

    /// 55P03: a lock was not to be had in time. Class 40: two were in each other's way. Class 08 and 57P: connections. Class
    /// 53: resources. 25P: the connection has lost its transaction.
    fn of_code(code: &str) -> Self {
        let is_of = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
        if is_of(&["55P03", "40"]) {
            Self::InUse
        } else if is_of(&["08", "57P", "53", "25P"]) {
            Self::Database
        } else {
            Self::Tenant
        }
    }
}

/// Notes that a tenant could not be brought up to this version, unless somebody else has done so meanwhile.
pub(super) async fn note(
    conn: &mut PgConnection,
    tenant: TenantId,
    version: i64,
    stopped: &Stopped,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let Some(error) = stopped.error.as_database_error() else { return Ok(()) };
    let code = error.code().unwrap_or_default().into_owned();
    let message = words(&code, error.message());
    let noted = sqlx::query!(
        "INSERT INTO platform.migration_failures AS f (tenant_id, version, code, message, first_failed_at, failed_at)
         SELECT id, $3, $4, $5, $6, $6 FROM platform.tenants WHERE id = $1 AND schema_version < $2
         ON CONFLICT (tenant_id) DO UPDATE
         SET version = excluded.version, code = excluded.code, message = excluded.message,
             attempts = f.attempts + 1, failed_at = excluded.failed_at",
        tenant.0,
        version,
        stopped.version,
        code,
        message,
        now
    )
    .execute(conn)
    .await;
    match noted {
        Ok(_) => Ok(()),
        // It was deleted at the same time.
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What is kept of a message. Details and hints, which may hold what is in rows, never are; nor is what stands behind a colon
/// when a value is none of its kind (class 22), which is the value.
fn words(code: &str, message: &str) -> String {
    let message = if code.starts_with("22") { message.split(':').next().unwrap_or_default() } else { message };
    printable(message).chars().take(MESSAGE_MAX).collect()
}

/// The tenants that could not be brought up to date, by slug. One that an older program has brought further since is none
/// of them.
pub(super) async fn list(conn: &mut PgConnection) -> Result<Vec<MigrationFailure>, StoreError> {
    let failures = sqlx::query_as!(
        MigrationFailure,
        "SELECT t.slug, f.version, f.code, f.message, f.attempts, f.failed_at
         FROM platform.migration_failures f
         JOIN platform.tenants t ON t.id = f.tenant_id AND f.version > t.schema_version ORDER BY t.slug"
    )
    .fetch_all(conn)
    .await?;
    Ok(failures)
}

impl Store {
    /// Why a tenant whose tables are not those of this program is not to be used.
    pub(super) async fn why_behind(&self, tenant: TenantId) -> Result<Problem, Error> {
        let has_failed = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM platform.migration_failures WHERE tenant_id = $1) AS "failed!""#,
            tenant.0
        )
        .fetch_one(&self.identity)
        .await?;
        Ok(if has_failed { Problem::OrganizationNotUpgraded } else { Problem::OrganizationBehind })
    }

    /// How many tenants could not be brought up to date.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn count_not_upgraded(&self) -> Result<u32, Error> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM platform.migration_failures f
               JOIN platform.tenants t ON t.id = f.tenant_id AND f.version > t.schema_version"#
        )
        .fetch_one(&self.identity)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_blamed_for_what_is_in_its_schema_alone() {
        for code in ["42701", "23505", "22P02", "57014"] {
            assert_eq!(Fault::of_code(code), Fault::Tenant, "{code}");
        }
        for code in ["55P03", "40P01"] {
            assert_eq!(Fault::of_code(code), Fault::InUse, "{code}");
        }
        for code in ["57P01", "53100", "08006", "25P03"] {
            assert_eq!(Fault::of_code(code), Fault::Database, "{code}");
        }
        assert_eq!(Fault::of(&sqlx::Error::WorkerCrashed), Fault::Database);
    }

    #[test]
    fn what_is_kept_of_a_message_is_short_and_no_value() {
        assert_eq!(words("22P02", "invalid input syntax for type uuid: \"ada\""), "invalid input syntax for type uuid");
        assert_eq!(words("42701", "column \"a\" exists: no"), "column \"a\" exists: no");
        assert_eq!(words("42601", "a\u{1b}[2J"), "a\u{fffd}[2J");
        assert_eq!(words("42601", &"long ".repeat(100)).chars().count(), MESSAGE_MAX);
    }
}
