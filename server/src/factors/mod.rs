//! What people prove themselves with besides their password, and how a proof is judged.
//!
//! Wherever a code can be entered (the sign-in, a step-up, setting up an app), the try is counted before anybody looks
//! at the code: however many doors there are, an account has five wrong codes in a quarter of an hour. Passkeys, which
//! nobody guesses, are not counted so: they let their owner in when somebody else has used up the codes.

mod authenticators;
mod disown;
pub mod passkeys;
mod recovery;
pub(crate) mod sql;
mod tries;

use domain::audit::{Action, Actor, Draft, Fact};
use domain::detections::FactKind;
use domain::factors::{Code, RecoveryCode};
use domain::fields::FieldProblem;
use domain::ids::AccountId;

pub use authenticators::{Enrolment, begin, confirm, enrolment, list, remove};
pub use disown::NamedFactor;
pub(crate) use disown::{list_all, take_away};
pub use recovery::{generate_recovery_codes, recovery_codes_left};
use tries::Attempt;
pub(crate) use tries::REMEMBERED as TRIES_REMEMBERED;

use crate::detections::failures::{self, Whose};
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::PlatformTx;

/// A door at which somebody enters a code: who, and how the audit log calls what they want.
pub(crate) struct Door {
    pub(crate) account: AccountId,
    pub(crate) actor: Actor<Fact>,
    pub(crate) action: Action,
}

impl Door {
    /// Puts on record that somebody did not get through with what they typed in a field, in a transaction of its own.
    /// Returns what they are told.
    async fn refuse(&self, request: &RequestContext, field: &'static str) -> Result<Error, Error> {
        let entry = Draft::failed(self.action.clone(), self.actor.clone())
            .unnamed_target("account", self.account)
            .added("method", field)
            .within(request.audited());
        let mut tx = request.portal().store().platform().await?;
        failures::add(tx.conn(), request, FactKind::CodeFailed, Whose::Account(self.account)).await?;
        tx.commit(request, entry).await?;
        Ok(Error::field(field, FieldProblem::WrongCode))
    }
}

/// Judges a code of the account's. A right one is spent in the transaction that this returns, in which
/// the act that it opens goes on: if the act fails, the code is still good.
///
/// # Errors
/// A wrong, old or spent code at the field `code`, of which an entry tells; too many tries.
pub(crate) async fn prove(request: &RequestContext, door: &Door, code: &str) -> Result<PlatformTx, Error> {
    let code = typed("code", Code::parse(code))?;
    let mut attempt = Attempt::begin(request, door).await?;
    let right = match code {
        Some(code) => authenticators::spend(&mut attempt.tx, request, door.account, &code).await?,
        None => false,
    };
    Ok(attempt.judge("code", right.then_some(())).await?.0)
}

/// As [`prove`], with a recovery code; also tells how many are left.
///
/// # Errors
/// As [`prove`], at the field `recovery_code`.
pub(crate) async fn prove_by_recovery_code(
    request: &RequestContext,
    door: &Door,
    code: &str,
) -> Result<(PlatformTx, u32), Error> {
    let code = typed("recovery_code", RecoveryCode::parse(code))?;
    let mut attempt = Attempt::begin(request, door).await?;
    let left = match code {
        Some(code) => recovery::spend(attempt.tx.conn(), request, door.account, &code).await?,
        None => None,
    };
    attempt.judge("recovery_code", left).await
}

/// A code as it was typed; none when it has not the form of one, which is counted and told as a wrong one is.
///
/// # Errors
/// Nothing was typed, which is no try.
fn typed<T>(field: &'static str, parsed: Result<T, FieldProblem>) -> Result<Option<T>, Error> {
    match parsed {
        Ok(code) => Ok(Some(code)),
        Err(FieldProblem::WrongCode) => Ok(None),
        Err(problem) => Err(Error::field(field, problem)),
    }
}
