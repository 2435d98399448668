//! What people prove themselves with besides their password, and how a proof is judged.
//!
//! Every door at which a code can be entered (the sign-in, a step-up, adding or removing a factor) asks [`prove`],
//! which counts the try before it looks at the code: however many doors there are, an account has five
//! wrong codes in a quarter of an hour.

mod authenticators;
pub(crate) mod sql;
mod tries;

use domain::audit::{Action, Actor, Draft, Fact};
use domain::factors::Code;
use domain::fields::FieldProblem;
use domain::ids::AccountId;

pub use authenticators::{Enrolment, begin, confirm, enrolment, list, remove};
pub(crate) use tries::REMEMBERED as TRIES_REMEMBERED;

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
    /// Puts on record that somebody did not get through, in a transaction of its own.
    async fn refuse(&self, request: &RequestContext, method: &'static str) -> Result<(), Error> {
        let entry = Draft::failed(self.action.clone(), self.actor.clone())
            .unnamed_target("account", self.account)
            .added("method", method)
            .within(request.audited());
        request.portal().store().platform().await?.commit(request, entry).await
    }
}

/// A code as it was typed; none when it has not the form of one, which is counted and told as a wrong one is.
///
/// # Errors
/// Nothing was typed, which is no try.
fn typed(code: &str) -> Result<Option<Code>, FieldProblem> {
    match Code::parse(code) {
        Ok(code) => Ok(Some(code)),
        Err(FieldProblem::WrongCode) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Judges a code of the account's. A right one is spent in the transaction that this returns, in which
/// the act that it opens goes on: if the act fails, the code is still good.
///
/// # Errors
/// A wrong, old or spent code at the field `code`, of which an entry tells; too many tries.
pub(crate) async fn prove(request: &RequestContext, door: &Door, code: &str) -> Result<PlatformTx, Error> {
    let code = typed(code).map_err(|problem| Error::field("code", problem))?;
    let tried = tries::count(request, door).await?;
    let mut tx = request.portal().store().platform().await?;
    if let Some(code) = code
        && authenticators::spend(&mut tx, request, door.account, &code).await?
    {
        tries::take_back(tx.conn(), tried).await?;
        return Ok(tx);
    }
    tx.end().await?;
    door.refuse(request, "code").await?;
    Err(Error::field("code", FieldProblem::WrongCode))
}
