//! How large a body may be, and who may send a large one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::cookies;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::ids::AccountId;
use domain::problem::Problem;
use server::Portal;
use server::sessions::{self, Arrival, SessionStore};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::Session;
use tower_sessions::session::Id;

/// No form here is larger, but one that carries a file.
const FORM_MAX: usize = 64 * 1024;
/// Nothing that a program sends is larger.
const API_MAX: usize = 1024 * 1024;
/// How many files come in at a time, one of each person: all of each is held in memory.
const FILES_AT_ONCE: usize = 16;
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// What limits bodies.
#[derive(Clone)]
pub(crate) struct Bodies {
    portal: Portal,
    cookie: &'static str,
    turns: Arc<Semaphore>,
    sending: Arc<Mutex<HashSet<AccountId>>>,
}

/// Somebody's turn to send a file, until it is dropped.
struct Turn {
    _permit: OwnedSemaphorePermit,
    account: AccountId,
    sending: Arc<Mutex<HashSet<AccountId>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

impl Bodies {
    /// Of this portal, whose session's cookie has this name.
    pub(crate) fn new(portal: &Portal, cookie: &'static str) -> Self {
        let turns = Arc::new(Semaphore::new(FILES_AT_ONCE));
        Self { portal: portal.clone(), cookie, turns, sending: Arc::default() }
    }

    /// Who comes with a session, if they are in the organization of this path: files are taken from nobody else. What
    /// they may is judged when all of it is there.
    async fn sender(&self, id: Id, path: &str) -> Result<Option<AccountId>, Problem> {
        let session = Session::new(Some(id), Arc::new(SessionStore::new(&self.portal)), None);
        let arrival = sessions::arrival(&session).await.map_err(|error| error.problem())?;
        let Arrival::Inside(visitor) = arrival else { return Ok(None) };
        let slug = path.strip_prefix("/o/").and_then(|rest| rest.split('/').next());
        let is_theirs = visitor.organizations().iter().any(|organization| Some(organization.slug.as_str()) == slug);
        Ok(is_theirs.then_some(visitor.account.id))
    }

    /// Waits for somebody's turn: nobody has two at a time, and nobody waits for long.
    async fn turn(&self, account: AccountId) -> Result<Turn, Problem> {
        let waiting = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned());
        let Ok(Ok(permit)) = waiting.await else { return Err(Problem::Unavailable) };
        let is_new = self.sending.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
        if !is_new {
            return Err(Problem::Unavailable);
        }
        Ok(Turn { _permit: permit, account, sending: self.sending.clone() })
    }

    /// How large a request's body may be, and the turn that a large one takes.
    async fn allow(&self, session: Option<Id>, path: &str) -> Result<(usize, Option<Turn>), Problem> {
        let (Some(most), Some(id)) = (app::routes::body_max(path), session) else { return Ok((FORM_MAX, None)) };
        match self.sender(id, path).await? {
            Some(account) => Ok((most, Some(self.turn(account).await?))),
            None => Ok((FORM_MAX, None)),
        }
    }
}

/// Refuses a body that is larger than anything that is asked for at its address: at once where it says so itself.
pub(crate) async fn limit(State(bodies): State<Bodies>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let session = cookies::of(request.headers(), bodies.cookie).and_then(|id| id.parse().ok());
    let path = request.uri().path().to_owned();
    let (most, _turn) = match bodies.allow(session, &path).await {
        Ok(allowed) => allowed,
        Err(problem) => return app::problems::bare(problem),
    };
    limited(most, request, next).await
}

/// As [`limit`], for what programs send.
pub(crate) async fn limit_api(request: Request, next: Next) -> Response {
    limited(API_MAX, request, next).await
}

async fn limited(most: usize, request: Request, next: Next) -> Response {
    let limited = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(most))
        .map_request(|request: axum::http::Request<_>| request.map(Body::new))
        .service(next);
    match limited.oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
}
