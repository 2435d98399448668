//! Signing in with a passkey, which the device uses after it has recognized its owner: both factors at once.

use domain::audit::Actor;
use domain::policy::SignInMethod;
use uuid::Uuid;

use super::SIGNED_IN;
use crate::error::Error;
use crate::factors::passkeys::{self, Origin};
use crate::limits;
use crate::request::RequestContext;
use crate::sessions::Grant;

/// What a browser without a session has to know to sign with a passkey.
pub struct Challenge {
    /// Its id, which nobody but the browser may bring back.
    pub id: Uuid,
    /// What the browser's own function takes, as JSON.
    pub options: String,
}

/// Asks for any passkey that the browser's person chooses.
///
/// # Errors
/// Too many challenges for one network; there are no passkeys at this address.
pub async fn begin_by_passkey(request: &RequestContext) -> Result<Challenge, Error> {
    let portal = request.portal();
    if let Some(ip) = request.ip {
        portal.limits().passkey_challenges.count(request, Actor::stranger(), &limits::network(ip)).await?;
    }
    let id = portal.uuid(request.now);
    let options = passkeys::ask(request, Origin::Browser(id), None).await?;
    Ok(Challenge { id, options })
}

/// Signs in whoever a passkey belongs to, by the answer to the challenge that the browser has kept.
///
/// # Errors
/// An answer that is none, at the field `passkey`; too many of them.
pub async fn by_passkey(request: &RequestContext, challenge: Option<Uuid>, answer: &str) -> Result<Grant, Error> {
    let origin = challenge.map(Origin::Browser);
    let (tx, account) = passkeys::identify(request, SIGNED_IN, origin, answer).await?;
    super::start(tx, request, account, (SignInMethod::Passkey, Some("passkey"))).await
}
