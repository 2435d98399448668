//! What stands before pages: who is it, and may they come in here.

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::policy::Allowance;
use domain::problem::Problem;
use server::Error;
use server::access::{Entered, Purpose, enter};
use server::operators::{self, Work, note_work};
use server::sessions::{self, Arrival, Halfway, Visitor};
use tower_sessions::Session;

use crate::context::{PageContext, request_context};
use crate::forms;
use crate::problems::{Asker, Fault};
use crate::routes;
use crate::sign_in::{SECOND_STEP, with_next};
use crate::state::AppState;

/// Finds out who asks, once for a request. A request without a cookie costs nothing.
pub async fn identify(State(state): State<AppState>, session: Session, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match sessions::arrival(&session).await {
        Ok(Arrival::Inside(visitor)) => {
            // What a page asks for by itself keeps nobody's session in use.
            let by_itself = routes::is_watched(parts.uri.path());
            if !by_itself && let Err(error) = sessions::seen(&request_context(&parts, &state), &visitor).await {
                return Fault::from(error).into_response();
            }
            if let Some(asker) = parts.extensions.get::<Asker>() {
                asker.note(&visitor);
            }
            parts.extensions.insert(*visitor);
        }
        Ok(Arrival::Halfway(halfway)) => {
            parts.extensions.insert(halfway);
        }
        Ok(Arrival::Nobody) => {}
        Err(error) => return Fault::from(error).into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Lets in whoever is signed in, and leads everybody else to the sign-in.
pub async fn signed_in(request: Request, next: Next) -> Response {
    if request.extensions().get::<Visitor>().is_none() {
        return lead_to_sign_in(&request).into_response();
    }
    next.run(request).await
}

/// To the sign-in, and from there to the page that was asked for. A form's address may be none: then
/// to the nearest page above it, which is the one that shows the form.
fn lead_to_sign_in(request: &Request) -> Fault {
    let uri = request.uri();
    let wanted = if request.method().is_safe() {
        uri.path_and_query().map_or("/", |wanted| wanted.as_str())
    } else {
        routes::page_above(uri.path())
    };
    // Who has given the password already goes on from there.
    let halfway = request.extensions().get::<Halfway>().is_some();
    Fault::Elsewhere(with_next(if halfway { SECOND_STEP } else { "/sign-in" }, wanted))
}

/// Says how much is left of what somebody may ask for, in the fields of a draft of the IETF's (draft-ietf-httpapi-ratelimit-headers-07).
fn tell_limits(headers: &mut HeaderMap, allowance: Allowance) {
    let Allowance { limit, remaining, reset, .. } = allowance;
    let fields = [("ratelimit-limit", limit), ("ratelimit-remaining", remaining), ("ratelimit-reset", reset)];
    for (name, value) in fields {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
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
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return lead_to_sign_in(&request).into_response();
    };
    let (mut parts, body) = request.into_parts();
    let slug = path.iter().find_map(|(name, value)| (name == "slug").then_some(value)).unwrap_or("");
    let purpose = match parts.method.is_safe() {
        true if routes::is_watched(parts.uri.path()) => Purpose::Watch,
        true => Purpose::Read,
        false => Purpose::Change,
    };
    let context = request_context(&parts, &state);
    match enter(&context, &visitor, slug, purpose).await {
        Ok(Entered::Inside(access)) => {
            let (allowance, tenant) = (access.allowance(), access.tenant());
            parts.extensions.insert(*access);
            let mut response = next.run(Request::from_parts(parts, body)).await;
            note_work(&context, tenant, Work::Page);
            if let Some(allowance) = allowance {
                tell_limits(response.headers_mut(), allowance);
            }
            response
        }
        // There is one thing left to do.
        Ok(Entered::Deleting(doomed)) => {
            let keep = format!("/o/{slug}/delete/cancel");
            if parts.uri.path() == keep {
                parts.extensions.insert(*doomed);
                return next.run(Request::from_parts(parts, body)).await;
            }
            match purpose {
                Purpose::Read | Purpose::Watch => Redirect::to(&keep).into_response(),
                Purpose::Change => Fault::from(Problem::OrganizationDeleting).into_response(),
            }
        }
        Ok(Entered::Moved(today)) => {
            let wanted = parts.uri.path_and_query().map_or("", |path| path.as_str());
            let rest = wanted.strip_prefix("/o/").and_then(|rest| rest.strip_prefix(slug)).unwrap_or("");
            Redirect::permanent(&format!("/o/{today}{rest}")).into_response()
        }
        Err(error) => Fault::from(error).into_response(),
    }
}

/// Lets operators into their console, and nobody else: to others who are signed in each of its addresses is one that does
/// not exist. Without a session all of them lead to the sign-in, as everything does that is not for anybody.
pub async fn operator(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return lead_to_sign_in(&request).into_response();
    };
    let (mut parts, body) = request.into_parts();
    match operators::enter(&request_context(&parts, &state), &visitor).await {
        Ok(access) => {
            parts.extensions.insert(access);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(Error::Refused(problem @ Problem::EnrolFirst)) => {
            let Ok(page) = PageContext::from_request_parts(&mut parts, &state).await;
            forms::go(&page, "/account/security", problem)
        }
        Err(error) => Fault::from(error).into_response(),
    }
}
