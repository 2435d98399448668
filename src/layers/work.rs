//! Work that goes on when its client has gone.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::Problem;
use tracing::Instrument as _;

/// Runs what may change something in a task of its own: a client that hangs up stops reading, and
/// stops nothing else.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
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
