//! The platform's list of organizations whose quotas somebody has to look after.

use domain::ids::TenantId;
use quick_cache::sync::Cache;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::Error;

/// How many organizations are remembered.
const KEPT: usize = 20_000;
/// So long before somebody looks, that is not relied on any more: what is not committed by then is not seen.
const MARGIN: Duration = Duration::seconds(5);

/// By when somebody looks at an organization in any case, as far as this process knows.
pub(super) struct Awaited(Cache<TenantId, OffsetDateTime>);

impl Default for Awaited {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Awaited {
    /// Whether somebody will look at an organization by this time, so that nobody has to be told.
    pub(super) fn covers(&self, tenant: TenantId, due: OffsetDateTime, now: OffsetDateTime) -> bool {
        self.0.get(&tenant).is_some_and(|known| now + MARGIN < known && known <= due)
    }

    /// Somebody looks by this time, and that is kept.
    pub(super) fn note(&self, tenant: TenantId, at: OffsetDateTime) {
        self.0.insert(tenant, at);
    }
}

/// Has somebody look at an organization by this time: by when somebody does. In the role `act`.
pub(super) async fn wake(
    conn: &mut PgConnection,
    tenant: TenantId,
    at: OffsetDateTime,
) -> Result<OffsetDateTime, Error> {
    let wanted = sqlx::query_scalar!(
        "INSERT INTO platform.quota_queue AS q (tenant_id, due_at, wanted_at) VALUES ($1, $2, $2)
         ON CONFLICT (tenant_id) DO UPDATE
         SET due_at = least(q.due_at, EXCLUDED.due_at), wanted_at = least(q.wanted_at, EXCLUDED.wanted_at)
         RETURNING wanted_at",
        tenant.0,
        at
    )
    .fetch_one(conn)
    .await?;
    Ok(wanted)
}

/// Takes some organizations that have been due for the longest time. Nobody else gets them until `until`, unless they are
/// to be looked at before.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
    most: i64,
) -> Result<Vec<TenantId>, Error> {
    let ids = sqlx::query_scalar!(
        "UPDATE platform.quota_queue
         SET due_at = $2, wanted_at = CASE WHEN wanted_at > $1 THEN wanted_at ELSE 'infinity' END
         WHERE tenant_id IN (SELECT tenant_id FROM platform.quota_queue WHERE due_at <= $1
                             ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING tenant_id",
        now,
        until,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Puts an organization back that was taken until `until`, so that somebody looks next at this time, or when somebody has
/// asked for it before. One that somebody else has taken meanwhile stays as it is.
pub(super) async fn put_back(
    conn: &mut PgConnection,
    tenant: TenantId,
    until: OffsetDateTime,
    next: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.quota_queue SET due_at = least($3, wanted_at) WHERE tenant_id = $1 AND due_at <= $2",
        tenant.0,
        until,
        next
    )
    .execute(conn)
    .await?;
    Ok(())
}
