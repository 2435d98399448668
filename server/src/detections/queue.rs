//! The platform's queue of organizations that have noticed something.

use std::collections::HashMap;

use domain::ids::TenantId;
use domain::text::printable;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::error::Error;

/// Has somebody look at what an organization has noticed, once this transaction is kept.
pub(crate) async fn add(conn: &mut PgConnection, tenant: TenantId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("INSERT INTO platform.detection_queue (tenant_id, at) VALUES ($1, $2)", tenant.0, at)
        .execute(conn)
        .await?;
    Ok(())
}

/// What waits of one organization.
pub(super) struct Waiting {
    pub(super) ids: Vec<i64>,
    /// When the first of it was noticed.
    pub(super) since: OffsetDateTime,
}

/// So often somebody looks at what waits; then it is set aside.
const ATTEMPTS: i32 = 5;
/// The most characters of why.
const WHY_MAX: usize = 500;

/// Takes what waits, at most so much, but for what is set aside. Nobody else gets it until `until`: then somebody else looks at what a worker that
/// died has left.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
    most: i64,
) -> Result<HashMap<TenantId, Waiting>, Error> {
    let rows = sqlx::query!(
        "UPDATE platform.detection_queue SET due_at = $2
         WHERE id IN (SELECT id FROM platform.detection_queue WHERE due_at <= $1 AND set_aside_at IS NULL
                      ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, tenant_id, at",
        now,
        until,
        most
    )
    .fetch_all(conn)
    .await?;
    let mut waiting: HashMap<TenantId, Waiting> = HashMap::new();
    for row in rows {
        let of = waiting.entry(TenantId(row.tenant_id)).or_insert(Waiting { ids: Vec::new(), since: row.at });
        of.ids.push(row.id);
        of.since = of.since.min(row.at);
    }
    Ok(waiting)
}

pub(super) async fn remove(conn: &mut PgConnection, ids: &[i64]) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.detection_queue WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}

/// Notes that looking at these of an organization's has failed, and sets those aside of which that is so for the last time:
/// whether there are such. Of all that is set aside, one row is left, from the first time on.
pub(super) async fn note_failed(
    conn: &mut PgConnection,
    (tenant, ids): (TenantId, &[i64]),
    why: &str,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let why: String = printable(why).chars().take(WHY_MAX).collect();
    let set_aside = sqlx::query!(
        "UPDATE platform.detection_queue
         SET attempts = attempts + 1,
             set_aside_at = CASE WHEN attempts + 1 >= $2 THEN $3::timestamptz END,
             why = CASE WHEN attempts + 1 >= $2 THEN $4::text END
         WHERE id = ANY($1) AND set_aside_at IS NULL
         RETURNING set_aside_at",
        ids,
        ATTEMPTS,
        now,
        why
    )
    .fetch_all(&mut *conn)
    .await?;
    if set_aside.iter().all(|row| row.set_aside_at.is_none()) {
        return Ok(false);
    }
    sqlx::query!(
        "DELETE FROM platform.detection_queue
         WHERE tenant_id = $1 AND set_aside_at IS NOT NULL
           AND id <> (SELECT id FROM platform.detection_queue
                      WHERE tenant_id = $1 AND set_aside_at IS NOT NULL ORDER BY at, id LIMIT 1)",
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// Has what is set aside looked at once more, of all organizations or of one: how much that is.
pub(super) async fn take_up(conn: &mut PgConnection, of: Option<TenantId>) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE platform.detection_queue SET attempts = $2, set_aside_at = NULL, why = NULL, due_at = '-infinity'
         WHERE set_aside_at IS NOT NULL AND ($1::uuid IS NULL OR tenant_id = $1)",
        of.map(|tenant| tenant.0),
        ATTEMPTS - 1
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Since when something of an organization's is set aside, if anything is: what was noticed from then on may not have been
/// looked at.
pub(crate) async fn set_aside_since(pool: &PgPool, tenant: TenantId) -> Result<Option<OffsetDateTime>, Error> {
    let since = sqlx::query_scalar!(
        "SELECT min(at) FROM platform.detection_queue WHERE tenant_id = $1 AND set_aside_at IS NOT NULL",
        tenant.0
    )
    .fetch_one(pool)
    .await?;
    Ok(since)
}
