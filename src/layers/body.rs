//! How large a body may be, and who may send a large one.

use std::sync::Arc;

use app::cookies;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use server::Portal;
use server::sessions::{self, Arrival, SessionStore};
use tokio::sync::Semaphore;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::Session;
use tower_sessions::session::Id;

/// No form here is larger, but one that carries a file.
const FORM_MAX: usize = 64 * 1024;
/// How many files come in at a time: all of each is held in memory.
const FILES_AT_ONCE: usize = 4;

/// What limits bodies.
#[derive(Clone)]
pub(crate) struct Bodies {
    portal: Portal,
    cookie: &'static str,
    files: Arc<Semaphore>,
}

impl Bodies {
    /// Of this portal, whose session's cookie has this name.
    pub(crate) fn new(portal: &Portal, cookie: &'static str) -> Self {
        Self { portal: portal.clone(), cookie, files: Arc::new(Semaphore::new(FILES_AT_ONCE)) }
    }

    /// Whether a session is that of somebody who is signed in: files are taken from nobody else. Who they are and what
    /// they may is judged when all of it is there.
    async fn is_signed_in(&self, id: Option<Id>) -> bool {
        let Some(id) = id else { return false };
        let session = Session::new(Some(id), Arc::new(SessionStore::new(&self.portal)), None);
        matches!(sessions::arrival(&session).await, Ok(Arrival::Inside(_)))
    }
}

/// Refuses a body that is larger than anything that is asked for at its address: at once where it says so itself.
pub(crate) async fn limit(State(bodies): State<Bodies>, request: Request, next: Next) -> Response {
    let file = app::routes::body_max(request.uri().path());
    let session = cookies::of(request.headers(), bodies.cookie).and_then(|id| id.parse().ok());
    let most = match file {
        Some(most) if bodies.is_signed_in(session).await => most,
        _ => FORM_MAX,
    };
    let _turn = if most > FORM_MAX { bodies.files.acquire().await.ok() } else { None };
    let limited = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(most))
        .map_request(|request: axum::http::Request<_>| request.map(Body::new))
        .service(next);
    match limited.oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
}
