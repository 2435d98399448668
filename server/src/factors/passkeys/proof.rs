//! Judging the answer of a passkey.

use std::net::IpAddr;

use domain::audit::{Action, Actor, Draft, Fact};
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use serde::de::DeserializeOwned;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, WebauthnError};

use super::challenges::{self, Origin};
use super::{ANSWER_MAX, FIELD, required, sql};
use crate::error::Error;
use crate::factors::{self, Door};
use crate::limits;
use crate::request::RequestContext;
use crate::store::PlatformTx;

/// Judges the answer of somebody who is known. It is noted in the transaction that this returns, in which the act that it
/// opens goes on.
///
/// # Errors
/// An answer that is not one of the account's passkeys to this challenge, at the field `passkey`, of which an entry
/// tells: whatever is wrong with it, nobody is told what. Too many of them from one network.
pub(crate) async fn prove(
    request: &RequestContext,
    door: &Door,
    origin: Origin,
    answer: &str,
) -> Result<PlatformTx, Error> {
    let tried = Try::of(request, door.actor.clone(), door.action.clone(), Some(door.account), answer).await?;
    match judge(request, Some(origin), answer, Some(door.account)).await? {
        Ok((tx, _)) => {
            tried.forgive();
            Ok(tx)
        }
        Err(wrong) => Err(tried.at(wrong.account).refuse(wrong.went_back).await?),
    }
}

/// As [`prove`], for somebody whom the passkey alone tells; `origin` is none when the browser keeps no challenge. The
/// account is locked.
///
/// # Errors
/// As [`prove`].
pub(crate) async fn identify(
    request: &RequestContext,
    action: Action,
    origin: Option<Origin>,
    answer: &str,
) -> Result<(PlatformTx, AccountId), Error> {
    let tried = Try::of(request, Actor::stranger(), action, None, answer).await?;
    match judge(request, origin, answer, None).await? {
        Ok(right) => {
            tried.forgive();
            Ok(right)
        }
        Err(wrong) => Err(tried.at(wrong.account).refuse(wrong.went_back).await?),
    }
}

/// A try to answer, counted before it is looked at.
pub(super) struct Try<'a> {
    request: &'a RequestContext,
    network: Option<IpAddr>,
    actor: Actor<Fact>,
    action: Action,
    account: Option<AccountId>,
}

impl<'a> Try<'a> {
    /// As [`Try::count`]; who has sent nothing is told so, and has not tried.
    async fn of(
        request: &'a RequestContext,
        actor: Actor<Fact>,
        action: Action,
        account: Option<AccountId>,
        answer: &str,
    ) -> Result<Self, Error> {
        if answer.is_empty() {
            return Err(Error::field(FIELD, FieldProblem::Required));
        }
        Self::count(request, actor, action, account).await
    }

    /// Counts it.
    pub(super) async fn count(
        request: &'a RequestContext,
        actor: Actor<Fact>,
        action: Action,
        account: Option<AccountId>,
    ) -> Result<Self, Error> {
        let network = request.ip.map(limits::network);
        if let Some(network) = &network {
            request.portal().limits().passkey_network.count(request, actor.clone(), network).await?;
        }
        Ok(Self { request, network, actor, action, account })
    }

    fn at(self, account: Option<AccountId>) -> Self {
        Self { account: account.or(self.account), ..self }
    }

    /// Takes it back: the answer was right.
    pub(super) fn forgive(&self) {
        if let Some(network) = &self.network {
            self.request.portal().limits().passkey_network.forgive(network);
        }
    }

    /// Puts on record that somebody did not get through. Returns what they are told.
    pub(super) async fn refuse(self, went_back: bool) -> Result<Error, Error> {
        let target = self.account.map_or_else(String::new, |account| account.to_string());
        let mut entry = Draft::failed(self.action, self.actor).unnamed_target("account", target).added("method", FIELD);
        if went_back {
            // Two devices may have the key.
            entry = entry.added("counter", "went_back");
        }
        let entry = entry.within(self.request.audited());
        self.request.portal().store().platform().await?.commit(self.request, entry).await?;
        Ok(Error::field(FIELD, FieldProblem::WrongCode))
    }
}

/// An answer that opens nothing.
#[derive(Default)]
struct Wrong {
    /// Whose passkey it names.
    account: Option<AccountId>,
    /// Its device has counted less than before.
    went_back: bool,
}

/// An answer as JSON; none when it is something else, or far too long.
pub(super) fn read<T: DeserializeOwned>(answer: &str) -> Option<T> {
    if answer.len() > ANSWER_MAX { None } else { serde_json::from_str(answer).ok() }
}

/// Judges an answer: a right one is noted in the transaction that this returns, in which its account is locked.
async fn judge(
    request: &RequestContext,
    origin: Option<Origin>,
    answer: &str,
    of: Option<AccountId>,
) -> Result<Result<(PlatformTx, AccountId), Wrong>, Error> {
    let state: Option<DiscoverableAuthentication> = match origin {
        Some(origin) => challenges::take(request, origin).await?,
        None => None,
    };
    let (Some(state), Some(answer)) = (state, read::<PublicKeyCredential>(answer)) else {
        return Ok(Err(Wrong::default()));
    };
    let mut tx = request.portal().store().platform().await?;
    let owner = sql::owner(tx.conn(), answer.get_credential_id()).await?;
    let is_owner = owner.is_some_and(|owner| of.is_none_or(|account| account == owner));
    let (Some(account), true) = (owner, is_owner) else {
        tx.end().await?;
        return Ok(Err(Wrong::default()));
    };
    // The account first, here as everywhere: two that lock in different orders would wait for each other.
    factors::sql::lock_account(tx.conn(), account).await?;
    let checked = match sql::credential(tx.conn(), account, answer.get_credential_id()).await? {
        Some((id, stored)) if names(&answer, account, of.is_some()) => {
            let mut passkey: Passkey = serde_json::from_value(stored).map_err(Error::internal)?;
            let checked = required(request)?.finish_discoverable_authentication_v2(&answer, state, &passkey);
            checked.map(|result| {
                passkey.update_credential(&result);
                (id, passkey)
            })
        }
        // It was removed meanwhile, or is another's.
        _ => Err(WebauthnError::CredentialNotFound),
    };
    let checked = checked.map_err(|error| matches!(error, WebauthnError::CredentialPossibleCompromise));
    match checked {
        Ok((id, passkey)) => {
            sql::note_use(tx.conn(), id, &passkey, request.now).await?;
            Ok(Ok((tx, account)))
        }
        Err(went_back) => {
            tx.end().await?;
            Ok(Err(Wrong { account: Some(account), went_back }))
        }
    }
}

/// Whether an answer is by the account's own word: whoever is known already may leave it out.
fn names(answer: &PublicKeyCredential, account: AccountId, is_known: bool) -> bool {
    match answer.get_user_unique_id() {
        Some(handle) => handle == account.0.as_bytes(),
        None => is_known,
    }
}
