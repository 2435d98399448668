//! Webhooks: telling other programs what happens in an organization.
//!
//! An act posts an event in its own transaction ([`post`]), as its last step before it commits: a row for each endpoint
//! that wants to know, and one in the platform's queue that says which organization has something to send. A [`Worker`]
//! sends it, again and again for a day until it is taken. What went over the wire is kept until three days after that, and
//! can be sent again so long; that it was sent, for 30 days.
//!
//! Where messages go is what members type, so nothing is sent to where the portal alone can reach: see `sender`.

mod deliveries;
mod endpoints;
pub(crate) mod events;
mod record;
mod secrets;
mod sender;
mod sql;
mod turns;
mod worker;

use domain::audit::{Action, Draft, LogId, Public};
use domain::fields::FieldProblem;
use domain::ids::EndpointId;
use domain::problem::Problem;
use domain::roles::Permission;
use domain::webhooks::{DisabledWhy, EndpointUrl, EventKind, Message};
use serde_json::Value;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

pub use deliveries::{
    Attempt, Delivery, DeliveryDetail, ReplayForm, deliveries, delivery, replay, replay_failed, test,
};
pub use endpoints::{Created, change, create, delete, disable, enable, list, lookup, prepare};
pub(crate) use secrets::copy;
pub use secrets::{OVERLAP, Revealed, reveal, rotate};
pub use worker::Worker;

use crate::Portal;
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

const VIEWED: Action = Action::new("webhooks.viewed");
const DISABLED: Action = Action::new("webhook.disabled");

/// How long what was sent is kept once it was taken or given up.
const BODY_KEPT: Duration = Duration::days(3);

/// The most endpoints of an organization.
pub const ENDPOINTS_MAX: u16 = 20;

/// Where messages are sent.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The address.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// What is sent.
    pub events: Vec<EventKind>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// Since when nothing is sent, and why.
    pub disabled: Option<(OffsetDateTime, DisabledWhy)>,
    /// Since when it has taken nothing of what was sent.
    pub failing_since: Option<OffsetDateTime>,
    /// When something was sent last, and whether it was taken.
    pub last: Option<(OffsetDateTime, bool)>,
    /// Until when messages are signed with the secret of before, too.
    pub former_until: Option<OffsetDateTime>,
}

impl Endpoint {
    /// The host, by which people call it.
    pub fn host(&self) -> String {
        EndpointUrl::stored(&self.url).map_or_else(String::new, |url| url.host().to_owned())
    }

    /// Scheme, host and port. What comes behind may be a secret, and is not for the audit trail.
    fn origin(&self) -> String {
        EndpointUrl::stored(&self.url).map_or_else(String::new, |url| url.origin())
    }
}

/// Posts an event to every endpoint that wants to know of it, in the transaction of the act that it tells of. To be called
/// last before the commit: from here to the end nobody else of the organization's posts.
///
/// `data` is an object; the organization's id is added to it.
pub(crate) async fn post(
    tx: &mut TenantTx,
    portal: &Portal,
    kind: EventKind,
    data: Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    post_all(tx, portal, kind, vec![data], now).await
}

/// As [`post`], of several events of one kind.
pub(crate) async fn post_all(
    tx: &mut TenantTx,
    portal: &Portal,
    kind: EventKind,
    data: Vec<Value>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let endpoints = if data.is_empty() { Vec::new() } else { sql::listening(tx.conn(), kind).await? };
    if endpoints.is_empty() {
        return Ok(());
    }
    for data in data {
        add(tx, portal, &endpoints, (kind, data), now).await?;
    }
    wake(tx, now).await
}

/// Writes a message down for each of these endpoints.
async fn add(
    tx: &mut TenantTx,
    portal: &Portal,
    endpoints: &[EndpointId],
    (kind, mut data): (EventKind, Value),
    now: OffsetDateTime,
) -> Result<(), Error> {
    if let (LogId::Tenant(tenant), Value::Object(fields)) = (tx.log(), &mut data) {
        fields.insert("organization".to_owned(), Value::String(tenant.to_string()));
    }
    let message = Message { kind: kind.code(), timestamp: now, data };
    let body = serde_json::to_string(&message).map_err(Error::internal)?;
    let ids: Vec<_> = endpoints.iter().map(|endpoint| (portal.uuid(now), *endpoint)).collect();
    sql::deliveries::add(tx.conn(), &ids, portal.uuid(now), (kind, body.as_str()), now).await
}

/// Has a worker look at the organization from this time on.
async fn wake(tx: &mut TenantTx, at: OffsetDateTime) -> Result<(), Error> {
    let LogId::Tenant(tenant) = tx.log() else { return Ok(()) };
    sql::queue::wake(tx.enter_platform().await?, tenant, at).await?;
    tx.leave_platform().await
}

/// What somebody has to be allowed to see whose endpoint is to be told of it: nobody sends elsewhere what they may not read
/// here.
pub const fn needs(kind: EventKind) -> Permission {
    match kind {
        EventKind::AlertRaised | EventKind::AlertChanged | EventKind::AuditCheckpoint => Permission::ViewAudit,
        EventKind::QuotaThreshold => Permission::ViewUsage,
        EventKind::KeyExpiring => Permission::ManageKeys,
        EventKind::MemberJoined | EventKind::MemberRemoved => Permission::ViewMembers,
        EventKind::PolicyEnforced => Permission::ManagePolicy,
        EventKind::Test => Permission::ManageWebhooks,
    }
}

/// Goes on only for whoever may manage webhooks.
async fn require(access: &Access, action: Action) -> Result<(), Error> {
    access.require(Permission::ManageWebhooks, action).await
}

/// As [`require`], to look at one endpoint, of which is noted that somebody has.
async fn require_view(access: &Access, id: EndpointId) -> Result<(), Error> {
    require(access, VIEWED).await?;
    access.note_read(VIEWED, "webhook", id).await
}

/// Begins a change of an endpoint, which is locked.
async fn begin(access: &Access, id: EndpointId, action: Action) -> Result<(TenantTx, Endpoint), Error> {
    require(access, action).await?;
    let mut tx = access.begin().await?;
    let endpoint = lock(tx.conn(), id).await?;
    Ok((tx, endpoint))
}

async fn lock(conn: &mut PgConnection, id: EndpointId) -> Result<Endpoint, Error> {
    sql::lock(conn, id).await?.ok_or_else(|| Problem::NotFound.into())
}

/// The entry of what is done with an endpoint.
fn entry(access: &Access, action: Action, endpoint: &Endpoint) -> Draft {
    Draft::done(action, access.actor())
        .target("webhook", endpoint.id, Public(endpoint.origin()))
        .within(access.request().audited())
}

/// Goes on only with an endpoint to which messages are sent.
fn require_enabled(endpoint: &Endpoint) -> Result<(), Error> {
    if endpoint.disabled.is_some() { Err(Problem::Changed.into()) } else { Ok(()) }
}

/// What is wrong with the name that was typed to confirm, if anything is.
fn confirm(endpoint: &Endpoint, typed: &str) -> Result<(), Error> {
    if typed.trim() == endpoint.host() { Ok(()) } else { Err(Error::field("confirmation", FieldProblem::DoesNotMatch)) }
}
