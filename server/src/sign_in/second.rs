//! The second step of signing in.

use domain::audit::Draft;
use domain::email::EmailAddress;
use domain::factors::Factors;
use domain::policy::SignInMethod;
use domain::problem::Problem;

use super::SIGNED_IN;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::factors::passkeys::{self, Origin};
use crate::factors::{self, Door};
use crate::notices::known_devices;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Halfway, Stage};
use crate::store::PlatformTx;

/// The purpose of a challenge that a passkey answers.
const PURPOSE: &str = "second_step";

/// The second proofs that somebody can give.
///
/// # Errors
/// The database does not answer.
pub async fn second_ways(request: &RequestContext, halfway: &Halfway) -> Result<Factors, Error> {
    let mut tx = request.portal().store().platform().await?;
    let factors = factors::sql::factors(tx.conn(), halfway.account.id).await?;
    tx.end().await?;
    Ok(factors)
}

/// What the browser of somebody has to know who uses a passkey, as JSON.
///
/// # Errors
/// The database does not answer.
pub async fn begin_second_by_passkey(request: &RequestContext, halfway: &Halfway) -> Result<String, Error> {
    passkeys::ask(request, Origin::Session(halfway.session, PURPOSE), Some(halfway.account.id)).await
}

/// Finishes signing in with a passkey, also when the codes of the account were used up.
///
/// # Errors
/// An answer that is none, at the field `passkey`; the account has changed since the password was given.
pub async fn finish_by_passkey(request: &RequestContext, halfway: &Halfway, answer: &str) -> Result<Grant, Error> {
    let door = Door { account: halfway.account.id, actor: halfway.actor(), action: SIGNED_IN };
    let tx = passkeys::prove(request, &door, Origin::Session(halfway.session, PURPOSE), answer).await?;
    finish(tx, request, halfway, (SignInMethod::PasswordAndPasskey, "passkey")).await
}

/// Finishes signing in with a code from an authenticator app.
///
/// # Errors
/// A wrong code at the field `code`; too many tries; the account has changed since the password was given.
pub async fn finish_by_code(request: &RequestContext, halfway: &Halfway, code: &str) -> Result<Grant, Error> {
    let door = Door { account: halfway.account.id, actor: halfway.actor(), action: SIGNED_IN };
    let tx = factors::prove(request, &door, code).await?;
    finish(tx, request, halfway, (SignInMethod::Code, "authenticator")).await
}

/// Finishes signing in with a recovery code, of which the person is told by mail, if they have shown to read it.
///
/// # Errors
/// A wrong or used code at the field `recovery_code`; otherwise as [`finish_by_code`].
pub async fn finish_by_recovery_code(request: &RequestContext, halfway: &Halfway, code: &str) -> Result<Grant, Error> {
    let account = &halfway.account;
    let door = Door { account: account.id, actor: halfway.actor(), action: SIGNED_IN };
    let (mut tx, left) = factors::prove_by_recovery_code(request, &door, code).await?;
    if account.email_proven {
        let to = EmailAddress::stored(&account.email);
        let letter = Letter::RecoveryCodeUsed { account: account.id, to: &to, name: &account.name, left };
        outbox::post(tx.conn(), request, letter).await?;
    }
    finish(tx, request, halfway, (SignInMethod::Code, "recovery_code")).await
}

/// Begins the session, in the transaction in which the second proof was taken.
async fn finish(
    mut tx: PlatformTx,
    request: &RequestContext,
    halfway: &Halfway,
    (shown, method): (SignInMethod, &'static str),
) -> Result<Grant, Error> {
    let account = halfway.account.id;
    // Whatever ended sessions meanwhile, such as another password, ends this way in, too.
    if accounts::lock_epoch(tx.conn(), account).await? != Some(halfway.epoch) {
        return Err(Problem::Changed.into());
    }
    sessions::use_up(&mut tx, halfway).await?;
    let (grant, session) = sessions::begin(&mut tx, request, account, halfway.epoch, (Stage::Full, shown)).await?;
    known_devices::note(tx.conn(), request, account).await?;
    let entry = Draft::done(SIGNED_IN, halfway.actor())
        .unnamed_target("session", session)
        .added("second_factor", method)
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(grant)
}
