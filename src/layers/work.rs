//! How long work goes on: no longer than anybody waits, but for what may change something.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::problem::Problem;
use tracing::Instrument as _;

/// A body that takes longer came late: what is true of whoever sent it is asked anew.
const PROMPT: Duration = Duration::from_secs(1);

/// How long an answer may take.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimit(pub(crate) Duration);

/// Answers in time, if only that it took too long.
pub(crate) async fn in_time(State(TimeLimit(limit)): State<TimeLimit>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => app::problems::bare(Problem::TimedOut),
    }
}

/// Runs what may change something in a task of its own: a client that hangs up stops reading, and
/// stops nothing else.
///
/// It begins when the whole body has come, however long its client takes: who asks, and what they
/// may, is judged by what is true then, and not by what was true when they began to send. Of programs
/// that is found out before, and once more where the body came late.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let unlimited = |mut request: Request| {
        // The limit of bodies stands before this.
        DefaultBodyLimit::disable().apply(&mut request);
        request
    };
    let mut reading = std::pin::pin!(Bytes::from_request(unlimited(Request::new(body)), &()));
    let (body, is_late) = match tokio::time::timeout(PROMPT, &mut reading).await {
        Ok(body) => (body, false),
        Err(_) => (reading.await, true),
    };
    let body = match body {
        Ok(body) => body,
        Err(too_large_or_broken) => return too_large_or_broken.into_response(),
    };
    let mut request = unlimited(Request::from_parts(parts, Body::from(body)));
    if is_late {
        request.extensions_mut().insert(app::api::Late);
    }
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(%panic, "a handler panicked");
            app::problems::bare(Problem::Internal)
        }
    }
}

/// What a panic answers; its text is in the log, and nowhere else.
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    tracing::error!(panic = text.unwrap_or_default(), "a handler panicked");
    app::problems::bare(Problem::Internal)
}
