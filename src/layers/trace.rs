//! One line for each request, without secrets and without people.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use tower_http::request_id::RequestId;
use tracing::Span;

/// A span that names the route, never the address: addresses hold tokens and names.
pub(crate) fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("-");
    tracing::info_span!("request", method = %request.method(), route, id)
}

/// Notes how it ended and how long it took.
pub(crate) fn answered(response: &Response, latency: Duration, span: &Span) {
    let status = response.status().as_u16();
    tracing::info!(parent: span, status, milliseconds = latency.as_secs_f64() * 1000.0, "answered");
    metrics::counter!("portcullis_requests_total", "status" => status.to_string()).increment(1);
    metrics::histogram!("portcullis_request_seconds").record(latency.as_secs_f64());
}
