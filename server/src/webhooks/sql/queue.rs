//! The platform's list of organizations that have something to send.

use domain::ids::TenantId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// Has somebody look at an organization from this time on, or before. In the role `act`.
pub(in crate::webhooks) async fn wake(
    conn: &mut PgConnection,
    tenant: TenantId,
    at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.webhook_queue AS q (tenant_id, due_at) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(q.due_at, EXCLUDED.due_at), wakes = q.wakes + 1",
        tenant.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An organization that a worker has taken.
#[derive(Clone, Copy, Debug)]
pub(in crate::webhooks) struct Taken {
    pub(in crate::webhooks) tenant: TenantId,
    /// Until then nobody else gets it, unless it has more to send.
    pub(in crate::webhooks) until: OffsetDateTime,
    /// How often somebody had been asked to look at it.
    wakes: i64,
}

/// Takes the organization that has been due for the longest time, but for these. Nobody else gets it until `until`, unless
/// it has more to send by then.
pub(in crate::webhooks) async fn take(
    conn: &mut PgConnection,
    busy: &[Uuid],
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Option<Taken>, Error> {
    let row = sqlx::query!(
        "UPDATE platform.webhook_queue SET due_at = $3
         WHERE tenant_id = (SELECT tenant_id FROM platform.webhook_queue WHERE due_at <= $2 AND tenant_id <> ALL($1)
                            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING tenant_id, wakes",
        busy,
        now,
        until
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Taken { tenant: TenantId(row.tenant_id), until, wakes: row.wakes }))
}

/// Puts an organization back that was taken, or takes it off the list where there is nothing more to do. One that somebody
/// was asked to look at meanwhile, or that somebody else has taken, stays as it is.
pub(in crate::webhooks) async fn put_back(
    conn: &mut PgConnection,
    taken: Taken,
    next: Option<OffsetDateTime>,
) -> Result<(), Error> {
    let Taken { tenant, until, wakes } = taken;
    match next {
        Some(next) => {
            sqlx::query!(
                "UPDATE platform.webhook_queue SET due_at = $4 WHERE tenant_id = $1 AND due_at = $2 AND wakes = $3",
                tenant.0,
                until,
                wakes,
                next
            )
            .execute(conn)
            .await?;
        }
        None => {
            sqlx::query!(
                "DELETE FROM platform.webhook_queue WHERE tenant_id = $1 AND due_at = $2 AND wakes = $3",
                tenant.0,
                until,
                wakes
            )
            .execute(conn)
            .await?;
        }
    }
    Ok(())
}
