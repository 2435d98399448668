//! A fresh proof that it is still the same person, before what is worth more than an unattended browser.

use domain::audit::{Action, Draft};
use domain::factors::Factors;
use domain::fields::FieldProblem;
use domain::policy::SignInMethod;
use domain::problem::Problem;

use crate::accounts;
use crate::error::Error;
use crate::factors::passkeys::{self, Origin};
use crate::factors::{self, Door};
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Visitor};
use crate::store::PlatformTx;

const STEPPED_UP: Action = Action::new("session.elevated");

/// The purpose of a challenge that a passkey answers.
const PURPOSE: &str = "step_up";

/// The ways in which somebody can prove themselves; the password counts only for those who have no other.
///
/// # Errors
/// The database does not answer.
pub async fn ways(request: &RequestContext, visitor: &Visitor) -> Result<Factors, Error> {
    let mut tx = request.portal().store().platform().await?;
    let factors = factors::sql::factors(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(factors)
}

/// Proves it with a code from an authenticator app.
///
/// # Errors
/// A wrong code at the field `code`; too many tries; the session has ended.
pub async fn by_code(request: &RequestContext, visitor: &Visitor, code: &str) -> Result<Grant, Error> {
    let door = Door { account: visitor.account.id, actor: visitor.actor(), action: STEPPED_UP };
    let tx = factors::prove(request, &door, code).await?;
    elevate(tx, request, visitor, (visitor.method.with_code(), "authenticator")).await
}

/// What the browser has to know to prove it with a passkey, as JSON.
///
/// # Errors
/// The database does not answer.
pub async fn begin_by_passkey(request: &RequestContext, visitor: &Visitor) -> Result<String, Error> {
    passkeys::ask(request, Origin::Session(visitor.session, PURPOSE), Some(visitor.account.id)).await
}

/// Proves it with a passkey.
///
/// # Errors
/// An answer that is none, at the field `passkey`; too many of them; the session has ended.
pub async fn by_passkey(request: &RequestContext, visitor: &Visitor, answer: &str) -> Result<Grant, Error> {
    let door = Door { account: visitor.account.id, actor: visitor.actor(), action: STEPPED_UP };
    let tx = passkeys::prove(request, &door, Origin::Session(visitor.session, PURPOSE), answer).await?;
    elevate(tx, request, visitor, (visitor.method.with_passkey(), "passkey")).await
}

/// Proves it with the password, for somebody who has no other factor.
///
/// # Errors
/// A wrong password at the field `password`; another factor has to be used; too many tries; the session has ended.
pub async fn by_password(request: &RequestContext, visitor: &Visitor, password: &str) -> Result<Grant, Error> {
    if password.is_empty() {
        return Err(Error::field("password", FieldProblem::Required));
    }
    if !accounts::is_current(request, visitor, STEPPED_UP, password).await? {
        return Err(Error::field("password", FieldProblem::WrongPassword));
    }
    let mut tx = request.portal().store().platform().await?;
    factors::sql::lock_account(tx.conn(), visitor.account.id).await?;
    if factors::sql::factors(tx.conn(), visitor.account.id).await?.any() {
        return Err(Problem::Changed.into());
    }
    elevate(tx, request, visitor, (visitor.method, "password")).await
}

async fn elevate(
    mut tx: PlatformTx,
    request: &RequestContext,
    visitor: &Visitor,
    (shown, method): (SignInMethod, &'static str),
) -> Result<Grant, Error> {
    let grant = sessions::elevate(&mut tx, request, visitor, shown).await?;
    let entry = Draft::done(STEPPED_UP, visitor.actor())
        .unnamed_target("session", visitor.session)
        .added("method", method)
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(grant)
}
