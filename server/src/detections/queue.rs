//! The platform's queue of organizations that have noticed something.

use std::collections::HashMap;

use domain::ids::TenantId;
use sqlx::PgConnection;
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

/// Takes what waits, at most so much. Nobody else gets it until `until`: then somebody else looks at what a worker that
/// died has left.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
    most: i64,
) -> Result<HashMap<TenantId, Waiting>, Error> {
    let rows = sqlx::query!(
        "UPDATE platform.detection_queue SET due_at = $2
         WHERE id IN (SELECT id FROM platform.detection_queue WHERE due_at <= $1
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
