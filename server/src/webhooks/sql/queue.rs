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
         ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(q.due_at, EXCLUDED.due_at)",
        tenant.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the organization that has been due for the longest time, but for these. Nobody else gets it until `until`, unless
/// it has more to send by then.
pub(in crate::webhooks) async fn take(
    conn: &mut PgConnection,
    busy: &[Uuid],
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Option<TenantId>, Error> {
    let id = sqlx::query_scalar!(
        "UPDATE platform.webhook_queue SET due_at = $3
         WHERE tenant_id = (SELECT tenant_id FROM platform.webhook_queue WHERE due_at <= $2 AND tenant_id <> ALL($1)
                            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING tenant_id",
        busy,
        now,
        until
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(TenantId))
}

/// Puts an organization back that was taken until `until`, or takes it off the list where there is nothing more to do. One
/// that has more to send by now stays as it is.
pub(in crate::webhooks) async fn put_back(
    conn: &mut PgConnection,
    tenant: TenantId,
    until: OffsetDateTime,
    next: Option<OffsetDateTime>,
) -> Result<(), Error> {
    match next {
        Some(next) => {
            sqlx::query!(
                "UPDATE platform.webhook_queue SET due_at = $3 WHERE tenant_id = $1 AND due_at = $2",
                tenant.0,
                until,
                next
            )
            .execute(conn)
            .await?;
        }
        None => {
            sqlx::query!("DELETE FROM platform.webhook_queue WHERE tenant_id = $1 AND due_at = $2", tenant.0, until)
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}
