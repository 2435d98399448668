//! Queries on endpoints, in the organization's schema.

pub(super) mod deliveries;
pub(super) mod queue;
pub(super) mod sending;

use domain::ids::{AccountId, EndpointId};
use domain::webhooks::{DisabledWhy, EndpointWish, EventKind};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Endpoint;
use super::secrets::{Former, Secret};
use crate::error::Error;
use crate::keys::Sealed;

struct EndpointRow {
    id: Uuid,
    url: String,
    description: String,
    events: Vec<String>,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
    disabled_why: Option<String>,
    failing_since: Option<OffsetDateTime>,
    last_at: Option<OffsetDateTime>,
    last_taken: bool,
    former_until: Option<OffsetDateTime>,
}

impl From<EndpointRow> for Endpoint {
    fn from(row: EndpointRow) -> Self {
        let why = row.disabled_why.as_deref().and_then(DisabledWhy::from_code).unwrap_or(DisabledWhy::Person);
        Self {
            id: EndpointId(row.id),
            url: row.url,
            description: row.description,
            // What this program does not know is not sent by it.
            events: row.events.iter().filter_map(|code| EventKind::from_code(code)).collect(),
            created_at: row.created_at,
            disabled: row.disabled_at.map(|at| (at, why)),
            failing_since: row.failing_since,
            last: row.last_at.map(|at| (at, row.last_taken)),
            former_until: row.former_until,
        }
    }
}

/// The endpoints of a condition, in an order.
macro_rules! select_endpoints {
    ($rest:tt $(, $value:expr)*) => {
        sqlx::query_as!(
            EndpointRow,
            "SELECT id, url, description, events, created_at, disabled_at, disabled_why, failing_since, last_at, last_taken,
                    former_until
             FROM webhook_endpoints "
                + $rest
            $(, $value)*
        )
    };
}

/// All of them, in the order in which they were added.
pub(super) async fn list(conn: &mut PgConnection) -> Result<Vec<Endpoint>, Error> {
    let rows = select_endpoints!("ORDER BY created_at, id").fetch_all(conn).await?;
    Ok(rows.into_iter().map(Endpoint::from).collect())
}

/// One of them.
pub(super) async fn lookup(conn: &mut PgConnection, id: EndpointId) -> Result<Option<Endpoint>, Error> {
    Ok(select_endpoints!("WHERE id = $1", id.0).fetch_optional(conn).await?.map(Endpoint::from))
}

/// One of them, which nobody else changes until this transaction ends. Endpoints are locked before their deliveries.
pub(super) async fn lock(conn: &mut PgConnection, id: EndpointId) -> Result<Option<Endpoint>, Error> {
    let row = select_endpoints!("WHERE id = $1 FOR NO KEY UPDATE", id.0).fetch_optional(conn).await?;
    Ok(row.map(Endpoint::from))
}

/// The endpoints that want to know of an event, which nobody takes away until this transaction ends.
pub(super) async fn listening(conn: &mut PgConnection, kind: EventKind) -> Result<Vec<EndpointId>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM webhook_endpoints WHERE disabled_at IS NULL AND $1 = ANY(events) ORDER BY id FOR KEY SHARE",
        kind.code()
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(EndpointId).collect())
}

/// An endpoint to be.
pub(super) struct NewEndpoint<'a> {
    pub(super) id: EndpointId,
    pub(super) wish: &'a EndpointWish,
    pub(super) secret: &'a Sealed<Secret>,
    pub(super) by: AccountId,
}

fn codes(wish: &EndpointWish) -> Vec<String> {
    wish.events.iter().map(|kind| kind.code().to_owned()).collect()
}

/// Adds one; false when there are so many already.
pub(super) async fn add(
    conn: &mut PgConnection,
    new: NewEndpoint<'_>,
    now: OffsetDateTime,
    most: u16,
) -> Result<bool, Error> {
    // One after the other, so that nobody counts beside somebody who adds.
    sqlx::raw_sql("LOCK TABLE webhook_endpoints IN SHARE ROW EXCLUSIVE MODE").execute(&mut *conn).await?;
    let added = sqlx::query!(
        "INSERT INTO webhook_endpoints (id, url, description, events, secret, created_by, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM webhook_endpoints) < $8",
        new.id.0,
        new.wish.url.as_str(),
        new.wish.description,
        &codes(new.wish),
        new.secret.as_bytes(),
        new.by.0,
        now,
        i64::from(most)
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Changes one.
pub(super) async fn change(conn: &mut PgConnection, id: EndpointId, wish: &EndpointWish) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET url = $2, description = $3, events = $4 WHERE id = $1",
        id.0,
        wish.url.as_str(),
        wish.description,
        &codes(wish)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has messages sent to one again, of which nothing is known yet.
pub(super) async fn enable(conn: &mut PgConnection, id: EndpointId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL, given_up = 0
         WHERE id = $1",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has nothing sent to one, which is locked, and gives up what waits.
pub(super) async fn disable(
    conn: &mut PgConnection,
    id: EndpointId,
    why: DisabledWhy,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET disabled_at = $2, disabled_why = $3 WHERE id = $1",
        id.0,
        now,
        why.code()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE webhook_deliveries SET state = 'failed' WHERE endpoint_id = $1 AND state = 'waiting'", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes one away, and all that was sent to it.
pub(super) async fn delete(conn: &mut PgConnection, id: EndpointId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM webhook_endpoints WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// What messages to an endpoint are signed with, sealed.
pub(super) struct Secrets {
    pub(super) secret: Sealed<Secret>,
    /// The one of before, and until when.
    pub(super) former: Option<(Sealed<Former>, OffsetDateTime)>,
}

impl Secrets {
    fn new(secret: Vec<u8>, former: Option<Vec<u8>>, until: Option<OffsetDateTime>) -> Self {
        Self { secret: secret.into(), former: former.map(Sealed::from).zip(until) }
    }
}

/// What messages to an endpoint are signed with.
pub(super) async fn secrets(conn: &mut PgConnection, id: EndpointId) -> Result<Secrets, Error> {
    let row = sqlx::query!("SELECT secret, former_secret, former_until FROM webhook_endpoints WHERE id = $1", id.0)
        .fetch_one(conn)
        .await?;
    Ok(Secrets::new(row.secret, row.former_secret, row.former_until))
}

/// Gives an endpoint another secret.
pub(super) async fn rotate(
    conn: &mut PgConnection,
    id: EndpointId,
    secret: &Sealed<Secret>,
    (former, until): (&Sealed<Former>, OffsetDateTime),
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET secret = $2, former_secret = $3, former_until = $4 WHERE id = $1",
        id.0,
        secret.as_bytes(),
        former.as_bytes(),
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What messages to each endpoint are signed with, and what they were signed with before.
pub(super) async fn all_secrets(
    conn: &mut PgConnection,
) -> Result<Vec<(EndpointId, Sealed<Secret>, Option<Sealed<Former>>)>, Error> {
    let rows =
        sqlx::query!("SELECT id, secret, former_secret FROM webhook_endpoints ORDER BY id").fetch_all(conn).await?;
    let secrets =
        rows.into_iter().map(|row| (EndpointId(row.id), row.secret.into(), row.former_secret.map(Sealed::from)));
    Ok(secrets.collect())
}

/// Stores the secrets of an endpoint anew: the same ones, sealed in another way.
pub(super) async fn replace_secrets(
    conn: &mut PgConnection,
    id: EndpointId,
    secret: &Sealed<Secret>,
    former: Option<&Sealed<Former>>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET secret = $2, former_secret = $3 WHERE id = $1",
        id.0,
        secret.as_bytes(),
        former.map(Sealed::as_bytes)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// As [`disable`], of every endpoint.
pub(super) async fn disable_all(conn: &mut PgConnection, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET disabled_at = $1, disabled_why = $2 WHERE disabled_at IS NULL",
        now,
        DisabledWhy::Person.code()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE webhook_deliveries SET state = 'failed' WHERE state = 'waiting'").execute(conn).await?;
    Ok(())
}

/// How an endpoint does.
pub(super) struct Health {
    pub(super) endpoint: Endpoint,
    pub(super) given_up: i32,
}

/// How these endpoints do, which nobody else changes until this transaction ends.
pub(super) async fn lock_health(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Health>, Error> {
    let endpoints =
        select_endpoints!("WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", ids).fetch_all(&mut *conn).await?;
    let counts =
        sqlx::query!("SELECT id, given_up FROM webhook_endpoints WHERE id = ANY($1)", ids).fetch_all(conn).await?;
    let count = |id| counts.iter().find(|row| row.id == id).map_or(0, |row| row.given_up);
    Ok(endpoints.into_iter().map(|row| Health { given_up: count(row.id), endpoint: row.into() }).collect())
}

/// Notes how an endpoint does, after something was sent to it.
pub(super) async fn note_health(conn: &mut PgConnection, health: &Health) -> Result<(), Error> {
    let Endpoint { id, failing_since, last, .. } = &health.endpoint;
    sqlx::query!(
        "UPDATE webhook_endpoints SET failing_since = $2, given_up = $3, last_at = $4, last_taken = $5 WHERE id = $1",
        id.0,
        *failing_since,
        health.given_up,
        last.map(|(at, _)| at),
        last.is_some_and(|(_, taken)| taken)
    )
    .execute(conn)
    .await?;
    Ok(())
}
