//! "This was not me."

use domain::audit::{Action, Actor, Draft, Fact, Personal, Public};
use domain::email::EmailAddress;
use domain::ids::AccountId;
use domain::notices::Event;
use domain::problem::Problem;

use super::{Notice, TAKING_LIFETIME, sql};
use crate::accounts::sql as accounts;
use crate::accounts::{self as people, address};
use crate::api_keys::{self, secrets};
use crate::error::Error;
use crate::factors::{self, NamedFactor};
use crate::members;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sign_in;
use crate::store::PlatformTx;
use crate::tokens::{self, Purpose, Secret};

const DISOWNED: Action = Action::new("notice.disowned");
const SESSIONS_ENDED: Action = Action::new("session.all_ended");
const PASSWORD_VOIDED: Action = Action::new("password.voided");
const CODES_REMOVED: Action = Action::new("recovery_codes.removed");

/// What was done about something that was not the owner's doing, besides ending sessions and API keys and voiding the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disowned {
    /// What it was.
    pub event: Event,
    /// What had been added since, and is gone.
    pub taken: Vec<NamedFactor>,
    /// What still signs in, with the password or without.
    pub kept: Vec<NamedFactor>,
    /// Whether recovery codes that had been made since are gone.
    pub codes_taken: bool,
    /// Whether a change of address waited, and is dropped.
    pub change_dropped: bool,
    /// What became of the address.
    pub address: AddressAfter,
}

/// What becomes of an account's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressAfter {
    /// It stays.
    Same,
    /// It is the former one again.
    GivenBack,
    /// Another account has the former one by now: nobody gets mail to choose a password.
    Taken,
}

/// What a link is about, and what it would do now. It changes nothing.
///
/// # Errors
/// Why the link is not good.
pub async fn lookup(request: &RequestContext, secret: &str) -> Result<Notice, Error> {
    let mut tx = request.portal().store().platform().await?;
    let (notice, is_young) = find(&mut tx, request, &Secret::from_address(secret)).await?;
    let added = added_since(&mut tx, &notice, is_young).await?;
    let drops_change = address::is_waiting(tx.conn(), notice.account).await?;
    tx.end().await?;
    Ok(Notice { takes: added.taken, takes_codes: added.codes, drops_change, ..notice })
}

/// The notice behind a link, and whether its mail is young enough to take away what was added.
async fn find(tx: &mut PlatformTx, request: &RequestContext, secret: &Secret) -> Result<(Notice, bool), Error> {
    let token = tokens::lookup(tx.conn(), Purpose::NotMe, secret).await?;
    let token = tokens::judge(token, request.now)?;
    let notice = sql::lookup(tx.conn(), token.subject).await?.ok_or(Problem::NotFound)?;
    Ok((notice, request.now - token.created_at < TAKING_LIFETIME))
}

/// Ends all sessions and API keys of the account, takes its password away, and mails a link to choose another. While the mail is
/// less than a day old, whatever was added since to sign in with goes, too. A change of address that waits is dropped,
/// and one that was completed is taken back by the mail about it. Nobody is signed in by it.
///
/// # Errors
/// Why the link is not good.
pub async fn disown(request: &RequestContext, secret: &str) -> Result<Disowned, Error> {
    let secret = Secret::from_address(secret);
    let mut tx = request.portal().store().platform().await?;
    let (notice, is_young) = find(&mut tx, request, &secret).await?;
    let (account, event) = (notice.account, notice.event);
    // The account first, here as everywhere: two that lock in different orders would wait for each other.
    factors::sql::lock_account(tx.conn(), account).await?;
    if !tokens::consume(tx.conn(), Purpose::NotMe, &secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    sql::disown_devices(tx.conn(), account, notice.device_hash.as_deref(), notice.at).await?;
    // Who shows a mail has shown to read mail there, and no more: whose act it is, the trail does not know.
    let actor = Actor::stranger();
    let mut trail = Trail { account, actor: actor.clone(), entries: Vec::new() };
    trail.add(trail.on_account(DISOWNED).added("event", event.code()));
    outbox::cancel(tx.conn(), notice.id).await?;
    tokens::end_all(tx.conn(), Purpose::NotMe, notice.id, request.now).await?;
    accounts::end_sessions(tx.conn(), account).await?;
    accounts::void_password(tx.conn(), account).await?;
    secrets::end_of_account(tx.conn(), account).await?;
    sign_in::end_resets(tx.conn(), account, request.now).await?;
    trail.add(trail.on_account(SESSIONS_ENDED));
    trail.add(trail.on_account(PASSWORD_VOIDED));

    let address = give_address_back(&mut tx, request, &notice, &mut trail).await?;
    let change = address::drop_unasked(tx.conn(), account, &trail.actor, request.now).await?;
    let change_dropped = change.is_some();
    trail.entries.extend(change);
    if address != AddressAfter::Taken {
        mail_reset(&mut tx, request, account).await?;
        trail.add(trail.on_account(sign_in::RESET_REQUESTED));
    }
    let added = take_away(&mut tx, &notice, is_young, &mut trail).await?;
    let tenants = accounts::memberships(tx.conn(), account).await?;
    let name = accounts::lookup_name(tx.conn(), account).await?.map(|(name, _)| name).unwrap_or_default();
    tx.commit_all(request, trail.within(request)).await?;

    members::note_factors(request, account).await;
    api_keys::end_of_account(request, account, &actor).await;
    if address == AddressAfter::GivenBack {
        people::renew_copies(request, &Actor::person(account, name), account, &tenants).await?;
    }
    Ok(Disowned { event, taken: added.taken, kept: added.kept, codes_taken: added.codes, change_dropped, address })
}

/// The entries of one act.
struct Trail {
    account: AccountId,
    actor: Actor<Fact>,
    entries: Vec<Draft>,
}

impl Trail {
    fn on_account(&self, action: Action) -> Draft {
        Draft::done(action, self.actor.clone()).unnamed_target("account", self.account)
    }

    fn add(&mut self, entry: Draft) {
        self.entries.push(entry);
    }

    fn within(self, request: &RequestContext) -> Vec<Draft> {
        self.entries.into_iter().map(|entry| entry.within(request.audited())).collect()
    }
}

/// Gives the account the address back that the notice is about, if it is about one. All other links of notices end then:
/// they went to whoever has had the account meanwhile.
async fn give_address_back(
    tx: &mut PlatformTx,
    request: &RequestContext,
    notice: &Notice,
    trail: &mut Trail,
) -> Result<AddressAfter, Error> {
    let Some(former) = &notice.former_email else { return Ok(AddressAfter::Same) };
    let former = EmailAddress::stored(former);
    sql::end_all(tx.conn(), notice.account, true, request.now).await?;
    match address::give_back(tx.conn(), notice.account, &trail.actor, &former, request.now).await? {
        Some(entry) => {
            trail.add(entry);
            Ok(AddressAfter::GivenBack)
        }
        None => Ok(AddressAfter::Taken),
    }
}

async fn mail_reset(tx: &mut PlatformTx, request: &RequestContext, account: AccountId) -> Result<(), Error> {
    let (name, email) = accounts::lookup_name(tx.conn(), account).await?.ok_or(Problem::NotFound)?;
    let letter = Letter::Reset { account, to: &EmailAddress::stored(email), name: &name };
    outbox::post(tx.conn(), request, letter).await
}

/// What an account signs in with besides the password, by whether it goes.
struct Added {
    taken: Vec<NamedFactor>,
    kept: Vec<NamedFactor>,
    /// Whether there are recovery codes that go.
    codes: bool,
}

/// What was added when the notice's event was, or later.
async fn added_since(tx: &mut PlatformTx, notice: &Notice, is_young: bool) -> Result<Added, Error> {
    let (account, since) = (notice.account, notice.at);
    let all = factors::list_all(tx.conn(), account).await?;
    let (taken, kept) = all.into_iter().partition(|factor| is_young && factor.added_at >= since);
    let codes = is_young && factors::sql::has_recovery_codes_since(tx.conn(), account, since).await?;
    Ok(Added { taken, kept, codes })
}

/// Takes it away.
async fn take_away(tx: &mut PlatformTx, notice: &Notice, is_young: bool, trail: &mut Trail) -> Result<Added, Error> {
    let added = added_since(tx, notice, is_young).await?;
    let account = notice.account;
    factors::take_away(tx.conn(), account, &added.taken).await?;
    for factor in &added.taken {
        let (action, kind, id) = factor.removal();
        let entry = Draft::done(action, trail.actor.clone()).target(kind, id, Personal(factor.name.clone()));
        trail.add(entry.added("account", Public(account.to_string())));
    }
    if added.codes {
        factors::sql::remove_recovery_codes(tx.conn(), account).await?;
        trail.add(trail.on_account(CODES_REMOVED));
    }
    Ok(added)
}
