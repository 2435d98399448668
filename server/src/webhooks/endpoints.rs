//! Adding, changing and taking away the addresses to which messages are sent.

use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::EndpointId;
use domain::problem::Problem;
use domain::webhooks::{DisabledWhy, EndpointForm, EventKind, SECRET_BYTES, SigningSecret};
use zeroize::Zeroizing;

use super::secrets::{self, Secret};
use super::{
    DISABLED, ENDPOINTS_MAX, Endpoint, VIEWED, begin, confirm, deliveries, entry, needs, require, require_view, sql,
};
use crate::access::Access;
use crate::error::Error;
use crate::store::Transact as _;

const CREATED: Action = Action::new("webhook.created");
const CHANGED: Action = Action::new("webhook.changed");
const ENABLED: Action = Action::new("webhook.enabled");
const DELETED: Action = Action::new("webhook.deleted");

/// An endpoint that was just added.
pub struct Created {
    /// Its id.
    pub id: EndpointId,
    /// What messages are signed with.
    pub secret: Zeroizing<String>,
}

/// Every endpoint, in the order in which they were added.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access) -> Result<Vec<Endpoint>, Error> {
    require(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let endpoints = sql::list(tx.conn()).await?;
    tx.close();
    Ok(endpoints)
}

/// One endpoint.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, id: EndpointId) -> Result<Endpoint, Error> {
    require_view(access, id).await?;
    let mut tx = access.begin().await?;
    let endpoint = sql::lookup(tx.conn(), id).await?;
    tx.close();
    endpoint.ok_or_else(|| Problem::NotFound.into())
}

/// Goes on only for whoever may add one: what the form asks before it is shown. The events that they can choose.
///
/// # Errors
/// Forbidden.
pub async fn prepare(access: &Access) -> Result<Vec<EventKind>, Error> {
    require(access, CREATED).await?;
    Ok(EventKind::offered().filter(|kind| access.may(needs(*kind))).collect())
}

/// Adds an endpoint, and sends it a test event.
///
/// # Errors
/// Forbidden; fields that are wrong, also an address that leads to where nothing is sent, and an event of which whoever asks
/// may not read here; so many are there already, which is the most; a step-up is needed.
pub async fn create(access: &Access, form: &EndpointForm) -> Result<Created, Error> {
    require(access, CREATED).await?;
    let request = access.request();
    let portal = request.portal();
    let wish = form.parse(&portal.settings().webhook_allow)?;
    require_events(access, &wish.events, &[])?;
    access.require_fresh()?;
    let secret = SigningSecret::new(&portal.random::<SECRET_BYTES>());
    let id = EndpointId(portal.uuid(request.now));
    let mut tx = access.begin().await?;
    let key = request.keys().data(tx.conn(), access.log()).await?;
    let sealed = secrets::seal::<Secret>(access, &key, id, secret.as_bytes())?;
    let new = sql::NewEndpoint { id, wish: &wish, secret: &sealed, by: access.account() };
    if !sql::add(tx.conn(), new, request.now, ENDPOINTS_MAX).await? {
        tx.close();
        return Err(Error::field("url", FieldProblem::TooManyOfThem(ENDPOINTS_MAX)));
    }
    let endpoint = super::lock(tx.conn(), id).await?;
    deliveries::send_test(access, &mut tx, id).await?;
    let entry = entry(access, CREATED, &endpoint)
        .added("url", Public(wish.url.origin()))
        .added("events", Public(codes(&wish.events)));
    tx.commit(request, entry).await?;
    Ok(Created { id, secret: secret.reveal() })
}

/// Changes where messages go, and which.
///
/// # Errors
/// As [`create`]; not found.
pub async fn change(access: &Access, id: EndpointId, form: &EndpointForm) -> Result<(), Error> {
    let (mut tx, before) = begin(access, id, CHANGED).await?;
    let wish = form.parse(&access.request().portal().settings().webhook_allow)?;
    require_events(access, &wish.events, &before.events)?;
    let mut entry = entry(access, CHANGED, &before);
    let moves = wish.url.as_str() != before.url;
    if moves {
        // What waits to be sent goes there, too.
        require_events(access, &before.events, &[])?;
        access.require_fresh()?;
        entry = entry.changed("url", Public(before.origin()), Public(wish.url.origin()));
    }
    if wish.events != before.events {
        entry = entry.changed("events", Public(codes(&before.events)), Public(codes(&wish.events)));
    }
    if wish.description != before.description {
        entry = entry.changed("description", Public(before.description.clone()), Public(wish.description.clone()));
    } else if !moves && wish.events == before.events {
        tx.close();
        return Ok(());
    }
    sql::change(tx.conn(), id, &wish).await?;
    tx.commit(access.request(), entry).await
}

/// Has messages sent again. What has happened in the meantime is not.
///
/// # Errors
/// Forbidden; not found; it is enabled ([`Problem::Changed`]).
pub async fn enable(access: &Access, id: EndpointId) -> Result<(), Error> {
    let (mut tx, endpoint) = begin(access, id, ENABLED).await?;
    if endpoint.disabled.is_none() {
        return Err(Problem::Changed.into());
    }
    sql::enable(tx.conn(), id).await?;
    tx.commit(access.request(), entry(access, ENABLED, &endpoint)).await
}

/// Has nothing sent any more. What waits is given up, and can be sent again later.
///
/// # Errors
/// Forbidden; not found; it is disabled ([`Problem::Changed`]).
pub async fn disable(access: &Access, id: EndpointId) -> Result<(), Error> {
    let (mut tx, endpoint) = begin(access, id, DISABLED).await?;
    super::require_enabled(&endpoint)?;
    sql::disable(tx.conn(), id, DisabledWhy::Person, access.request().now).await?;
    let entry = entry(access, DISABLED, &endpoint).added("why", DisabledWhy::Person.code());
    tx.commit(access.request(), entry).await
}

/// Takes an endpoint away, with its secret and all that was sent to it.
///
/// # Errors
/// Forbidden; not found; its host was not typed, at the field `confirmation`.
pub async fn delete(access: &Access, id: EndpointId, confirmation: &str) -> Result<Endpoint, Error> {
    let (mut tx, endpoint) = begin(access, id, DELETED).await?;
    confirm(&endpoint, confirmation)?;
    sql::delete(tx.conn(), id).await?;
    let entry = entry(access, DELETED, &endpoint).removed("url", Public(endpoint.origin()));
    tx.commit(access.request(), entry).await?;
    Ok(endpoint)
}

/// Goes on only if whoever asks may read what is to be sent, but for what is sent already.
fn require_events(access: &Access, wanted: &[EventKind], before: &[EventKind]) -> Result<(), Error> {
    let may = |kind: &EventKind| access.may(needs(*kind)) || before.contains(kind);
    if wanted.iter().all(may) { Ok(()) } else { Err(Error::field("event", FieldProblem::UnknownChoice)) }
}

fn codes(events: &[EventKind]) -> String {
    events.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" ")
}
