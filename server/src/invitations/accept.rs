//! Who accepts: somebody without an account, or somebody who is signed in.

use domain::audit::{Action, Actor, Draft, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldErrors;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::Invitation;
use domain::problem::Problem;
use domain::text::PersonName;

use super::join::{Accepted, Person, join};
use super::offer::{begin, find, judge};
use super::sql;
use crate::accounts::sql as accounts;
use crate::api_keys;
use crate::error::Error;
use crate::members;
use crate::passwords::About;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::sign_in;
use crate::store::TenantRef;
use crate::tokens::{self, Channel, Purpose, Secret, Token};

const TAKEN_OVER: Action = Action::new("account.taken_over");

/// Who accepts.
pub enum Joiner<'a> {
    /// Somebody without an account: what they typed.
    New {
        /// Full name.
        name: &'a str,
        /// Password.
        password: &'a str,
    },
    /// Somebody who is signed in.
    Known(&'a Visitor),
}

/// Accepts an invitation by a link.
///
/// # Errors
/// Fields that are wrong; another address than the invited one; an account that has to sign in
/// first; or why the invitation is not good any more.
pub async fn accept(request: &RequestContext, secret: &str, joiner: Joiner<'_>) -> Result<Accepted, Error> {
    let secret = Secret::from_address(secret);
    let (tenant, token) = find(request, &secret).await?;
    let id = InvitationId(token.subject);
    // Judged before anything is typed into the platform, and again under the lock.
    let mut tx = begin(request, &tenant).await?;
    let found = sql::lookup(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    tx.close();
    judge(&found, Some(&token), request.now)?;
    let person = match joiner {
        Joiner::New { name, password } => {
            newcomer(request, (&found.invitation, &tenant.name), (&secret, &token), name, password).await?
        }
        Joiner::Known(visitor) => known(visitor, &found.invitation)?,
    };
    join(request, &tenant, id, Some((&secret, &token)), person).await
}

/// A person without an account. An account of the invited address that nobody has proven falls to
/// whoever holds a secret that was mailed to it.
///
/// That is a transaction of its own: the role that joins an organization can change no password. It comes
/// before joining, so that what a cut between the two leaves is whole: an account that is its person's own,
/// with the password that they have just chosen, and an invitation that they accept when they have signed in.
async fn newcomer(
    request: &RequestContext,
    (invitation, organization): (&Invitation, &str),
    (secret, token): (&Secret, &Token),
    name: &str,
    password: &str,
) -> Result<Person, Error> {
    let portal = request.portal();
    let about = About::of([name, &invitation.email, organization]);
    let mut errors = FieldErrors::default();
    let name = errors.check("name", PersonName::parse(name));
    let password = errors.check("password", portal.hasher().judge(password, &about).await?);
    let (Some(name), Some(password)) = (name, password) else { return Err(errors.into()) };
    let email = EmailAddress::stored(&invitation.email);
    let kept = portal.hasher().hash(password, portal.random()).await?;

    let mut tx = portal.store().platform().await?;
    let Some(existing) = accounts::lookup_by_email(tx.conn(), &email).await? else {
        tx.end().await?;
        let id = AccountId(portal.uuid(request.now));
        return Ok(Person { id, name, email, new_password: Some(kept) });
    };
    if existing.account.email_proven || token.channel == Channel::Link {
        return Err(Problem::SignInFirst.into());
    }
    // The account may be what another use of this invitation has just made.
    tokens::judge(tokens::lookup(tx.conn(), Purpose::Invitation, secret).await?, request.now)?;
    let id = existing.account.id;
    if !accounts::take_over(tx.conn(), id, &kept, request.now).await? {
        return Err(Problem::SignInFirst.into());
    }
    sign_in::end_resets(tx.conn(), id, request.now).await?;
    accounts::rename(tx.conn(), id, &name).await?;
    let actor = Actor::person(id, name.as_str());
    let entry = Draft::done(TAKEN_OVER, actor.clone())
        .target("account", id, Personal(email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    members::note_factors(request, id).await;
    api_keys::end_of_account(request, id, &actor).await;
    Ok(Person { id, name, email, new_password: None })
}

/// Somebody who is signed in, if the invitation is for them.
fn known(visitor: &Visitor, invitation: &Invitation) -> Result<Person, Error> {
    let account = &visitor.account;
    if account.email != invitation.email {
        return Err(Problem::WrongAddress.into());
    }
    let (name, email) = (PersonName::stored(&account.name), EmailAddress::stored(&account.email));
    Ok(Person { id: account.id, name, email, new_password: None })
}

/// Accepts an invitation of a signed-in person's own list.
pub(super) async fn join_known(
    request: &RequestContext,
    tenant: &TenantRef,
    invitation: &Invitation,
    visitor: &Visitor,
) -> Result<Accepted, Error> {
    join(request, tenant, invitation.id, None, known(visitor, invitation)?).await
}
