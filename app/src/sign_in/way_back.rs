//! Where somebody goes once they have signed in, when no address may say it: an invitation's link is a secret.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use server::Portal;

use crate::cookies::SealedCookie;
use crate::forms::local_path;
use crate::state::AppState;

/// For as long as a link for a forgotten password is good: that may come in between.
const COOKIE: SealedCookie = SealedCookie { name: "__Host-next", seconds: 3_600 };

/// The path that a browser keeps for after the sign-in.
pub struct WayBack(Option<String>);

impl FromRequestParts<AppState> for WayBack {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let path = COOKIE.read(&parts.headers, &state.portal);
        Ok(Self(path.and_then(|path| String::from_utf8(path).ok())))
    }
}

impl WayBack {
    /// To the sign-in, and from there to this path.
    pub(crate) fn by_sign_in(path: &str, portal: &Portal) -> Response {
        let mut response = Redirect::to("/sign-in").into_response();
        if let Some(cookie) = COOKIE.write(path.as_bytes(), portal) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Goes to where the address said, or else to the path that was kept, or else to the start page.
    pub(super) fn follow(self, next: &str) -> Response {
        let kept = self.0.as_deref().unwrap_or("/");
        let to = local_path(if next.is_empty() { kept } else { next });
        let response = Redirect::to(to).into_response();
        self.forget(response)
    }

    /// An answer that takes the path away, if there is one.
    pub(super) fn forget(self, mut response: Response) -> Response {
        if self.0.is_some()
            && let Some(cookie) = COOKIE.clear()
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}
