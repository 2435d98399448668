//! The platform's list of jobs that somebody has to look at.

use domain::ids::{JobId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// A line of the list, taken by one worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) id: Uuid,
    pub(super) tenant: TenantId,
    pub(super) job: JobId,
    pub(super) attempts: i32,
}

/// Has somebody look at a job from these times on. In the role `act`.
pub(super) async fn add(
    conn: &mut PgConnection,
    tenant: TenantId,
    job: JobId,
    times: &[(Uuid, OffsetDateTime)],
) -> Result<(), Error> {
    let (ids, times): (Vec<_>, Vec<_>) = times.iter().copied().unzip();
    sqlx::query!(
        "INSERT INTO platform.job_queue (id, tenant_id, job_id, due_at)
         SELECT id, $1, $2, due_at FROM unnest($3::uuid[], $4::timestamptz[]) AS look (id, due_at)",
        tenant.0,
        job.0,
        &ids,
        &times
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes what has been due for the longest time. Nobody else gets it until `until`: then somebody else goes on with what
/// a worker that died has left.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Option<Due>, Error> {
    let row = sqlx::query!(
        "UPDATE platform.job_queue SET attempts = attempts + 1, due_at = $2
         WHERE id = (SELECT id FROM platform.job_queue WHERE due_at <= $1
                     ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, tenant_id, job_id, attempts",
        now,
        until
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Due {
        id: row.id,
        tenant: TenantId(row.tenant_id),
        job: JobId(row.job_id),
        attempts: row.attempts,
    }))
}

/// Puts it back: what waits longer comes first.
pub(super) async fn put_back(
    conn: &mut PgConnection,
    id: Uuid,
    due_at: OffsetDateTime,
    attempts: i32,
) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.job_queue SET due_at = $2, attempts = $3 WHERE id = $1", id, due_at, attempts)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn remove(conn: &mut PgConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.job_queue WHERE id = $1", id).execute(conn).await?;
    Ok(())
}
