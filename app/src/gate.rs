//! What stands before pages: who is it, and may they come in here.

use axum::extract::{RawPathParams, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use server::access::{Entered, Purpose, enter};
use server::sessions::{self, Visitor};
use tower_sessions::Session;

use crate::context::request_context;
use crate::problems::Fault;
use crate::state::AppState;

/// Finds out who asks, once for a request. A request without a cookie costs nothing.
pub async fn identify(State(state): State<AppState>, session: Session, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match sessions::visitor(&session).await {
        Ok(Some(visitor)) => {
            if let Err(error) = sessions::seen(&request_context(&parts, &state), &visitor).await {
                return Fault::from(error).into_response();
            }
            parts.extensions.insert(visitor);
        }
        Ok(None) => {}
        Err(error) => return Fault::from(error).into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Lets people into their own organizations, and nobody else: the one place where an
/// [`Access`](server::Access) is made. Without a session every organization, whether it exists or
/// not, leads to the sign-in; with one, a foreign and a missing one are the same.
pub async fn organization(
    State(state): State<AppState>,
    path: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(visitor) = parts.extensions.get::<Visitor>().cloned() else {
        let wanted = if parts.method == Method::GET { parts.uri } else { axum::http::Uri::from_static("/") };
        return Fault::sign_in(&wanted).into_response();
    };
    let slug = path.iter().find_map(|(name, value)| (name == "slug").then_some(value)).unwrap_or("");
    let purpose = if parts.method.is_safe() { Purpose::Read } else { Purpose::Change };
    match enter(&request_context(&parts, &state), &visitor, slug, purpose).await {
        Ok(Entered::Inside(access)) => {
            parts.extensions.insert(*access);
            next.run(Request::from_parts(parts, body)).await
        }
        Ok(Entered::Moved(today)) => {
            let wanted = parts.uri.path_and_query().map_or("", |path| path.as_str());
            let rest = wanted.strip_prefix("/o/").and_then(|rest| rest.strip_prefix(slug)).unwrap_or("");
            Redirect::permanent(&format!("/o/{today}{rest}")).into_response()
        }
        Err(error) => Fault::from(error).into_response(),
    }
}
