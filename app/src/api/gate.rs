//! What stands before everything that programs ask for: which key do they bring.
//!
//! [`bears_key`] asks that before anything of a body is read, so that a stranger has nothing kept in memory and keeps nobody
//! waiting; [`identify`] asks again behind a body that took its time, so that it is judged by what is true when it is there.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::policy::Allowance;
use server::api::{self, Shut};
use server::callers::{Caller, authenticate_again};
use server::operators::{Work, note_work};

use super::problem::{Refused, nothing};
use crate::context::request_context;
use crate::state::AppState;

/// The address of everything that there is not.
pub(crate) const ELSEWHERE: &str = "/api/v1/{*rest}";

/// The key in a request's one header for it. No other place is looked at: addresses are logged by others, and cookies are
/// sent by browsers that nobody has asked.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// A body that was not there at once, but came after a while.
#[derive(Clone, Copy, Debug)]
pub struct Late;

/// Finds out who calls, from the head of a request alone: the one place where a [`Caller`] comes in. Whoever brings no key
/// that opens something, or asks for what there is not, is answered before anything of a body is read.
pub async fn bears_key(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let nowhere = ["/api/v1", "/api/v1/", ELSEWHERE];
    if request.extensions().get::<MatchedPath>().is_some_and(|path| nowhere.contains(&path.as_str())) {
        return nothing().await.into_response();
    }
    let (mut parts, body) = request.into_parts();
    let entered = match presented(&parts.headers) {
        Some(key) => api::enter(&request_context(&parts, &state), key).await,
        None => return no_key().into_response(),
    };
    match entered {
        Ok((caller, left)) => {
            let (context, tenant) = (caller.request().clone(), caller.tenant());
            parts.extensions.insert(caller);
            let mut response = next.run(Request::from_parts(parts, body)).await;
            note_work(&context, tenant, Work::Call);
            tell_limits(response.headers_mut(), &left);
            response
        }
        Err(Shut { error, left }) => {
            let mut response = Refused::from(error).into_response();
            tell_limits(response.headers_mut(), &left);
            response
        }
    }
}

/// Goes on with whoever was found to call. Behind a body that came late that is found out anew, and the time is that of
/// the body: in the meantime the key may have been revoked, or have expired. The request is counted already.
pub async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Late>().is_none() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let mut context = request_context(&parts, &state);
    context.now = state.portal.now();
    parts.extensions.insert(context.clone());
    let again = match presented(&parts.headers) {
        Some(key) => authenticate_again(&context, key).await.map_err(Refused::from),
        None => Err(no_key()),
    };
    match again {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => refused.into_response(),
    }
}

fn no_key() -> Refused {
    Refused::new("key_refused").because("The request brings no key. Send one as Authorization: Bearer <key>.")
}

/// Says how much is left of each limit, in the fields of a draft of the IETF's (draft-ietf-httpapi-ratelimit-headers-10).
fn tell_limits(headers: &mut HeaderMap, left: &[(&'static str, Allowance)]) {
    if left.is_empty() {
        return;
    }
    let policies = left.iter().map(|(name, it)| format!("\"{name}\";q={};w={}", it.limit, it.window));
    let limits = left.iter().map(|(name, it)| format!("\"{name}\";r={};t={}", it.remaining, it.reset));
    let fields = [
        ("ratelimit-policy", policies.collect::<Vec<_>>().join(", ")),
        ("ratelimit", limits.collect::<Vec<_>>().join(", ")),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// The program that calls.
pub struct Program(pub Caller);

impl FromRequestParts<AppState> for Program {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refused> {
        parts.extensions.get::<Caller>().cloned().map(Self).ok_or_else(no_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_brought_in_one_way() {
        let headers = |values: &[&'static str]| {
            values.iter().map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        assert_eq!(presented(&headers(&["Bearer pcl_1"])), Some("pcl_1"));
        assert_eq!(presented(&headers(&["bearer  pcl_1 "])), Some("pcl_1"));
        for none in [&[][..], &["pcl_1"], &["Basic pcl_1"], &["Bearer "], &["Bearer"], &["Bearer a", "Bearer b"]] {
            assert_eq!(presented(&headers(none)), None, "{none:?}");
        }
    }

    #[test]
    fn what_is_left_is_told_limit_by_limit() {
        let mut headers = HeaderMap::new();
        tell_limits(&mut headers, &[]);
        assert!(headers.is_empty(), "where there is no limit, nothing is said");
        let allowance = Allowance { limit: 60, remaining: 7, reset: 53, window: 60 };
        let of_hour = Allowance { limit: 120, window: 3_600, ..allowance };
        tell_limits(&mut headers, &[("key", allowance), ("organization", of_hour)]);
        assert_eq!(headers["ratelimit-policy"], "\"key\";q=60;w=60, \"organization\";q=120;w=3600");
        assert_eq!(headers["ratelimit"], "\"key\";r=7;t=53, \"organization\";r=7;t=53");
    }
}
