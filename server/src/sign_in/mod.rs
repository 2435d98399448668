//! Signing in, and getting back in after forgetting the password.

mod passkey;
mod second;

use domain::audit::{Action, Actor, Draft};
use domain::detections::FactKind;
use domain::email::EmailAddress;
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::AccountId;
use domain::notices::Event;
use domain::policy::SignInMethod;
use domain::problem::Problem;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::accounts::sql as accounts;
use crate::api_keys;
use crate::detections::failures::{self, Whose};
use crate::error::Error;
use crate::factors;
use crate::limits;
use crate::members;
use crate::notices::{self, known_devices};
use crate::outbox::{self, Letter};
use crate::passwords::About;
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Stage};
use crate::store::PlatformTx;
use crate::tokens::{self, Purpose, Secret};

pub use passkey::{Challenge, begin_by_passkey, by_passkey};
pub use second::{begin_second_by_passkey, finish_by_code, finish_by_passkey, finish_by_recovery_code, second_ways};

pub(crate) const SIGNED_IN: Action = Action::new("session.started");
const PASSWORD_ACCEPTED: Action = Action::new("session.password_accepted");
pub(crate) const RESET_REQUESTED: Action = Action::new("password.reset_requested");
const RESET: Action = Action::new("password.reset");

/// How long a link to choose a new password is good.
pub(crate) const RESET_LIFETIME: Duration = Duration::hours(1);

/// The most characters of a password that is looked at.
const PASSWORD_LIMIT: usize = 4 * domain::password::PASSWORD_MAX as usize;

/// Signs in with address and password, all the way or to the second step, as [`Grant::stage`] tells. Known
/// and unknown addresses get the same answer after the same work.
///
/// # Errors
/// Wrong credentials at the field `password`, or too many tries.
pub async fn sign_in(request: &RequestContext, email: &str, password: &str) -> Result<Grant, Error> {
    let mut missing = FieldErrors::default();
    let address = missing.check("email", EmailAddress::asked(email));
    if password.is_empty() {
        missing.add("password", FieldProblem::Required);
    }
    let (Some(email), true) = (address, missing.is_empty()) else { return Err(missing.into()) };
    let portal = request.portal();
    count_try(request, &email).await?;

    let mut tx = portal.store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &email).await?;
    tx.end().await?;
    let hash = known.as_ref().and_then(|known| known.password_hash.as_deref());
    let right = password.len() <= PASSWORD_LIMIT && portal.hasher().verify(password, hash).await?;
    let renewed = match hash {
        Some(stored) if right => portal.hasher().renew(password, stored, portal.random()).await?,
        _ => None,
    };

    let mut tx = portal.store().platform().await?;
    match known {
        Some(known) if right => {
            forgive_try(request, &email);
            if let (Some(stored), Some(renewed)) = (&known.password_hash, &renewed) {
                accounts::renew_hash(tx.conn(), known.account.id, stored, renewed).await?;
            }
            let factors = factors::sql::factors(tx.conn(), known.account.id).await?;
            let (stage, action) =
                if factors.any() { (Stage::Password, PASSWORD_ACCEPTED) } else { (Stage::Full, SIGNED_IN) };
            let (grant, session) =
                sessions::begin(&mut tx, request, known.account.id, known.epoch, (stage, SignInMethod::Password))
                    .await?;
            if stage == Stage::Full {
                known_devices::note(tx.conn(), request, known.account.id).await?;
            }
            let actor = Actor::person(known.account.id, known.account.name);
            let entry = Draft::done(action, actor).unnamed_target("session", session).within(request.audited());
            tx.commit(request, entry).await?;
            Ok(grant)
        }
        known => {
            let whose = match &known {
                Some(known) => Whose::Account(known.account.id),
                None => Whose::Nobody(&email),
            };
            failures::add(tx.conn(), request, FactKind::SignInFailed, whose).await?;
            let target = known.map_or_else(String::new, |known| known.account.id.to_string());
            let entry = Draft::failed(SIGNED_IN, Actor::stranger())
                .target("account", target, domain::audit::Personal(email.as_str().to_owned()))
                .within(request.audited());
            tx.commit(request, entry).await?;
            Err(Error::field("password", FieldProblem::WrongCredentials))
        }
    }
}

async fn count_try(request: &RequestContext, email: &EmailAddress) -> Result<(), Error> {
    let limits = request.portal().limits();
    if let Some(ip) = request.ip {
        limits.sign_in_network.count(request, Actor::stranger(), &limits::network(ip)).await?;
    }
    limits.sign_in_account.count(request, Actor::stranger(), email).await
}

fn forgive_try(request: &RequestContext, email: &EmailAddress) {
    let limits = request.portal().limits();
    if let Some(ip) = request.ip {
        limits.sign_in_network.forgive(&limits::network(ip));
    }
    limits.sign_in_account.forgive(email);
}

/// Begins a session for somebody who has just proved who they are in another way, such as by
/// accepting an invitation with a new account.
///
/// # Errors
/// Not found, when there is no such account.
pub async fn begin_session(request: &RequestContext, account: AccountId) -> Result<Grant, Error> {
    let tx = request.portal().store().platform().await?;
    start(tx, request, account, (SignInMethod::Password, None)).await
}

/// Begins a session, in the transaction in which somebody has proved who they are: how, and what of it is to be on record.
async fn start(
    mut tx: PlatformTx,
    request: &RequestContext,
    account: AccountId,
    (shown, method): (SignInMethod, Option<&'static str>),
) -> Result<Grant, Error> {
    let row = sqlx::query!("SELECT name, epoch FROM platform.accounts WHERE id = $1", account.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Problem::NotFound)?;
    let (grant, session) = sessions::begin(&mut tx, request, account, row.epoch, (Stage::Full, shown)).await?;
    known_devices::note(tx.conn(), request, account).await?;
    let mut entry = Draft::done(SIGNED_IN, Actor::person(account, row.name)).unnamed_target("session", session);
    if let Some(method) = method {
        entry = entry.added("method", method);
    }
    tx.commit(request, entry.within(request.audited())).await?;
    Ok(grant)
}

/// Sends a link to choose a new password, if the address has an account. The answer is the same
/// when it has none.
///
/// # Errors
/// A malformed address, or too many requests.
pub async fn request_reset(request: &RequestContext, email: &str) -> Result<(), Error> {
    let email = EmailAddress::asked(email).map_err(|problem| Error::field("email", problem))?;
    let portal = request.portal();
    // The network first: whoever asks for one address after the other leaves no entry for each.
    if let Some(ip) = request.ip {
        portal.limits().mail_network.count(request, Actor::stranger(), &limits::network(ip)).await?;
    }
    portal.limits().reset_mail.count(request, Actor::stranger(), &email).await?;
    let mut tx = portal.store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &email).await?;
    let (target, actor) = match &known {
        Some(known) => (known.account.id.to_string(), Actor::stranger()),
        None => (String::new(), Actor::stranger()),
    };
    if let Some(known) = &known {
        // One letter is enough, however often somebody has asked while it waited.
        outbox::cancel_resets(tx.conn(), known.account.id).await?;
        outbox::post(
            tx.conn(),
            request,
            Letter::Reset { account: known.account.id, to: &email, name: &known.account.name },
        )
        .await?;
    }
    let entry = Draft::done(RESET_REQUESTED, actor)
        .target("account", target, domain::audit::Personal(email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Name, address and organizations of whoever has a link to choose a new password: what everybody knows makes no
/// password.
///
/// # Errors
/// Why the link is not good.
pub async fn check_reset(request: &RequestContext, secret: &str) -> Result<Vec<String>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let token = tokens::lookup(tx.conn(), Purpose::Reset, &Secret::from_address(secret)).await?;
    let token = tokens::judge(token, request.now)?;
    let about = accounts::lookup_words(tx.conn(), AccountId(token.subject)).await?;
    tx.end().await?;
    Ok(about)
}

/// Ends the links with which an account would get another password, and the mail that would bring more of them.
pub(crate) async fn end_resets(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> Result<(), Error> {
    outbox::cancel_resets(conn, account).await?;
    tokens::end_all(conn, Purpose::Reset, account.0, now).await
}

/// Sets a new password by a link from a mail, ends every session of the account, and proves its
/// address.
///
/// # Errors
/// A password that is none, at the field `password`; or why the link is not good.
pub async fn reset(request: &RequestContext, secret: &str, password: &str) -> Result<(), Error> {
    let about = About::of(check_reset(request, secret).await?.iter().map(String::as_str));
    let portal = request.portal();
    let password =
        portal.hasher().judge(password, &about).await?.map_err(|problem| Error::field("password", problem))?;
    let kept = portal.hasher().hash(password, portal.random()).await?;

    let secret = Secret::from_address(secret);
    let mut tx = portal.store().platform().await?;
    let token = tokens::judge(tokens::lookup(tx.conn(), Purpose::Reset, &secret).await?, request.now)?;
    let account = AccountId(token.subject);
    // The account first, here as everywhere: two that lock in different orders would wait for each other.
    factors::sql::lock_account(tx.conn(), account).await?;
    if !tokens::consume(tx.conn(), Purpose::Reset, &secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    end_resets(tx.conn(), account, request.now).await?;
    let taken_over = accounts::take_over(tx.conn(), account, &kept, request.now).await?;
    if !taken_over {
        accounts::change_password_and_end_sessions(tx.conn(), account, &kept, request.now).await?;
    }
    let (name, email) = accounts::lookup_name(tx.conn(), account).await?.unwrap_or_default();
    notices::tell(tx.conn(), request, account, Event::PasswordChanged, None).await?;
    let actor = Actor::person(account, name);
    let entry = Draft::done(RESET, actor.clone()).unnamed_target("account", account).within(request.audited());
    tx.commit(request, entry).await?;
    if taken_over {
        members::note_factors(request, account).await;
        api_keys::end_of_account(request, account, &actor).await;
    }
    // Wrong passwords before this one do not keep the right one out.
    portal.limits().sign_in_account.forget(&EmailAddress::stored(email));
    Ok(())
}
