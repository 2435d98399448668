//! What was sent, what came back, and sending it again.

use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::{DeliveryId, EndpointId};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::webhooks::{DeliveryFilter, DeliveryState, EventKind, MessageId, SendProblem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::sql::deliveries as sql;
use super::{Endpoint, add, begin, entry, needs, require_enabled, require_view, wake};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

const TESTED: Action = Action::new("webhook.tested");
const REPLAYED: Action = Action::new("webhook.replayed");

/// The most that are sent again at once.
const REPLAYS: i64 = 1_000;
/// From how many hours back they are sent again at most: what was sent is kept for three days after it was given up, and
/// that takes one.
const REPLAY_HOURS: u32 = 4 * 24;

/// A message on its way to an endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// What the receiver knows the message by.
    pub message: MessageId,
    /// What it tells.
    pub kind: EventKind,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was sent.
    pub sent: u32,
    /// When it is sent next, if it waits.
    pub due_at: Option<OffsetDateTime>,
    /// When it was posted.
    pub created_at: OffsetDateTime,
    /// The status that came back last, if one did.
    pub status: Option<u16>,
    /// Whether what was sent is kept still, so that it can be sent again.
    pub is_kept: bool,
}

/// One time that a message was sent.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which: counted from one.
    pub number: u32,
    /// When.
    pub at: OffsetDateTime,
    /// How long it took.
    pub milliseconds: u32,
    /// The status that came back, or why none did.
    pub outcome: Result<u16, SendProblem>,
    /// The beginning of the answer.
    pub answer: String,
}

/// A delivery with all that is known of it.
#[derive(Clone, Debug)]
pub struct DeliveryDetail {
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What.
    pub delivery: Delivery,
    /// What is sent, if it is kept and whoever asks may read it.
    pub body: Option<String>,
    /// The times that it was sent, the last first.
    pub attempts: Vec<Attempt>,
}

/// A page of what was sent to an endpoint, the newest first.
///
/// # Errors
/// Forbidden; not found.
pub async fn deliveries(
    access: &Access,
    id: EndpointId,
    filter: DeliveryFilter,
    cursor: Option<&Cursor>,
) -> Result<(Endpoint, Page<Delivery>), Error> {
    require_view(access, id).await?;
    let mut tx = access.begin().await?;
    let endpoint = super::sql::lookup(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    let total = sql::count(tx.conn(), id, filter).await?;
    let rows = sql::list(tx.conn(), id, filter, cursor).await?;
    tx.close();
    let key = |row: &Delivery| (crate::paging::time_value(row.created_at), row.id.to_string());
    Ok((endpoint, Page::assemble(rows, cursor, total, key)))
}

/// One delivery.
///
/// # Errors
/// Forbidden; not found, also at another endpoint.
pub async fn delivery(access: &Access, endpoint: EndpointId, id: DeliveryId) -> Result<DeliveryDetail, Error> {
    require_view(access, endpoint).await?;
    let mut tx = access.begin().await?;
    let found = super::sql::lookup(tx.conn(), endpoint).await?.ok_or(Problem::NotFound)?;
    let (delivery, body) = sql::lookup(tx.conn(), endpoint, id).await?.ok_or(Problem::NotFound)?;
    let attempts = sql::attempts(tx.conn(), id).await?;
    tx.close();
    let may_read = access.may(needs(delivery.kind));
    let body = body.filter(|_| may_read);
    // What came back may repeat what was sent.
    let hidden = |attempt| Attempt { answer: String::new(), ..attempt };
    let attempts = if may_read { attempts } else { attempts.into_iter().map(hidden).collect() };
    Ok(DeliveryDetail { endpoint: found, delivery, body, attempts })
}

/// Sends a test event to an endpoint, once.
///
/// # Errors
/// Forbidden; not found; it is disabled ([`Problem::Changed`]).
pub async fn test(access: &Access, id: EndpointId) -> Result<(), Error> {
    let (mut tx, endpoint) = begin(access, id, TESTED).await?;
    require_enabled(&endpoint)?;
    send_test(access, &mut tx, id).await?;
    tx.commit(access.request(), entry(access, TESTED, &endpoint)).await
}

/// The same in the transaction of an act.
pub(super) async fn send_test(access: &Access, tx: &mut TenantTx, id: EndpointId) -> Result<(), Error> {
    let request = access.request();
    let data = json!({ "endpoint": id, "by": access.account() });
    add(tx, request.portal(), &[id], (EventKind::Test, data), request.now).await?;
    wake(tx, request.now).await
}

/// Sends a message again, as if it had just been posted, under the same id and with the same body.
///
/// # Errors
/// Forbidden; not found; its endpoint is disabled, or it waits to be sent already, or what was sent is not kept any more
/// ([`Problem::Changed`]).
pub async fn replay(access: &Access, endpoint: EndpointId, id: DeliveryId) -> Result<(), Error> {
    let (mut tx, found) = begin(access, endpoint, REPLAYED).await?;
    require_enabled(&found)?;
    let (delivery, _) = sql::lookup(tx.conn(), endpoint, id).await?.ok_or(Problem::NotFound)?;
    if !access.may(needs(delivery.kind)) {
        tx.close();
        return Err(access.deny(REPLAYED, needs(delivery.kind).code()).await?);
    }
    if !sql::replay(tx.conn(), endpoint, id, access.request().now).await? {
        return Err(Problem::Changed.into());
    }
    wake(&mut tx, access.request().now).await?;
    let entry = entry(access, REPLAYED, &found).added("deliveries", Public("1".to_owned()));
    tx.commit(access.request(), entry).await
}

/// The form that sends again what was given up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplayForm {
    /// From how many hours back.
    pub hours: String,
}

/// Sends again what was given up in the last hours, the oldest first: how many messages those are.
///
/// # Errors
/// Forbidden; not found; no number of hours, at the field `hours`; the endpoint is disabled ([`Problem::Changed`]).
pub async fn replay_failed(access: &Access, id: EndpointId, form: &ReplayForm) -> Result<u64, Error> {
    let (mut tx, endpoint) = begin(access, id, REPLAYED).await?;
    let hours = form.hours.trim().parse().ok().filter(|hours| (1..=REPLAY_HOURS).contains(hours));
    let hours = hours.ok_or_else(|| Error::field("hours", FieldProblem::OutOfRange(1, REPLAY_HOURS)))?;
    require_enabled(&endpoint)?;
    let now = access.request().now;
    // What whoever asks may not read stays where it is.
    let kinds = EventKind::ALL.iter().filter(|kind| access.may(needs(**kind))).map(|kind| kind.code().to_owned());
    let kinds: Vec<String> = kinds.collect();
    let since = now - Duration::hours(i64::from(hours));
    let count = sql::replay_failed(tx.conn(), (id, &kinds), since, now, REPLAYS).await?;
    if count == 0 {
        tx.close();
        return Ok(0);
    }
    wake(&mut tx, now).await?;
    let entry = entry(access, REPLAYED, &endpoint).added("deliveries", Public(count.to_string()));
    tx.commit(access.request(), entry).await?;
    Ok(count)
}
