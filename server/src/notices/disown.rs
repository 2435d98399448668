//! "This was not me."

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::ids::{AuthenticatorId, PasskeyId};
use domain::notices::Event;
use domain::problem::Problem;

use super::{FACTOR_LIFETIME, Notice, sql};
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::factors;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sign_in;
use crate::store::PlatformTx;
use crate::tokens::{self, Purpose, Secret};

const DISOWNED: Action = Action::new("notice.disowned");
const SESSIONS_ENDED: Action = Action::new("session.all_ended");
const PASSWORD_VOIDED: Action = Action::new("password.voided");

/// What was done about something that was not the owner's doing, besides ending sessions and voiding the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disowned {
    /// What it was.
    pub event: Event,
    /// Whether the factor that was added is gone.
    pub factor_removed: bool,
}

/// What a link is about. It changes nothing.
///
/// # Errors
/// Why the link is not good.
pub async fn lookup(request: &RequestContext, secret: &str) -> Result<Notice, Error> {
    let mut tx = request.portal().store().platform().await?;
    let notice = find(&mut tx, request, &Secret::from_address(secret)).await?;
    tx.end().await?;
    Ok(notice)
}

async fn find(tx: &mut PlatformTx, request: &RequestContext, secret: &Secret) -> Result<Notice, Error> {
    let token = tokens::lookup(tx.conn(), Purpose::NotMe, secret).await?;
    let token = tokens::judge(token, request.now)?;
    let notice = sql::lookup(tx.conn(), token.subject).await?.ok_or(Problem::NotFound)?;
    let takes_factor = notice.event.added().is_some() && request.now - token.created_at < FACTOR_LIFETIME;
    Ok(Notice { takes_factor, ..notice })
}

/// Ends all sessions of the account, takes its password away, and mails a link to choose another. Where the mail told of
/// a factor that was added, and has gone out within a day, that factor goes, too. Nobody is signed in by it, and nothing
/// changes in organizations.
///
/// # Errors
/// Why the link is not good.
pub async fn disown(request: &RequestContext, secret: &str) -> Result<Disowned, Error> {
    let secret = Secret::from_address(secret);
    let mut tx = request.portal().store().platform().await?;
    let notice = find(&mut tx, request, &secret).await?;
    let account = notice.account;
    // The account first, here as everywhere: two that lock in different orders would wait for each other.
    factors::sql::lock_account(tx.conn(), account).await?;
    if !tokens::consume(tx.conn(), Purpose::NotMe, &secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    outbox::cancel(tx.conn(), notice.id).await?;
    tokens::end_all(tx.conn(), Purpose::NotMe, notice.id, request.now).await?;

    accounts::end_sessions(tx.conn(), account).await?;
    accounts::void_password(tx.conn(), account).await?;
    sign_in::end_resets(tx.conn(), account, request.now).await?;
    let (name, email) = accounts::lookup_name(tx.conn(), account).await?.ok_or(Problem::NotFound)?;
    let letter = Letter::Reset { account, to: &EmailAddress::stored(email), name: &name };
    outbox::post(tx.conn(), request, letter).await?;
    let actor = Actor::person(account, name);
    let on_account = |action| Draft::done(action, actor.clone()).unnamed_target("account", account);
    let mut entries = vec![
        Draft::done(DISOWNED, actor.clone()).unnamed_target("notice", notice.id).added("event", notice.event.code()),
        on_account(SESSIONS_ENDED),
        on_account(PASSWORD_VOIDED),
        on_account(sign_in::RESET_REQUESTED),
    ];
    let removed = take_away(&mut tx, &notice, &actor).await?;
    let factor_removed = removed.is_some();
    entries.extend(removed);
    let entries = entries.into_iter().map(|entry| entry.within(request.audited())).collect();
    tx.commit_all(request, entries).await?;
    Ok(Disowned { event: notice.event, factor_removed })
}

/// Takes the factor away that a mail told of, if the mail is not too old and the factor still there. Returns the entry.
async fn take_away(tx: &mut PlatformTx, notice: &Notice, actor: &Actor<Fact>) -> Result<Option<Draft>, Error> {
    let Some(id) = notice.factor.filter(|_| notice.takes_factor) else { return Ok(None) };
    let removed = |action, kind, name| Draft::done(action, actor.clone()).target(kind, id, Personal(name));
    let (conn, account) = (tx.conn(), notice.account);
    Ok(match notice.event {
        Event::AuthenticatorAdded => factors::disown_authenticator(conn, account, AuthenticatorId(id))
            .await?
            .map(|name| removed(factors::AUTHENTICATOR_REMOVED, "authenticator", name)),
        Event::PasskeyAdded => factors::passkeys::disown(conn, account, PasskeyId(id))
            .await?
            .map(|name| removed(factors::passkeys::REMOVED, "passkey", name)),
        _ => None,
    })
}
