//! Statements of the worker on what waits to be sent, and on what is over.

use domain::ids::EndpointId;
use domain::webhooks::{DeliveryState, EventKind, MessageId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Secrets;
use super::deliveries::kind;
use crate::error::Error;
use crate::webhooks::Attempt;

/// The most attempts that are kept of a delivery.
const ATTEMPTS_KEPT: i32 = 50;

/// A message that is to be sent now.
pub(in crate::webhooks) struct Claimed {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) endpoint: EndpointId,
    pub(in crate::webhooks) url: String,
    pub(in crate::webhooks) secrets: Secrets,
    pub(in crate::webhooks) message: MessageId,
    pub(in crate::webhooks) kind: EventKind,
    pub(in crate::webhooks) body: String,
    /// How often it was sent since it was posted or replayed, and ever; this time counts.
    pub(in crate::webhooks) attempts: i32,
    pub(in crate::webhooks) sent: i32,
}

/// Gives up what was sent so often and is due again: nobody could note what came of it.
pub(in crate::webhooks) async fn give_up(
    conn: &mut PgConnection,
    attempts: u32,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_deliveries SET state = 'failed' WHERE state = 'waiting' AND attempts >= $1 AND due_at <= $2",
        i32::try_from(attempts).unwrap_or(i32::MAX),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes what is due, some of each endpoint so that none keeps others waiting. Nobody else sends it before `until`.
pub(in crate::webhooks) async fn claim(
    conn: &mut PgConnection,
    most: i64,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<Claimed>, Error> {
    let rows = sqlx::query!(
        r#"UPDATE webhook_deliveries d SET attempts = d.attempts + 1, sent = d.sent + 1, due_at = $2
         FROM webhook_endpoints e
         WHERE e.id = d.endpoint_id AND d.id IN
             (SELECT w.id FROM webhook_endpoints o CROSS JOIN LATERAL
                  (SELECT id FROM webhook_deliveries
                   WHERE endpoint_id = o.id AND state = 'waiting' AND due_at <= $1
                   ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) w
              WHERE o.disabled_at IS NULL)
         RETURNING d.id, d.endpoint_id, d.message_id, d.kind, d.body AS "body!", d.attempts, d.sent, e.url, e.secret,
                   e.former_secret, e.former_until"#,
        now,
        until,
        most
    )
    .fetch_all(conn)
    .await?;
    let known = rows.into_iter().filter_map(|row| {
        // What another program has posted waits for that, until it was tried as often as anything is.
        let kind = kind(&row.kind)
            .inspect_err(|error| tracing::error!(%error, delivery = %row.id, "a webhook's message is not known"))
            .ok()?;
        Some(Claimed {
            id: row.id,
            endpoint: EndpointId(row.endpoint_id),
            url: row.url,
            secrets: Secrets::new(row.secret, row.former_secret, row.former_until),
            message: MessageId(row.message_id),
            kind,
            body: row.body,
            attempts: row.attempts,
            sent: row.sent,
        })
    });
    Ok(known.collect())
}

/// Has messages that were taken, but not sent, wait until then, as if nobody had taken them.
pub(in crate::webhooks) async fn put_back(
    conn: &mut PgConnection,
    unsent: &[Claimed],
    due_at: OffsetDateTime,
) -> Result<(), Error> {
    let (ids, sent): (Vec<_>, Vec<_>) = unsent.iter().map(|claimed| (claimed.id, claimed.sent)).unzip();
    sqlx::query!(
        "UPDATE webhook_deliveries d SET attempts = d.attempts - 1, sent = d.sent - 1, due_at = $3
         FROM unnest($1::uuid[], $2::integer[]) AS c (id, sent)
         WHERE d.id = c.id AND d.sent = c.sent AND d.state = 'waiting'",
        &ids,
        &sent,
        due_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what came of sending a message once.
pub(in crate::webhooks) async fn note_attempt(
    conn: &mut PgConnection,
    of: Uuid,
    attempt: &Attempt,
) -> Result<(), Error> {
    let number = i32::try_from(attempt.number).unwrap_or(i32::MAX);
    sqlx::query!("DELETE FROM webhook_attempts WHERE delivery_id = $1 AND number <= $2", of, number - ATTEMPTS_KEPT)
        .execute(&mut *conn)
        .await?;
    let (status, problem) = match attempt.outcome {
        Ok(status) => (Some(i32::from(status)), None),
        Err(problem) => (None, Some(problem.code())),
    };
    // It may have been taken away while it was sent.
    sqlx::query!(
        "INSERT INTO webhook_attempts (delivery_id, number, at, milliseconds, status, problem, answer)
         SELECT id, $2, $3, $4, $5, $6, $7 FROM webhook_deliveries WHERE id = $1
         ON CONFLICT (delivery_id, number) DO NOTHING",
        of,
        number,
        attempt.at,
        i32::try_from(attempt.milliseconds).unwrap_or(i32::MAX),
        status,
        problem,
        attempt.answer
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes what becomes of a message that was sent: nothing, if somebody has given it up meanwhile and it was not taken.
pub(in crate::webhooks) async fn settle(
    conn: &mut PgConnection,
    of: Uuid,
    state: DeliveryState,
    due_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_deliveries SET state = $2, due_at = $3
         WHERE id = $1 AND (state = 'waiting' OR $2 = 'delivered')",
        of,
        state.code(),
        due_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes away what is older than this, and of each endpoint's all but so many of the newest, some at a time: whether there
/// may be more.
pub(in crate::webhooks) async fn forget(
    conn: &mut PgConnection,
    before: OffsetDateTime,
    kept: i64,
    most: i64,
) -> Result<bool, Error> {
    let old = sqlx::query!(
        "DELETE FROM webhook_deliveries WHERE id IN
             (SELECT d.id FROM webhook_endpoints e CROSS JOIN LATERAL
                  (SELECT id FROM webhook_deliveries WHERE endpoint_id = e.id AND created_at < $1
                   ORDER BY created_at, id LIMIT $2) d)",
        before,
        most
    )
    .execute(&mut *conn)
    .await?;
    let many = sqlx::query!(
        "DELETE FROM webhook_deliveries WHERE id IN
             (SELECT d.id FROM webhook_endpoints e CROSS JOIN LATERAL
                  (SELECT id FROM webhook_deliveries WHERE endpoint_id = e.id
                   ORDER BY created_at DESC, id DESC OFFSET $1 LIMIT $2) d)",
        kept,
        most
    )
    .execute(conn)
    .await?;
    Ok(old.rows_affected().max(many.rows_affected()) >= most.unsigned_abs())
}

/// Takes away what was sent, and what came back, of messages that were taken or given up by then, some at a time: whether
/// there may be more. One that somebody sends again meanwhile keeps it.
pub(in crate::webhooks) async fn empty(
    conn: &mut PgConnection,
    before: OffsetDateTime,
    most: i64,
) -> Result<bool, Error> {
    let count = sqlx::query_scalar!(
        r#"WITH gone AS (
               UPDATE webhook_deliveries SET body = NULL
               WHERE state <> 'waiting' AND due_at <= $1
                 AND id IN (SELECT id FROM webhook_deliveries
                            WHERE state <> 'waiting' AND body IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2)
               RETURNING id
           ),
           emptied AS (UPDATE webhook_attempts SET answer = '' WHERE delivery_id IN (SELECT id FROM gone))
           SELECT count(*) AS "count!" FROM gone"#,
        before,
        most
    )
    .fetch_one(conn)
    .await?;
    Ok(count >= most)
}

/// When there is something to do next.
pub(in crate::webhooks) struct Times {
    /// When something is to be sent.
    pub(in crate::webhooks) due: Option<OffsetDateTime>,
    /// When the oldest was posted.
    pub(in crate::webhooks) oldest: Option<OffsetDateTime>,
    /// When the first was taken or given up of those whose bodies are there.
    pub(in crate::webhooks) ended: Option<OffsetDateTime>,
}

/// When that is.
pub(in crate::webhooks) async fn times(conn: &mut PgConnection) -> Result<Times, Error> {
    let times = sqlx::query_as!(
        Times,
        "SELECT min(soon.due_at) AS due, min(oldest.created_at) AS oldest,
                (SELECT min(due_at) FROM webhook_deliveries WHERE state <> 'waiting' AND body IS NOT NULL) AS ended
           FROM webhook_endpoints e
                LEFT JOIN LATERAL (SELECT due_at FROM webhook_deliveries
                                   WHERE endpoint_id = e.id AND state = 'waiting' AND e.disabled_at IS NULL
                                   ORDER BY due_at LIMIT 1) soon ON true
                LEFT JOIN LATERAL (SELECT created_at FROM webhook_deliveries
                                   WHERE endpoint_id = e.id ORDER BY created_at, id LIMIT 1) oldest ON true"
    )
    .fetch_one(conn)
    .await?;
    Ok(times)
}
