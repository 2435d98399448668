//! Passkeys (WebAuthn): keys that a device keeps, and uses only after it has recognized its owner by a finger, a face or
//! a PIN. So one is a second factor beside the password, and both factors without it.
//!
//! What signatures look like is webauthn-rs' business, whose challenges come from a generator of its own. Here is who may
//! answer which challenge, and how often.

mod challenges;
mod proof;
mod sql;

use domain::audit::{Action, Draft, Personal};
use domain::factors::Passkey;
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::PasskeyId;
use domain::notices::Event;
use domain::problem::Problem;
use domain::text::DeviceName;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

pub(crate) use challenges::{LIFETIME as CHALLENGE_LIFETIME, Origin, ask};
pub(crate) use proof::{identify, prove};
pub(super) use sql::{list as list_of, remove as remove_of};

use super::recovery;
use crate::error::Error;
use crate::members;
use crate::notices;
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Visitor};

const ADDED: Action = Action::new("passkey.added");
pub(super) const REMOVED: Action = Action::new("passkey.removed");

/// The field that an answer to a challenge belongs to.
const FIELD: &str = "passkey";
/// The challenges of somebody who adds one.
const ENROLMENT: &str = "enrolment";
/// The most that one person has.
const MOST: usize = 10;
/// The most bytes of an answer that is looked at; those of real devices have one or two thousand.
const ANSWER_MAX: usize = 16 * 1024;
/// What one is called whose owner has not named it.
const UNNAMED: &str = "Passkey";

/// What checks passkeys for this base URL. There is none for an address without a name: browsers make no passkeys there.
pub(crate) fn relying_party(base_url: &str) -> Option<Webauthn> {
    let origin = Url::parse(base_url).ok()?;
    let builder = WebauthnBuilder::new(origin.domain()?, &origin).ok()?;
    builder.rp_name("Portcullis").timeout(CHALLENGE_LIFETIME.unsigned_abs()).build().ok()
}

/// Whether passkeys work at the portal's address.
pub fn are_possible(request: &RequestContext) -> bool {
    request.portal().relying_party().is_some()
}

/// As [`are_possible`], for what needs them.
fn required(request: &RequestContext) -> Result<&Webauthn, Error> {
    request.portal().relying_party().ok_or_else(|| Problem::NotFound.into())
}

/// The passkeys of a person, the oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(request: &RequestContext, visitor: &Visitor) -> Result<Vec<Passkey>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sql::list(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(rows)
}

/// What the browser of somebody has to know who adds a passkey, as JSON.
///
/// # Errors
/// A step-up is needed; there are too many already.
pub async fn begin(request: &RequestContext, visitor: &Visitor) -> Result<String, Error> {
    visitor.require_fresh(request)?;
    let account = &visitor.account;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let known = sql::credential_ids(tx.conn(), account.id).await?;
    if known.len() >= MOST {
        return Err(Problem::Changed.into());
    }
    let (options, state) = required(request)?
        .start_passkey_registration(account.id.0, &account.email, &account.name, Some(known))
        .map_err(|error| Error::internal(error.to_string()))?;
    let origin = Origin::Session(visitor.session, ENROLMENT);
    challenges::note(&mut tx, request, origin, &state).await?;
    tx.end().await?;
    let mut options = serde_json::to_value(options).map_err(Error::internal)?;
    // A key that the device lists by itself: without a name typed before, no other is found.
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = "required".into();
    selection["requireResidentKey"] = true.into();
    Ok(options.to_string())
}

/// Adds the passkey that a browser has made. Every other session ends, and the one that asked goes on, freshly
/// proven for some minutes.
///
/// # Errors
/// A step-up is needed; an answer to no challenge of this session's at the field `passkey`, of which an entry tells; a
/// name that is none at `name`; there are too many already; too many changes.
pub async fn add(request: &RequestContext, visitor: &Visitor, name: &str, answer: &str) -> Result<Grant, Error> {
    visitor.require_fresh(request)?;
    let mut errors = FieldErrors::default();
    let name = errors.check("name", DeviceName::parse(if name.trim().is_empty() { UNNAMED } else { name }));
    if answer.is_empty() {
        errors.add(FIELD, FieldProblem::Required);
    }
    let (Some(name), true) = (name, errors.is_empty()) else { return Err(errors.into()) };
    let tried = proof::Try::count(request, visitor.actor(), ADDED, Some(visitor.account.id)).await?;
    let Some(made) = made(request, visitor, answer).await? else { return Err(tried.refuse(false).await?) };
    request.portal().limits().count_sign_in_change(request, visitor).await?;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    if sql::credential_ids(tx.conn(), visitor.account.id).await?.len() >= MOST {
        return Err(Problem::Changed.into());
    }
    let id = PasskeyId(request.portal().uuid(request.now));
    if !sql::add(tx.conn(), id, visitor.account.id, name.as_str(), &made, request.now).await? {
        tx.end().await?;
        return Err(tried.refuse(false).await?);
    }
    let grant = sessions::go_on_alone(&mut tx, request, visitor, Some(visitor.method.with_passkey())).await?;
    let entry = Draft::done(ADDED, visitor.actor())
        .target("passkey", id, Personal(name.as_str().to_owned()))
        .within(request.audited());
    let told = Some((id.0, name.as_str()));
    notices::tell(tx.conn(), request, visitor.account.id, Event::PasskeyAdded, told).await?;
    tx.commit(request, entry).await?;
    tried.forgive();
    members::note_factors(request, visitor.account.id).await;
    Ok(grant)
}

/// The passkey of an answer to the visitor's challenge, which is spent; none when it is not one.
async fn made(
    request: &RequestContext,
    visitor: &Visitor,
    answer: &str,
) -> Result<Option<webauthn_rs::prelude::Passkey>, Error> {
    let origin = Origin::Session(visitor.session, ENROLMENT);
    let state: Option<PasskeyRegistration> = challenges::take(request, origin).await?;
    let answer = proof::read::<RegisterPublicKeyCredential>(answer);
    let (Some(state), Some(answer)) = (state, answer) else { return Ok(None) };
    Ok(required(request)?.finish_passkey_registration(&answer, &state).ok())
}

/// Removes one, with a fresh proof of who asks. Every other session ends, and the one that asked goes on.
///
/// # Errors
/// A step-up is needed; too many changes; not found, when it is not the visitor's.
pub async fn remove(request: &RequestContext, visitor: &Visitor, id: PasskeyId) -> Result<Grant, Error> {
    visitor.require_fresh(request)?;
    request.portal().limits().count_sign_in_change(request, visitor).await?;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let name = sql::remove(tx.conn(), visitor.account.id, id).await?.ok_or(Problem::NotFound)?;
    recovery::remove_with_last_factor(tx.conn(), visitor.account.id).await?;
    let grant = sessions::go_on_alone(&mut tx, request, visitor, None).await?;
    let told = Some((id.0, name.as_str()));
    notices::tell(tx.conn(), request, visitor.account.id, Event::PasskeyRemoved, told).await?;
    let entry = Draft::done(REMOVED, visitor.actor()).target("passkey", id, Personal(name)).within(request.audited());
    tx.commit(request, entry).await?;
    members::note_factors(request, visitor.account.id).await;
    Ok(grant)
}
