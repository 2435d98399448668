//! Accepting and declining.

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldErrors;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::{Invitation, InvitationState};
use domain::password::NewPassword;
use domain::problem::Problem;
use domain::slug::Slug;
use domain::text::PersonName;

use super::offer::{begin, find, judge};
use super::sql;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::members;
use crate::outbox;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::{TenantRef, TenantTx};
use crate::tokens::{self, Channel, Purpose, Secret, Token};

pub(crate) const ACCEPTED: Action = Action::new("invitation.accepted");
pub(crate) const DECLINED: Action = Action::new("invitation.declined");
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

/// A membership that was just begun.
#[derive(Debug)]
pub struct Accepted {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub slug: Slug,
}

/// The person as they join.
struct Person {
    id: AccountId,
    name: PersonName,
    email: EmailAddress,
    /// The hash of the first password, when the account is new.
    new_password: Option<String>,
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
    let found = sql::lookup(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    judge(&found, Some(&token), request.now)?;
    let person = match joiner {
        Joiner::New { name, password } => {
            newcomer(request, &found.invitation, (&secret, &token), name, password).await?
        }
        Joiner::Known(visitor) => known(visitor, &found.invitation)?,
    };
    join(request, &tenant, id, Some((&secret, &token)), person).await
}

/// A person without an account. An account of the invited address that nobody has proven falls to
/// whoever holds a secret that was mailed to it.
async fn newcomer(
    request: &RequestContext,
    invitation: &Invitation,
    (secret, token): (&Secret, &Token),
    name: &str,
    password: &str,
) -> Result<Person, Error> {
    let mut errors = FieldErrors::default();
    let name = errors.check("name", PersonName::parse(name));
    let password = errors.check("password", NewPassword::parse(password));
    let (Some(name), Some(password)) = (name, password) else { return Err(errors.into()) };
    let email =
        EmailAddress::parse(&invitation.email).map_err(|_| Error::internal("an invitation's address is none"))?;
    let portal = request.portal();
    let hash = portal.hasher().hash(&password, portal.random()).await?;

    let mut tx = portal.store().platform().await?;
    let Some(existing) = accounts::lookup_by_email(tx.conn(), &email).await? else {
        tx.end().await?;
        let id = AccountId(portal.uuid(request.now));
        return Ok(Person { id, name, email, new_password: Some(hash) });
    };
    if existing.account.email_proven || token.channel == Channel::Link {
        return Err(Problem::SignInFirst.into());
    }
    // The account may be what another use of this invitation has just made.
    tokens::judge(tokens::lookup(tx.conn(), Purpose::Invitation, secret).await?, request.now)?;
    let id = existing.account.id;
    if !accounts::prove_email(tx.conn(), id, request.now).await? {
        return Err(Problem::SignInFirst.into());
    }
    accounts::take_over(tx.conn(), id, &hash, request.now).await?;
    let entry = Draft::done(TAKEN_OVER, Actor::person(id, name.as_str()))
        .target("account", id, Personal(email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(Person { id, name, email, new_password: None })
}

/// Somebody who is signed in, if the invitation is for them.
pub(super) fn known_person(
    visitor: &Visitor,
    invitation: &Invitation,
) -> Result<(AccountId, PersonName, EmailAddress), Error> {
    let account = &visitor.account;
    if account.email != invitation.email {
        return Err(Problem::WrongAddress.into());
    }
    let name = PersonName::parse(&account.name).map_err(|_| Error::internal("an account's name is none"))?;
    let email = EmailAddress::parse(&account.email).map_err(|_| Error::internal("an account's address is none"))?;
    Ok((account.id, name, email))
}

fn known(visitor: &Visitor, invitation: &Invitation) -> Result<Person, Error> {
    let (id, name, email) = known_person(visitor, invitation)?;
    Ok(Person { id, name, email, new_password: None })
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

/// Makes the membership, in one transaction with everything that it uses up.
async fn join(
    request: &RequestContext,
    tenant: &TenantRef,
    id: InvitationId,
    by: Option<(&Secret, &Token)>,
    person: Person,
) -> Result<Accepted, Error> {
    let mut tx = begin(request, tenant).await?;
    let found = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    judge(&found, by.map(|(_, token)| token), request.now)?;
    if !sql::decide(tx.conn(), id, InvitationState::Accepted, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    let role = found.invitation.role;
    members::sql::add(tx.conn(), person.id, &person.name, &person.email, role, request.now)
        .await
        .map_err(|error| if error.violates("members_pkey") { Problem::Changed.into() } else { error })?;
    platform_side(request, &mut tx, tenant, id, by, &person)
        .await
        .map_err(|error| if error.violates("accounts_email_key") { Problem::SignInFirst.into() } else { error })?;
    let entry = Draft::done(ACCEPTED, Actor::person(person.id, person.name.as_str()))
        .target("invitation", id, Personal(person.email.as_str().to_owned()))
        .added("role", role.code())
        .within(request.audited());
    tx.commit(request, entry).await?;
    let slug = Slug::parse(&tenant.slug).map_err(|_| Error::internal("an organization's slug is none"))?;
    Ok(Accepted { account: person.id, slug })
}

async fn platform_side(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: &TenantRef,
    id: InvitationId,
    by: Option<(&Secret, &Token)>,
    person: &Person,
) -> Result<(), Error> {
    let now = request.now;
    let by_mail = by.is_some_and(|(_, token)| token.channel == Channel::Mail);
    let platform = tx.enter_platform().await?;
    if let Some((secret, _)) = by
        && !tokens::consume(platform, Purpose::Invitation, secret, now).await?
    {
        return Err(Problem::LinkUsed.into());
    }
    tokens::end_all(platform, Purpose::Invitation, id.0, now).await?;
    outbox::cancel(platform, id.0).await?;
    sql::remove_pending(platform, tenant.id, id).await?;
    if let Some(password_hash) = &person.new_password {
        let account = accounts::NewAccount {
            id: person.id,
            email: &person.email,
            name: &person.name,
            email_proven_at: by_mail.then_some(now),
            password_hash,
        };
        accounts::add(platform, &account, now).await?;
    } else if by_mail {
        accounts::prove_email(platform, person.id, now).await?;
    }
    sql::add_membership(platform, person.id, tenant.id, now).await?;
    tx.leave_platform().await
}

/// Declines an invitation by a link. Nobody has to sign in for that.
///
/// # Errors
/// Not found, or why it can no longer be answered.
pub async fn decline(request: &RequestContext, secret: &str) -> Result<String, Error> {
    let (tenant, token) = find(request, &Secret::from_address(secret)).await?;
    turn_down(request, &tenant, InvitationId(token.subject), Some(&token), Actor::stranger()).await?;
    Ok(tenant.name)
}

/// Declines, in one transaction with everything that ends by it.
pub(super) async fn turn_down(
    request: &RequestContext,
    tenant: &TenantRef,
    id: InvitationId,
    token: Option<&Token>,
    actor: Actor<Fact>,
) -> Result<(), Error> {
    let mut tx = begin(request, tenant).await?;
    let found = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    match judge(&found, token, request.now) {
        // That the inviter may invite no more is no reason to keep somebody from saying no.
        Ok(()) | Err(Problem::InviterDemoted) => {}
        Err(problem) => return Err(problem.into()),
    }
    sql::decide(tx.conn(), id, InvitationState::Declined, request.now).await?;
    let platform = tx.enter_platform().await?;
    tokens::end_all(platform, Purpose::Invitation, id.0, request.now).await?;
    outbox::cancel(platform, id.0).await?;
    sql::remove_pending(platform, tenant.id, id).await?;
    tx.leave_platform().await?;
    let entry = Draft::done(DECLINED, actor)
        .target("invitation", id, Personal(found.invitation.email))
        .within(request.audited());
    tx.commit(request, entry).await
}
