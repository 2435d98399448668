//! Taking an organization away for good: what [`provision`](super::provision) makes, the other way round, in one
//! transaction of the administrator's.

use domain::audit::{Action, Actor, Draft, LogId, Public};
use domain::ids::TenantId;
use domain::notifications::{Kind, News};
use domain::organizations::DELETION_GRACE;
use sqlx::{AssertSqlSafe, PgConnection};
use time::{Duration, OffsetDateTime};

use super::names::SchemaName;
use super::{Store, Transact};
use crate::audit;
use crate::error::Error;
use crate::notifications;
use crate::request::RequestContext;

const DELETED: Action = Action::new("organization.deleted");

/// Waiting for the organization's tables ends after a while, lest its last requests wait behind it.
const BEGIN: &str = "ROLLBACK; BEGIN; SET LOCAL search_path = ''; SET LOCAL lock_timeout = '10s'";

/// How long it has to be known that an organization is to be deleted, whatever its row says of the day: so nobody who
/// writes to that row has one gone at once.
const KNOWN: Duration = Duration::days(DELETION_GRACE.whole_days() - 1);

impl Store {
    /// The organizations whose days of grace are over, the earliest first.
    pub(crate) async fn list_overdue(&self, now: OffsetDateTime, most: i64) -> Result<Vec<TenantId>, Error> {
        let ids = sqlx::query_scalar!(
            "SELECT id FROM platform.tenants WHERE delete_at <= $1 AND deletion_seen_at <= $3
             ORDER BY delete_at, id LIMIT $2",
            now,
            most,
            now - KNOWN
        )
        .fetch_all(&self.identity)
        .await?;
        Ok(ids.into_iter().map(TenantId).collect())
    }

    /// Takes an organization away with its schema, its role and the platform's rows of it, if its days of grace are over.
    /// False, when they are not, or another process is at it.
    ///
    /// The schema goes before the platform's rows are touched: that waits for whatever still happens in it, which in turn
    /// may want these rows.
    ///
    /// # Errors
    /// The database's; nothing is gone then, and it can be tried again.
    pub(crate) async fn demolish(&self, by: &RequestContext, id: TenantId) -> Result<bool, Error> {
        let mut tx = self.admin.begin_with(BEGIN).await?;
        let mine = sqlx::query_scalar!(
            r#"SELECT EXISTS
                      (SELECT FROM platform.tenants WHERE id = $1 AND delete_at <= $2 AND deletion_seen_at <= $3)
                  AND pg_try_advisory_xact_lock(7022346178) AS "mine!""#,
            id.0,
            by.now(),
            by.now() - KNOWN
        )
        .fetch_one(&mut *tx)
        .await?;
        if !mine {
            return Ok(false);
        }
        let (schema, role) = (SchemaName::of(id), self.installation.tenant(id));
        let statements = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE IF EXISTS {role}");
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *tx).await?;
        // Somebody may have kept it just now: then all of this is undone.
        let members = notifications::sql::list_members(&mut tx, id).await?;
        let Some((name, slug)) = remove_rows(&mut tx, id, by.now()).await? else { return Ok(false) };
        let news = News { organization: name.clone(), by: None, actor: None, kind: Kind::OrganizationDeleted };
        notifications::add_without_mail(&mut tx, by, None, &members, &news).await?;
        sqlx::raw_sql("SET LOCAL search_path = platform, pg_temp").execute(&mut *tx).await?;
        let entry = Draft::done(DELETED, Actor::system())
            .target("organization", id, Public(name))
            .removed("slug", Public(slug));
        audit::append(&mut tx, by, LogId::Platform, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Takes the platform's rows of an organization away, its own last: its name and slug, if its days of grace are over.
///
/// A table that refers to organizations and is missing here keeps them from being deleted, and a test looks for those
/// that do not say so.
async fn remove_rows(
    conn: &mut PgConnection,
    id: TenantId,
    now: OffsetDateTime,
) -> Result<Option<(String, String)>, Error> {
    macro_rules! each {
        ($($statement:literal)+) => {$(
            sqlx::query!($statement, id.0).execute(&mut *conn).await?;
        )+};
    }
    each! {
        "UPDATE platform.accounts SET last_tenant_id = NULL WHERE last_tenant_id = $1"
        "DELETE FROM platform.pending_invitations WHERE tenant_id = $1"
        "DELETE FROM platform.tokens WHERE tenant_id = $1"
        "DELETE FROM platform.outbox WHERE tenant_id = $1"
        "DELETE FROM platform.notifications WHERE tenant_id = $1"
        "DELETE FROM platform.job_queue WHERE tenant_id = $1"
        "DELETE FROM platform.api_keys WHERE tenant_id = $1"
        "DELETE FROM platform.key_epochs WHERE tenant_id = $1"
        "DELETE FROM platform.detection_queue WHERE tenant_id = $1"
        "DELETE FROM platform.webhook_queue WHERE tenant_id = $1"
        "DELETE FROM platform.quota_queue WHERE tenant_id = $1"
        "DELETE FROM platform.migration_failures WHERE tenant_id = $1"
        "DELETE FROM platform.tenant_activity WHERE tenant_id = $1"
        "DELETE FROM platform.domains WHERE tenant_id = $1"
        "DELETE FROM platform.memberships WHERE tenant_id = $1"
        "DELETE FROM platform.slugs WHERE tenant_id = $1"
    }
    let gone =
        sqlx::query!("DELETE FROM platform.tenants WHERE id = $1 AND delete_at <= $2 RETURNING name, slug", id.0, now)
            .fetch_optional(conn)
            .await?;
    Ok(gone.map(|gone| (gone.name, gone.slug)))
}
