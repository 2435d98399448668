//! The answers to a change of address, by the links in its mails.

use domain::audit::{Action, Actor, Draft, Personal};
use domain::problem::Problem;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::sql::{self, Change, Holder};
use super::{CANCELLED, Side, drop_pending};
use crate::accounts::copies;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::notices;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::sign_in;
use crate::store::PlatformTx;
use crate::tokens::{self, Secret};

const AGREED: Action = Action::new("account.address_change_agreed");
const CHANGED: Action = Action::new("account.address_changed");
const PROVEN: Action = Action::new("account.address_proven");

/// What somebody is asked by a link.
#[derive(Clone, Debug)]
pub struct Question {
    /// At which address they got it.
    pub side: Side,
    /// Whose address it is to be.
    pub name: String,
    /// The address to come.
    pub email: String,
    /// Whether it is the account's already, and only to be proven.
    pub is_own: bool,
    /// Until when the link is good.
    pub expires_at: OffsetDateTime,
}

/// What has come of somebody's agreeing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// The other address is to agree, too.
    Waiting,
    /// The account has its new address.
    Changed(String),
    /// The account's address is proven.
    Proven,
}

/// The question behind a link from a mail.
///
/// # Errors
/// Why the link is not good.
pub async fn lookup(request: &RequestContext, secret: &str) -> Result<Question, Error> {
    let mut tx = request.portal().store().platform().await?;
    let (side, change) = find(tx.conn(), request, &Secret::from_address(secret)).await?;
    let (name, present) = accounts::lookup_name(tx.conn(), change.account).await?.ok_or(Problem::LinkUsed)?;
    tx.end().await?;
    let is_own = change.email.as_str() == present;
    Ok(Question { side, name, email: change.email.as_str().to_owned(), is_own, expires_at: change.expires_at })
}

/// Agrees. With the second of the two, the address changes; it is proven then, and links that went to the one of before
/// end. A last mail there takes the change back, for a week.
///
/// # Errors
/// Why the link is not good; [`Problem::SignInFirst`], for an address that is only to be proven and whose mail somebody
/// else reads; [`Problem::AddressTaken`], when another account has got the address meanwhile, which ends the change.
pub async fn agree(request: &RequestContext, visitor: Option<&Visitor>, secret: &str) -> Result<Agreed, Error> {
    let secret = Secret::from_address(secret);
    let mut tx = request.portal().store().platform().await?;
    let (side, change, holder) = hold(&mut tx, request, &secret).await?;
    let is_own = change.email == holder.email;
    if is_own && visitor.is_none_or(|visitor| visitor.account.id != change.account) {
        // Who reads the mail and did not make the account chooses a password by mail instead, which ends that of whoever did.
        return Err(Problem::SignInFirst.into());
    }
    if !tokens::consume(tx.conn(), side.purpose(), &secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    let agreed = Draft::done(AGREED, Actor::person(change.account, holder.name.clone()))
        .target("account", change.account, Personal(holder.name.clone()))
        .added("address", side.code())
        .within(request.audited());
    let other = if side == Side::New { Side::Present } else { Side::New };
    if !change.is_agreed(other) {
        sql::agree(tx.conn(), change.id, side, request.now).await?;
        tokens::end_all(tx.conn(), side.purpose(), change.id, request.now).await?;
        tx.commit(request, agreed).await?;
        return Ok(Agreed::Waiting);
    }
    complete(tx, request, &change, &holder, agreed).await?;
    Ok(if is_own { Agreed::Proven } else { Agreed::Changed(change.email.as_str().to_owned()) })
}

/// Does not agree: the change is given up, and the address stays as it is.
///
/// # Errors
/// Why the link is not good.
pub async fn refuse(request: &RequestContext, secret: &str) -> Result<Side, Error> {
    let mut tx = request.portal().store().platform().await?;
    let (side, change, holder) = hold(&mut tx, request, &Secret::from_address(secret)).await?;
    drop_pending(tx.conn(), change.account, request.now).await?;
    let entry = Draft::done(CANCELLED, Actor::stranger())
        .target("account", change.account, Personal(holder.name))
        .removed("email", Personal(change.email.as_str().to_owned()))
        .added("address", side.code())
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(side)
}

/// The change behind a link, and at which of its addresses that was got.
async fn find(conn: &mut PgConnection, request: &RequestContext, secret: &Secret) -> Result<(Side, Change), Error> {
    for side in Side::ALL {
        let Some(token) = tokens::lookup(conn, side.purpose(), secret).await? else { continue };
        let token = tokens::judge(Some(token), request.now)?;
        let change = sql::lookup(conn, token.subject).await?;
        let change = change.filter(|change| !change.is_agreed(side)).ok_or(Problem::LinkUsed)?;
        if change.expires_at <= request.now {
            return Err(Problem::LinkExpired.into());
        }
        return Ok((side, change));
    }
    Err(Problem::NotFound.into())
}

/// As [`find`], with the account locked: what comes out is true until the transaction ends.
async fn hold(tx: &mut PlatformTx, request: &RequestContext, secret: &Secret) -> Result<(Side, Change, Holder), Error> {
    let (_, change) = find(tx.conn(), request, secret).await?;
    let holder = sql::lock_holder(tx.conn(), change.account).await?.ok_or(Problem::LinkUsed)?;
    let (side, change) = find(tx.conn(), request, secret).await?;
    Ok((side, change, holder))
}

/// Gives the account its address, and lets the organizations' copies follow.
async fn complete(
    mut tx: PlatformTx,
    request: &RequestContext,
    change: &Change,
    holder: &Holder,
    agreed: Draft,
) -> Result<(), Error> {
    let account = change.account;
    match sql::change_email(tx.conn(), account, &change.email, request.now).await {
        Err(error) if error.violates("accounts_email_key") => {
            drop(tx);
            give_up(request, change, holder).await?;
            return Err(Problem::AddressTaken.into());
        }
        changed => changed?,
    }
    drop_pending(tx.conn(), account, request.now).await?;
    let actor = Actor::person(account, holder.name.clone());
    let mut entries = vec![agreed];
    if change.email == holder.email {
        let proven = Draft::done(PROVEN, actor.clone()).target("account", account, Personal(holder.name.clone()));
        entries.push(proven.within(request.audited()));
    } else {
        sign_in::end_resets(tx.conn(), account, request.now).await?;
        // What went to the former address opens nothing any more, but for one last mail.
        notices::end_all(tx.conn(), account, false, request.now).await?;
        notices::tell_former(tx.conn(), request, account, &holder.name, &holder.email).await?;
        let email = |email: &domain::email::EmailAddress| Personal(email.as_str().to_owned());
        let changed = Draft::done(CHANGED, actor.clone())
            .target("account", account, Personal(holder.name.clone()))
            .changed("email", email(&holder.email), email(&change.email));
        entries.push(changed.within(request.audited()));
    }
    let tenants = accounts::memberships(tx.conn(), account).await?;
    tx.commit_all(request, entries).await?;
    copies::renew(request, &actor, account, &tenants).await
}

/// Ends a change to an address that another account has got.
async fn give_up(request: &RequestContext, change: &Change, holder: &Holder) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    sql::lock_holder(tx.conn(), change.account).await?;
    drop_pending(tx.conn(), change.account, request.now).await?;
    let entry = Draft::failed(CHANGED, Actor::person(change.account, holder.name.clone()))
        .target("account", change.account, Personal(holder.name.clone()))
        .within(request.audited());
    tx.commit(request, entry).await
}
