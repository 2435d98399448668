//! Changing the address of an account, and proving the one that it has.
//!
//! The address is what signs in and what gets the links to a new password. So it changes only when whoever reads mail at
//! the present one and whoever does at the new one have both agreed, each by a link of their own. What is asked for and
//! what is shown is the same whether another account has the new address or not; only the mail to it differs.

mod answer;
pub(super) mod sql;
mod undo;

use domain::audit::{Action, Draft, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use domain::problem::Problem;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use answer::{Agreed, Question, agree, lookup, refuse};
pub(crate) use undo::{drop_unasked, give_back, is_held};

use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::limits;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};
use crate::tokens::{self, Purpose};
use sql::{Change, Holder};

const REQUESTED: Action = Action::new("account.address_change_requested");
const RESENT: Action = Action::new("account.address_change_resent");
const CANCELLED: Action = Action::new("account.address_change_cancelled");

/// How long both have to agree.
const LIFETIME: Duration = Duration::DAY;

/// One of the two addresses that a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That of before.
    Present,
    /// The new one.
    New,
}

impl Side {
    const ALL: [Self; 2] = [Self::Present, Self::New];

    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::Present => Purpose::PresentAddress,
            Self::New => Purpose::NewAddress,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::New => "new",
        }
    }
}

/// An address that waits to be proven, as its person sees it.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The address to come; the account's own, when it is only to be proven.
    pub email: String,
    /// When the links in the mails end.
    pub expires_at: OffsetDateTime,
    /// Whether whoever reads mail at the present address has agreed.
    pub present_agreed: bool,
    /// Whether whoever reads mail at the new one has.
    pub new_agreed: bool,
}

/// The address that waits, if one does.
///
/// # Errors
/// The database does not answer.
pub async fn pending(request: &RequestContext, visitor: &Visitor) -> Result<Option<Pending>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let change = sql::of_account(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(change.map(|change| Pending {
        email: change.email.as_str().to_owned(),
        expires_at: change.expires_at,
        present_agreed: change.present_agreed,
        new_agreed: change.new_agreed,
    }))
}

/// Begins to change the address, in place of a change that waits.
///
/// # Errors
/// A step-up is needed; an address that is none, or the account's already, at the field `email`; too many mails.
pub async fn request_change(request: &RequestContext, visitor: &Visitor, email: &str) -> Result<(), Error> {
    visitor.require_fresh(request)?;
    let email = EmailAddress::parse(email).map_err(|problem| Error::field("email", problem))?;
    if email.as_str() == visitor.account.email {
        return Err(Error::field("email", FieldProblem::Unchanged));
    }
    begin(request, visitor, email).await
}

/// Sends a link that proves the address which the account has.
///
/// # Errors
/// It is proven already; too many mails.
pub async fn request_proof(request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
    if visitor.account.email_proven {
        return Err(Problem::Changed.into());
    }
    begin(request, visitor, EmailAddress::stored(&visitor.account.email)).await
}

async fn begin(request: &RequestContext, visitor: &Visitor, email: EmailAddress) -> Result<(), Error> {
    count(request, visitor, &email).await?;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let account = visitor.account.id;
    let holder = sql::lock_holder(tx.conn(), account).await?.ok_or(Problem::Changed)?;
    let is_own = holder.email == email;
    if is_own && holder.proven {
        return Err(Problem::Changed.into());
    }
    drop_pending(tx.conn(), account, request.now).await?;
    let id = request.portal().uuid(request.now);
    let expires_at = request.now + LIFETIME;
    // Nobody has to give up an address that stays.
    let change = Change { id, account, email, expires_at, present_agreed: is_own, new_agreed: false };
    sql::add(tx.conn(), &change, request.now).await?;
    post(tx.conn(), request, &holder, &change).await?;
    let entry = Draft::done(REQUESTED, visitor.actor())
        .target("account", account, Personal(holder.name))
        .added("email", Personal(change.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Sends the links once more that were not followed, and gives them another day.
///
/// # Errors
/// Nothing waits; too many mails.
pub async fn resend(request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
    let waiting = pending(request, visitor).await?.ok_or(Problem::Changed)?;
    count(request, visitor, &EmailAddress::stored(waiting.email)).await?;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let account = visitor.account.id;
    let holder = sql::lock_holder(tx.conn(), account).await?.ok_or(Problem::Changed)?;
    let mut change = sql::of_account(tx.conn(), account).await?.ok_or(Problem::Changed)?;
    change.expires_at = request.now + LIFETIME;
    sql::extend(tx.conn(), change.id, change.expires_at).await?;
    outbox::cancel(tx.conn(), change.id).await?;
    post(tx.conn(), request, &holder, &change).await?;
    let entry = Draft::done(RESENT, visitor.actor())
        .target("account", account, Personal(holder.name))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Gives a change up that waits.
///
/// # Errors
/// Nothing waits.
pub async fn cancel(request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let change = drop_pending(tx.conn(), visitor.account.id, request.now).await?.ok_or(Problem::Changed)?;
    let entry = Draft::done(CANCELLED, visitor.actor())
        .target("account", visitor.account.id, Personal(visitor.account.name.clone()))
        .removed("email", Personal(change.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Whether a change waits: a mail about one that does not is not needed any more.
pub(crate) async fn is_open(conn: &mut PgConnection, id: Uuid) -> Result<bool, Error> {
    Ok(sql::lookup(conn, id).await?.is_some())
}

/// Whether an account has one.
pub(crate) async fn is_waiting(conn: &mut PgConnection, account: AccountId) -> Result<bool, Error> {
    Ok(sql::of_account(conn, account).await?.is_some())
}

/// Takes an account's change away, with its mail and all its links: it comes first and they follow, in one order for
/// everybody. The account is locked.
pub(super) async fn drop_pending(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<Option<Change>, Error> {
    let Some(change) = sql::of_account(conn, account).await? else { return Ok(None) };
    sql::remove(conn, account).await?;
    outbox::cancel(conn, change.id).await?;
    for side in Side::ALL {
        tokens::end_all(conn, side.purpose(), change.id, now).await?;
    }
    Ok(Some(change))
}

/// Counts what is about to be mailed, to whichever address, known or not.
async fn count(request: &RequestContext, visitor: &Visitor, email: &EmailAddress) -> Result<(), Error> {
    let (limits, actor) = (request.portal().limits(), visitor.actor());
    limits.address_change.count(request, actor.clone(), &visitor.account.id).await?;
    if let Some(ip) = request.ip {
        limits.mail_network.count(request, actor.clone(), &limits::network(ip)).await?;
    }
    limits.mail.count(request, actor, email).await
}

/// Posts the mails whose links nobody has followed yet.
async fn post(
    conn: &mut PgConnection,
    request: &RequestContext,
    holder: &Holder,
    change: &Change,
) -> Result<(), Error> {
    let (name, expires_at) = (holder.name.as_str(), change.expires_at);
    let (present, new) = (&holder.email, &change.email);
    if !change.present_agreed {
        let letter = Letter::PresentAddress { change: change.id, to: present, name, email: new, expires_at };
        outbox::post(conn, request, letter).await?;
    }
    if change.new_agreed {
        return Ok(());
    }
    // An unproven account keeps its address, too: here nobody could say which of the two is to live on.
    let other = accounts::lookup_by_email(conn, new).await?.filter(|other| other.account.id != change.account);
    let letter = match other {
        Some(_) => Letter::AddressTaken { change: change.id, to: new, expires_at },
        None if new == present => Letter::OwnAddress { change: change.id, to: new, name, expires_at },
        None => Letter::NewAddress { change: change.id, to: new, name, expires_at },
    };
    outbox::post(conn, request, letter).await
}
