//! Signing in with a passkey, without an address and a password.

use std::convert::Infallible;

use axum::Form;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use server::sign_in;
use uuid::Uuid;

use super::WayBack;
use super::page::{page as sign_in_page, with_next};
use crate::context::{Browser, PageContext};
use crate::cookies::SealedCookie;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::state::AppState;

/// Where it is.
pub(super) const ADDRESS: &str = "/sign-in/passkey";
/// The id of the challenge that this browser may answer, for as long as the challenge is good.
const COOKIE: SealedCookie = SealedCookie { name: "__Host-passkey", seconds: 300 };

/// The challenge that a browser has kept.
pub struct Kept(Option<Uuid>);

impl FromRequestParts<AppState> for Kept {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let id = COOKIE.read(&parts.headers, &state.portal);
        Ok(Self(id.and_then(|id| Uuid::from_slice(&id).ok())))
    }
}

/// What the browser has to know to use one.
///
/// # Errors
/// A page about it.
pub async fn passkey_challenge(page: PageContext) -> Result<Response, Fault> {
    let challenge = sign_in::begin_by_passkey(&page.request).await?;
    let mut response = forms::json(challenge.options);
    if let Some(cookie) = COOKIE.write(challenge.id.as_bytes(), &page.state.portal) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The browser's answer, and where to go then.
#[derive(Serialize, Deserialize)]
pub struct PasskeyAnswer {
    #[serde(default, skip_serializing)]
    pub(crate) answer: String,
    #[serde(default)]
    pub(crate) next: String,
}

/// Signs in.
///
/// # Errors
/// A page about it.
pub async fn use_passkey(
    page: PageContext,
    way_back: WayBack,
    Kept(challenge): Kept,
    Browser(session): Browser,
    Form(form): Form<PasskeyAnswer>,
) -> Answer {
    match sign_in::by_passkey(&page.request, challenge, &form.answer).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            let mut response = way_back.follow(&form.next);
            if let Some(cookie) = COOKIE.clear() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(error) => {
            let here = with_next("/sign-in", &form.next);
            forms::back_or_later(&page, &here, &form, error, |page| sign_in_page(page, way_back)).await
        }
    }
}
