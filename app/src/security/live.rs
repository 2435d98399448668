//! Telling a page that it is not up to date any more.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::problem::Problem;
use domain::roles::Permission;
use futures::stream::{self, StreamExt as _};
use server::detections;

use crate::context::Organization;
use crate::problems::Fault;

/// How long one answer goes on. Then the browser asks again, and whoever has lost their access since does not get in;
/// and a server that is to stop need not wait for longer.
const LASTS: Duration = Duration::from_secs(25);
/// How soon the browser asks again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often something is sent in any case, so that what stands between does not take the answer for dead.
const ALIVE: Duration = Duration::from_secs(15);

/// Tells of each change of what the dashboard shows, and not what has changed: for that, the page is asked for.
///
/// # Errors
/// A page about it.
pub async fn live(org: Organization) -> Result<Response, Fault> {
    if !org.access.may(Permission::ViewAudit) {
        // A page that is open asks again by itself: that is no try of anybody's to be put on record.
        return Err(Problem::Forbidden.into());
    }
    let changes = detections::subscribe(&org.page.state.portal, org.access.tenant());
    let begin = stream::once(ready(Event::default().retry(AGAIN)));
    let changes = changes.enumerate().map(|(number, ())| Event::default().event("changed").data(number.to_string()));
    let events = begin.chain(changes).take_until(tokio::time::sleep(LASTS)).map(Ok::<_, Infallible>);
    // Passed on as it comes, also by a proxy that would rather collect some of it.
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))).into_response())
}
