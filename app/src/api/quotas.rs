//! Quotas: reserving before something is used, settling after it, and what was used.

use axum::extract::{OriginalUri, Path};
use axum::http::{HeaderMap, StatusCode};
use domain::ids::ReservationId;
use domain::quotas::{QuotaState, Recorded, Reservation, Reserve, Settle, UsageEvent, UsageQuery, UsageReport};
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use server::{api, quotas};
use utoipa::ToSchema;

use super::answer::{Answer, json, name, once, write};
use super::document::{Reading, Writing};
use super::gate::Program;
use super::problem::{Misplaced, Refused};
use super::sent::{Asked, Bare, Sent};

/// Events that are recorded together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageEvents {
    /// The events: all of them are recorded, or none.
    events: Vec<UsageEvent>,
}

/// Every quota of the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaStates {
    /// The quotas.
    items: Vec<QuotaState>,
}

fn reservation(id: &str) -> Result<ReservationId, Refused> {
    id.parse().map_err(|_| Refused::new("not_found"))
}

/// What is asked for, by the name that the request has where its body has none.
fn named(headers: &HeaderMap, asked: Reserve) -> Result<Reserve, Refused> {
    let Some(name) = name(headers) else { return Ok(asked) };
    api::judge(name)?;
    match &asked.key {
        Some(key) if key.trim() != name.trim() => {
            let message = "The header Idempotency-Key says something else.".to_owned();
            let wrong = Misplaced::at("/key".to_owned(), "contradiction", message);
            Err(Refused::new("bad_request").because("The request has two names. Send one of them.").about(vec![wrong]))
        }
        Some(_) => Ok(asked),
        None => Ok(Reserve { key: Some(name.to_owned()), ..asked }),
    }
}

fn created(reservation: &Reservation) -> Answer {
    let mut response = json(reservation)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Reserves amounts.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/quotas/reservations",
    tag = "Quotas",
    summary = "Reserve amounts before they are used",
    description = "All amounts are reserved, or none: `over_quota` says that there is not so much left, and takes nothing. What is not settled in time is given back by itself. A repeated request with the same `key` gets the same reservation.",
    params(("Idempotency-Key" = Option<String>, Header, description = "The `key`, where the body has none. Where both are given, they are the same.")),
    request_body = Reserve,
    responses((status = 201, description = "The reservation.", body = Reservation), Writing),
    security(("key" = ["quotas.use"]))
)]
pub async fn reserve(Program(caller): Program, headers: HeaderMap, sent: Sent<Reserve>) -> Answer {
    created(&quotas::reserve(&caller, named(&headers, sent.value)?).await?)
}

/// Settles a reservation.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/quotas/reservations/{reservation}/settle",
    tag = "Quotas",
    summary = "Say what was used of a reservation",
    description = "What was reserved and not used is given back. It is settled once: with an `Idempotency-Key` it can be sent again, and without one that is a `conflict`.",
    params(
        ("reservation" = Uuid, Path, description = "The reservation’s id."),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for the request: sent again with it within a day, it is answered the same."),
    ),
    request_body = Settle,
    responses((status = 200, description = "The reservation as it is now.", body = Reservation, headers(("Idempotency-Replayed" = String, description = "`true`, where a former request with this name was answered so."))), Writing),
    security(("key" = ["quotas.use"]))
)]
pub async fn settle(
    Program(caller): Program,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    sent: Sent<Settle>,
) -> Answer {
    let Sent { value, bytes } = sent;
    let id = reservation(&id)?;
    let act = || async { write(&quotas::settle(&caller, id, value).await?) };
    once(&caller, &headers, (uri.path(), &bytes), Permission::UseQuotas, StatusCode::OK, act).await
}

/// Releases a reservation.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/quotas/reservations/{reservation}/release",
    tag = "Quotas",
    summary = "Give a reservation back",
    description = "Nothing of it was used. The request has no body.",
    params(
        ("reservation" = Uuid, Path, description = "The reservation’s id."),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for the request: sent again with it within a day, it is answered the same."),
    ),
    responses((status = 200, description = "The reservation as it is now.", body = Reservation, headers(("Idempotency-Replayed" = String, description = "`true`, where a former request with this name was answered so."))), Writing),
    security(("key" = ["quotas.use"]))
)]
pub async fn release(
    Program(caller): Program,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    _: Bare,
) -> Answer {
    let id = reservation(&id)?;
    let act = || async { write(&quotas::release(&caller, id).await?) };
    once(&caller, &headers, (uri.path(), &[]), Permission::UseQuotas, StatusCode::OK, act).await
}

/// Records usage.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/usage/events",
    tag = "Quotas",
    summary = "Record what was used without a reservation",
    description = "Up to 500 events, also late ones. An event is counted once, however often its `id` is sent.",
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for the request: sent again with it within a day, it is answered the same.")),
    request_body = UsageEvents,
    responses((status = 200, description = "How many were counted.", body = Recorded, headers(("Idempotency-Replayed" = String, description = "`true`, where a former request with this name was answered so."))), Writing),
    security(("key" = ["quotas.use"]))
)]
pub async fn record(
    Program(caller): Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    sent: Sent<UsageEvents>,
) -> Answer {
    let Sent { value, bytes } = sent;
    let act = || async { write(&quotas::record(&caller, value.events).await?) };
    once(&caller, &headers, (uri.path(), &bytes), Permission::UseQuotas, StatusCode::OK, act).await
}

/// The usage of a metric.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    tag = "Quotas",
    summary = "What was used of a metric over time",
    params(
        ("metric" = String, Query, description = "The metric’s code, as `/quotas` lists them."),
        ("range" = Option<String>, Query, description = "`24h`, `30d` or `12m`."),
    ),
    responses((status = 200, description = "The usage.", body = UsageReport), Reading),
    security(("key" = ["usage.view"]))
)]
pub async fn usage(Program(caller): Program, asked: Asked) -> Answer {
    asked.knows(&["metric", "range"])?;
    let text = |name: &str| asked.value(name).map(str::to_owned);
    let Some(metric) = text("metric") else {
        let message = "Name a metric, as /quotas lists them.".to_owned();
        return Err(Refused::invalid(vec![Misplaced::parameter("metric", "required", message)]));
    };
    let query = UsageQuery { metric, range: text("range") };
    json(&quotas::usage(&caller, query).await.map_err(|error| Refused::from(error).in_query())?)
}

/// Every quota.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/quotas",
    tag = "Quotas",
    summary = "How the organization’s quotas stand",
    responses((status = 200, description = "The quotas.", body = QuotaStates), Reading),
    security(("key" = ["usage.view"]))
)]
pub async fn limits(Program(caller): Program, asked: Asked) -> Answer {
    asked.knows(&[])?;
    json(&QuotaStates { items: quotas::limits(&caller).await? })
}
