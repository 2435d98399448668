//! Queries on deliveries and attempts, in the organization's schema.

use domain::ids::{DeliveryId, EndpointId};
use domain::paging::{Cursor, PAGE_SIZE};
use domain::webhooks::{DeliveryFilter, DeliveryState, EventKind, MessageId, SendProblem};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::paging::{Edge, SortKey};
use crate::webhooks::{Attempt, Delivery};

/// Adds a message for each of these endpoints.
pub(in crate::webhooks) async fn add(
    conn: &mut PgConnection,
    deliveries: &[(Uuid, EndpointId)],
    message: Uuid,
    (kind, body): (EventKind, &str),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let ids: Vec<_> = deliveries.iter().map(|(id, _)| *id).collect();
    let endpoints: Vec<_> = deliveries.iter().map(|(_, endpoint)| endpoint.0).collect();
    sqlx::query!(
        "INSERT INTO webhook_deliveries (id, endpoint_id, message_id, kind, body, state, due_at, created_at)
         SELECT id, endpoint, $3, $4, $5, 'waiting', $6, $6 FROM unnest($1::uuid[], $2::uuid[]) AS d (id, endpoint)",
        &ids,
        &endpoints,
        message,
        kind.code(),
        body,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct DeliveryRow {
    id: Uuid,
    message_id: Uuid,
    kind: String,
    state: String,
    sent: i32,
    due_at: OffsetDateTime,
    created_at: OffsetDateTime,
    status: Option<i32>,
    is_kept: bool,
}

fn broken() -> Error {
    Error::internal("a delivery's row holds an unknown event, state or problem")
}

pub(super) fn kind(code: &str) -> Result<EventKind, Error> {
    EventKind::from_code(code).ok_or_else(broken)
}

fn number(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self, Error> {
        let state = DeliveryState::from_code(&row.state).ok_or_else(broken)?;
        Ok(Self {
            id: DeliveryId(row.id),
            message: MessageId(row.message_id),
            kind: kind(&row.kind)?,
            state,
            sent: number(row.sent),
            due_at: (state == DeliveryState::Waiting).then_some(row.due_at),
            created_at: row.created_at,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            is_kept: row.is_kept,
        })
    }
}

/// The deliveries of a condition, in an order.
macro_rules! select_deliveries {
    ([$($rest:tt)+], $($value:expr),+) => {
        sqlx::query_as!(
            DeliveryRow,
            r#"SELECT d.id, d.message_id, d.kind, d.state, d.sent, d.due_at, d.created_at, a.status AS "status?",
                      d.body IS NOT NULL AS "is_kept!"
               FROM webhook_deliveries d
                    LEFT JOIN webhook_attempts a ON a.delivery_id = d.id AND a.number = d.sent
               WHERE "#
                + $($rest)+,
            $($value),+
        )
    };
}

/// What this program knows of: what another has posted is not shown by it.
fn known_kinds() -> Vec<String> {
    EventKind::ALL.iter().map(|kind| kind.code().to_owned()).collect()
}

/// How many there are of an endpoint's.
pub(in crate::webhooks) async fn count(
    conn: &mut PgConnection,
    of: EndpointId,
    filter: DeliveryFilter,
) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM webhook_deliveries
           WHERE endpoint_id = $1 AND ($2::text IS NULL OR state = $2) AND kind = ANY($3)"#,
        of.0,
        filter.code(),
        &known_kinds()
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page and one more, the newest first.
pub(in crate::webhooks) async fn list(
    conn: &mut PgConnection,
    of: EndpointId,
    filter: DeliveryFilter,
    cursor: Option<&Cursor>,
) -> Result<Vec<Delivery>, Error> {
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(cursor, SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let kinds = known_kinds();
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            select_deliveries!(
                ["d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2) AND d.kind = ANY($6)
                  AND (d.created_at, d.id) "
                    + $beyond
                    + " ($3, $4) ORDER BY d.created_at "
                    + $direction
                    + ", d.id "
                    + $direction
                    + " LIMIT $5"],
                of.0,
                filter.code(),
                edge.time,
                edge.id,
                limit,
                &kinds
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    let known = rows.into_iter().filter_map(|row| {
        let id = row.id;
        let read = Delivery::try_from(row);
        read.inspect_err(|error| tracing::error!(%error, delivery = %id, "a webhook's message is not known")).ok()
    });
    Ok(known.collect())
}

/// One of an endpoint's, and what is sent, as long as that is kept.
pub(in crate::webhooks) async fn lookup(
    conn: &mut PgConnection,
    of: EndpointId,
    id: DeliveryId,
) -> Result<Option<(Delivery, Option<String>)>, Error> {
    let row = select_deliveries!(["d.id = $1 AND d.endpoint_id = $2"], id.0, of.0).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let body =
        sqlx::query_scalar!("SELECT body FROM webhook_deliveries WHERE id = $1", id.0).fetch_optional(conn).await?;
    body.map(|body| Ok((Delivery::try_from(row)?, body))).transpose()
}

/// The times that a message was sent, the last first.
pub(in crate::webhooks) async fn attempts(conn: &mut PgConnection, of: DeliveryId) -> Result<Vec<Attempt>, Error> {
    let rows = sqlx::query!(
        "SELECT number, at, milliseconds, status, problem, answer FROM webhook_attempts
         WHERE delivery_id = $1 ORDER BY number DESC",
        of.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let outcome = match (row.status, row.problem) {
                (Some(status), _) => Ok(u16::try_from(status).map_err(|_| broken())?),
                (None, problem) => Err(problem.as_deref().and_then(SendProblem::from_code).ok_or_else(broken)?),
            };
            let (number, milliseconds) = (number(row.number), number(row.milliseconds));
            Ok(Attempt { number, at: row.at, milliseconds, outcome, answer: row.answer })
        })
        .collect()
}

/// Has a message of an endpoint's sent again; false when it waits for that already, or what was sent is not kept any more.
pub(in crate::webhooks) async fn replay(
    conn: &mut PgConnection,
    of: EndpointId,
    id: DeliveryId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, due_at = $3
         WHERE id = $1 AND endpoint_id = $2 AND state <> 'waiting' AND body IS NOT NULL",
        id.0,
        of.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Has sent again what was given up since then, the oldest first: how many messages.
pub(in crate::webhooks) async fn replay_failed(
    conn: &mut PgConnection,
    (of, kinds): (EndpointId, &[String]),
    since: OffsetDateTime,
    now: OffsetDateTime,
    most: i64,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, due_at = $3
         WHERE id IN (SELECT id FROM webhook_deliveries
                      WHERE endpoint_id = $1 AND state = 'failed' AND created_at >= $2 AND kind = ANY($5)
                        AND body IS NOT NULL
                      ORDER BY created_at, id LIMIT $4)
           AND body IS NOT NULL",
        of.0,
        since,
        now,
        most,
        kinds
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
