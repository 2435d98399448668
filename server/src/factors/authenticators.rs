//! Authenticator apps: codes that change every 30 seconds, of which one step before and one after the
//! portal's clock are taken, too (TOTP, RFC 6238, SHA-1 and six digits: what every app understands).

use domain::audit::{Action, Draft, LogId, Personal};
use domain::factors::{Authenticator, CODE_DIGITS, Code};
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::{AccountId, AuthenticatorId};
use domain::notices::Event;
use domain::problem::Problem;
use domain::text::DeviceName;
use time::{Duration, OffsetDateTime};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::tries::Attempt;
use super::{Door, recovery, sql};
use crate::error::Error;
use crate::keys::{Sealable, Sealed, SealingKey};
use crate::members;
use crate::notices;
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Visitor};
use crate::store::PlatformTx;

const STARTED: Action = Action::new("authenticator.enrolment_started");
const ADDED: Action = Action::new("authenticator.added");
pub(super) const REMOVED: Action = Action::new("authenticator.removed");

/// The bytes of a secret: as many as SHA-1 has, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// How long an enrolment that has begun can be finished.
const ENROLMENT_LIFETIME: Duration = Duration::minutes(15);
/// The most that one person has.
const MOST: i64 = 10;
/// What a device is called whose owner has not named it.
const UNNAMED: &str = "Authenticator app";

/// An enrolment that waits for a right code: what the app has to learn.
pub struct Enrolment {
    /// The secret in Base32, in groups of four, for typing.
    pub secret: Zeroizing<String>,
    /// The same for a camera, as an `otpauth://` address.
    pub address: Zeroizing<String>,
}

/// The authenticator apps of a person that count, the oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(request: &RequestContext, visitor: &Visitor) -> Result<Vec<Authenticator>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sql::list(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(rows)
}

/// Begins to add an app: makes a secret, which counts for nothing until [`confirm`]. One that was begun before and
/// not finished goes.
///
/// # Errors
/// A step-up is needed; there are too many already.
pub async fn begin(request: &RequestContext, visitor: &Visitor) -> Result<AuthenticatorId, Error> {
    visitor.require_fresh(request)?;
    let (portal, account) = (request.portal(), visitor.account.id);
    let id = AuthenticatorId(portal.uuid(request.now));
    let mut secret = Secret(Zeroizing::new(vec![0; SECRET_BYTES]));
    portal.randomness().fill(&mut secret.0);
    let mut tx = portal.store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let key = portal.keys().secrets(tx.conn()).await?;
    let sealed = Sealed::new(&key, LogId::Platform, &id, &secret, portal.randomness())?;
    sql::remove_unfinished(tx.conn(), account).await?;
    if sql::count(tx.conn(), account).await? >= MOST {
        return Err(Problem::Changed.into());
    }
    sql::add(tx.conn(), id, account, UNNAMED, &sealed, request.now).await?;
    let entry = Draft::done(STARTED, visitor.actor()).unnamed_target("authenticator", id).within(request.audited());
    tx.commit(request, entry).await?;
    Ok(id)
}

/// What the app has to learn, for as long as it was not confirmed.
///
/// # Errors
/// A step-up is needed; not found: not the visitor's, finished already, or begun too long ago.
pub async fn enrolment(request: &RequestContext, visitor: &Visitor, id: AuthenticatorId) -> Result<Enrolment, Error> {
    visitor.require_fresh(request)?;
    let mut tx = request.portal().store().platform().await?;
    let totp = unfinished(&mut tx, request, visitor, id).await?;
    tx.end().await?;
    let plain = Zeroizing::new(totp.secret().to_base32());
    let groups: Vec<&str> = plain.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let address = totp.to_url().map_err(|error| Error::internal(error.to_string()))?;
    Ok(Enrolment { secret: Zeroizing::new(groups.join(" ")), address: Zeroizing::new(address) })
}

/// Finishes adding an app by a code that it shows: it counts from now on. Every other session ends, and
/// the one that asked goes on, freshly proven for some minutes.
///
/// # Errors
/// A step-up is needed; a wrong code at the field `code`, a name that is none at `name`; not found, as [`enrolment`];
/// too many tries or changes.
pub async fn confirm(
    request: &RequestContext,
    visitor: &Visitor,
    id: AuthenticatorId,
    name: &str,
    code: &str,
) -> Result<Grant, Error> {
    // What is not there is told before what is wrong in the form.
    enrolment(request, visitor, id).await?;
    let name = if name.trim().is_empty() { UNNAMED } else { name };
    let mut errors = FieldErrors::default();
    let name = errors.check("name", DeviceName::parse(name));
    let code = match Code::parse(code) {
        Err(FieldProblem::WrongCode) => None,
        parsed => errors.check("code", parsed),
    };
    let (Some(name), true) = (name, errors.is_empty()) else { return Err(errors.into()) };
    let door = Door { account: visitor.account.id, actor: visitor.actor(), action: ADDED };
    let mut attempt = Attempt::begin(request, &door).await?;
    sessions::hold(&mut attempt.tx, visitor).await?;
    let totp = unfinished(&mut attempt.tx, request, visitor, id).await?;
    let step = code.and_then(|code| matching_step(&totp, &code, request.now));
    let (mut tx, step) = attempt.judge("code", step).await?;
    if let Err(refusal) = request.portal().limits().judge_sign_in_change(request, visitor) {
        tx.end().await?;
        return Err(refusal.on_platform(request).await?);
    }
    if !sql::confirm(tx.conn(), id, name.as_str(), step, request.now).await? {
        return Err(Problem::Changed.into());
    }
    let grant = sessions::go_on_alone(&mut tx, request, visitor, Some(visitor.method.with_code())).await?;
    let entry = Draft::done(ADDED, visitor.actor())
        .target("authenticator", id, Personal(name.as_str().to_owned()))
        .within(request.audited());
    let told = Some((id.0, name.as_str()));
    notices::tell(tx.conn(), request, visitor.account.id, Event::AuthenticatorAdded, told).await?;
    tx.commit(request, entry).await?;
    members::note_factors(request, visitor.account.id).await;
    Ok(grant)
}

/// Removes an app, with a fresh proof of who asks. Every other session ends, and the one that asked goes on.
///
/// # Errors
/// A step-up is needed; too many changes; not found, when it is not the visitor's.
pub async fn remove(request: &RequestContext, visitor: &Visitor, id: AuthenticatorId) -> Result<Grant, Error> {
    visitor.require_fresh(request)?;
    request.portal().limits().count_sign_in_change(request, visitor).await?;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let name = sql::remove(tx.conn(), visitor.account.id, id).await?.ok_or(Problem::NotFound)?;
    recovery::remove_with_last_factor(tx.conn(), visitor.account.id).await?;
    let grant = sessions::go_on_alone(&mut tx, request, visitor, None).await?;
    let told = Some((id.0, name.as_str()));
    notices::tell(tx.conn(), request, visitor.account.id, Event::AuthenticatorRemoved, told).await?;
    let entry =
        Draft::done(REMOVED, visitor.actor()).target("authenticator", id, Personal(name)).within(request.audited());
    tx.commit(request, entry).await?;
    members::note_factors(request, visitor.account.id).await;
    Ok(grant)
}

/// Takes a code of any of the account's apps, once: false for a wrong, old or spent one.
pub(super) async fn spend(
    tx: &mut PlatformTx,
    request: &RequestContext,
    account: AccountId,
    code: &Code,
) -> Result<bool, Error> {
    let key = request.portal().keys().secrets(tx.conn()).await?;
    for (id, sealed) in sql::secrets(tx.conn(), account).await? {
        let totp = open(&key, id, &sealed, "")?;
        if let Some(step) = matching_step(&totp, code, request.now)
            && sql::spend(tx.conn(), id, step, request.now).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An enrolment of the visitor's that can still be finished.
async fn unfinished(
    tx: &mut PlatformTx,
    request: &RequestContext,
    visitor: &Visitor,
    id: AuthenticatorId,
) -> Result<Totp, Error> {
    let since = request.now - ENROLMENT_LIFETIME;
    let sealed = sql::unfinished(tx.conn(), visitor.account.id, id, since).await?.ok_or(Problem::NotFound)?;
    let key = request.portal().keys().secrets(tx.conn()).await?;
    open(&key, id, &sealed, &visitor.account.email)
}

/// The app's side of a sealed secret. One that was altered, or put into another row, does not open.
fn open(key: &SealingKey, id: AuthenticatorId, sealed: &Sealed<Secret>, email: &str) -> Result<Totp, Error> {
    let Secret(secret) = sealed.open(key, LogId::Platform, &id)?;
    Builder::new()
        .with_secret(secret.as_slice())
        .with_issuer(Some("Portcullis"))
        .with_account_name(email)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

/// What an app and the portal both know.
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Sealable for Secret {
    const TABLE: &'static str = "authenticators";
    const COLUMN: &'static str = "secret";

    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(self.0.clone())
    }

    fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        Ok(Self(plain))
    }
}

/// The step of time that a code belongs to.
fn matching_step(totp: &Totp, code: &Code, now: OffsetDateTime) -> Option<i64> {
    debug_assert_eq!(usize::from(totp.digits()), CODE_DIGITS);
    let step = totp.check(code.as_str(), u64::try_from(now.unix_timestamp()).ok()?)?;
    i64::try_from(step).ok()
}
