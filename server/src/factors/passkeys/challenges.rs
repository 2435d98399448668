//! What passkeys are asked to sign: who may answer, how long, and once.

use domain::ids::{AccountId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

use super::{required, sql};
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::PlatformTx;

/// How long a challenge can be answered.
pub(crate) const LIFETIME: Duration = Duration::minutes(5);

/// Where a challenge was asked for; an answer from elsewhere is none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A session, for one purpose, of which it has one challenge: a new one takes the place of the one before.
    Session(SessionId, &'static str),
    /// A browser without a session, which keeps the challenge's id, sealed.
    Browser(Uuid),
}

/// What a browser has to know to sign with a passkey of the account's, or else with any that its person chooses, as JSON.
///
/// # Errors
/// The database does not answer; there are no passkeys at this address.
pub(crate) async fn ask(request: &RequestContext, origin: Origin, account: Option<AccountId>) -> Result<String, Error> {
    let (options, state) =
        required(request)?.start_discoverable_authentication().map_err(|error| Error::internal(error.to_string()))?;
    let mut tx = request.portal().store().platform().await?;
    let known = match account {
        Some(account) => sql::credential_ids(tx.conn(), account).await?,
        None => Vec::new(),
    };
    note(&mut tx, request, origin, &state).await?;
    tx.end().await?;
    let options = serde_json::to_value(options.public_key).map_err(Error::internal)?;
    let known: Vec<_> = known.iter().map(|id| json!({ "type": "public-key", "id": encode(id) })).collect();
    // Without the extensions, which nobody here reads, and without its word on how to ask: a button asks at once.
    Ok(json!({
        "publicKey": {
            "allowCredentials": known,
            "challenge": options["challenge"],
            "rpId": options["rpId"],
            "timeout": options["timeout"],
            "userVerification": options["userVerification"],
        }
    })
    .to_string())
}

/// Bytes as WebAuthn's JSON has them.
fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Notes what was asked for.
pub(super) async fn note(
    tx: &mut PlatformTx,
    request: &RequestContext,
    origin: Origin,
    state: &impl Serialize,
) -> Result<(), Error> {
    let state = serde_json::to_value(state).map_err(Error::internal)?;
    let (id, session, purpose) = match origin {
        Origin::Session(session, purpose) => (request.portal().uuid(request.now), Some(session), purpose),
        Origin::Browser(id) => (id, None, "sign_in"),
    };
    sql::add_challenge(tx.conn(), id, session, purpose, &state, request.now).await
}

/// Takes a challenge away and tells what was asked for: for one caller, however many answer at once. It is spent
/// whatever becomes of the answer.
pub(super) async fn take<T: DeserializeOwned>(request: &RequestContext, origin: Origin) -> Result<Option<T>, Error> {
    let since = request.now - LIFETIME;
    let mut tx = request.portal().store().platform().await?;
    let state = match origin {
        Origin::Session(session, purpose) => sql::take_of_session(tx.conn(), session, purpose, since).await?,
        Origin::Browser(id) => sql::take_of_browser(tx.conn(), id, since).await?,
    };
    tx.end().await?;
    state.map(serde_json::from_value).transpose().map_err(Error::internal)
}
