//! Quotas: what an organization's services may use, what they use, and who is told of it.
//!
//! A service reserves before it uses something, and settles or gives back after it; what it has used without that, it records.
//! None of this is audited one by one: it is usage, and no act. What somebody decides of a quota is one.
//!
//! Everything that counts goes through [`batch`]: what waits for one organization in this process is judged in one
//! transaction, one after the other, by `domain::quotas::Ledger`. The rows that it is judged by are locked meanwhile, so that
//! nothing is above its limit however many processes ask at the same time.

mod alerts;
mod banner;
mod batch;
mod book;
mod count;
mod operator;
mod ops;
mod queue;
mod roll_up;
mod settings;
pub(crate) mod sql;
mod terms;
mod view;
mod work;
mod worker;

use domain::audit::Action;
use domain::ids::{ReservationId, TenantId};
use domain::quotas::{
    QuotaState, Recorded, Reservation, Reserve, Settle, UsageEvent, UsageQuery, UsageReport, parse_events,
};
use domain::roles::Permission;

pub use banner::{Nearly, banner};
pub use count::Left;
pub(crate) use operator::give_plan;
pub use operator::{PlanLine, assign_plan, list_plans, set_terms};
pub use settings::{set, set_time_zone};
pub use view::{Consumption, Detail, Overview, QuotaView, detail, editing, overview};
pub use worker::Worker;

use crate::Portal;
use crate::callers::Caller;
use crate::error::Error;
use ops::Op;

const RESERVED: Action = Action::new("quota.used");
const VIEWED: Action = Action::new("quotas.viewed");

/// What a process keeps of quotas.
#[derive(Default)]
pub(crate) struct Quotas {
    pub(crate) batcher: batch::Batcher,
    terms: terms::Known,
    counted: count::Counted,
    subjects: roll_up::Subjects,
    banners: banner::Banners,
    awaited: queue::Awaited,
}

/// Takes amounts: all of them, or nothing.
///
/// # Errors
/// Forbidden; fields that are wrong; one of them has not so much left ([`Problem::OverQuota`](domain::problem::Problem)); the
/// key has come with something else.
pub async fn reserve(caller: &Caller, request: Reserve) -> Result<Reservation, Error> {
    caller.require(Permission::UseQuotas, RESERVED).await?;
    reserve_as(caller.request().portal(), caller.tenant(), &caller.key().to_string(), &request).await
}

/// Counts what was used of a reservation, and gives the rest back.
///
/// # Errors
/// Forbidden; fields that are wrong; not found; settled, released or expired already.
pub async fn settle(caller: &Caller, id: ReservationId, request: Settle) -> Result<Reservation, Error> {
    caller.require(Permission::UseQuotas, RESERVED).await?;
    settle_as(caller.request().portal(), caller.tenant(), id, request).await
}

/// Gives a reservation back.
///
/// # Errors
/// Forbidden; not found; settled, released or expired already.
pub async fn release(caller: &Caller, id: ReservationId) -> Result<Reservation, Error> {
    caller.require(Permission::UseQuotas, RESERVED).await?;
    release_as(caller.request().portal(), caller.tenant(), id).await
}

/// Counts what was used without a reservation: each event once, in the window in which it was.
///
/// # Errors
/// Forbidden; fields that are wrong.
pub async fn record(caller: &Caller, events: Vec<UsageEvent>) -> Result<Recorded, Error> {
    caller.require(Permission::UseQuotas, RESERVED).await?;
    record_as(caller.request().portal(), caller.tenant(), &events).await
}

/// The usage of a metric.
///
/// # Errors
/// Forbidden; an unknown metric or range.
pub async fn usage(caller: &Caller, query: UsageQuery) -> Result<UsageReport, Error> {
    caller.require(Permission::ViewUsage, VIEWED).await?;
    let (metric, range) = query.parse()?;
    let request = caller.request();
    let known = terms::known(request.portal(), caller.tenant(), request.now).await?;
    let mut tx = caller.begin().await?;
    let detail = view::read(&mut tx, &known, metric, range, request.now).await?;
    tx.close();
    Ok(detail.report())
}

/// How every quota stands.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn limits(caller: &Caller) -> Result<Vec<QuotaState>, Error> {
    caller.require(Permission::ViewUsage, VIEWED).await?;
    let request = caller.request();
    let known = terms::known(request.portal(), caller.tenant(), request.now).await?;
    let mut tx = caller.begin().await?;
    let standing = view::standing(&mut tx, &known, request.now).await?;
    tx.close();
    Ok(standing.iter().map(|(counter, _)| view::state(counter)).collect())
}

/// Counts a request to the portal's own API against the organization's requests per minute, hour and day: what is left of
/// each that is limited, and why there is no room for it, if there is none.
///
/// It is noted in memory, and goes into the database with the others of some seconds: a process that dies takes these
/// with it, and what another process has let through is known some seconds late.
///
/// # Errors
/// The organization is not in use; the database does not answer whoever asks first.
pub async fn count_request(caller: &Caller) -> Result<(Left, Option<Error>), Error> {
    count::count(caller.request().portal(), caller.tenant(), caller.request().now).await
}

/// As [`count_request`], for whoever asks.
#[cfg(feature = "testing")]
pub(crate) async fn count_as(portal: &Portal, tenant: TenantId) -> Result<(), Error> {
    let (_, full) = count::count(portal, tenant, portal.now()).await?;
    full.map_or(Ok(()), Err)
}

/// Counts what has gathered, as is done every few seconds.
#[cfg(feature = "testing")]
pub(crate) async fn flush(portal: &Portal) {
    count::flush(portal).await;
}

/// As [`reserve`], for whoever may: by this name keys are told apart.
pub(crate) async fn reserve_as(
    portal: &Portal,
    tenant: TenantId,
    by: &str,
    request: &Reserve,
) -> Result<Reservation, Error> {
    let op = Op::reserve(portal, by, request.parse()?)?;
    portal.quotas().batcher.submit(portal, tenant, op).await?.reservation()
}

/// As [`settle`], for whoever may.
pub(crate) async fn settle_as(
    portal: &Portal,
    tenant: TenantId,
    id: ReservationId,
    settle: Settle,
) -> Result<Reservation, Error> {
    portal.quotas().batcher.submit(portal, tenant, Op::Settle { id, settle }).await?.reservation()
}

/// As [`release`], for whoever may.
pub(crate) async fn release_as(portal: &Portal, tenant: TenantId, id: ReservationId) -> Result<Reservation, Error> {
    portal.quotas().batcher.submit(portal, tenant, Op::Release { id }).await?.reservation()
}

/// As [`record`], for whoever may.
pub(crate) async fn record_as(portal: &Portal, tenant: TenantId, events: &[UsageEvent]) -> Result<Recorded, Error> {
    let op = Op::Record { events: parse_events(events, portal.now())? };
    portal.quotas().batcher.submit(portal, tenant, op).await?.recorded()
}
