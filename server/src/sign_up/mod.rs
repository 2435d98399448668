//! Signing up: an account and an organization that it owns.

mod sql;

use domain::accounts::{SignUp, SignUpForm};
use domain::audit::{Action, Actor, Draft, Fact, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::{AccountId, TenantId};
use domain::problem::Problem;
use domain::slug::Slug;
use domain::text::{OrganizationName, PersonName};
use time::Duration;
use uuid::Uuid;

use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::limits;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sessions::{Grant, Visitor};
use crate::sign_in;
use crate::store::{Founder, NewFounder, NewTenant};
use crate::tokens::{self, Purpose, Secret};

const REGISTERED: Action = Action::new("registration.requested");
const CONFIRMED: Action = Action::new("registration.confirmed");
pub(crate) const CREATED: Action = Action::new("organization.created");

/// How long a sign-up waits for its address to be confirmed.
const REGISTRATION_LIFETIME: Duration = Duration::days(1);

/// How a sign-up goes on.
#[derive(Debug)]
pub enum SignedUp {
    /// A mail is on its way, whoever the address belongs to.
    CheckMail,
    /// There is no mail here: the organization is made, and the person is in.
    Done(Welcome),
}

/// A new organization and the session of its owner.
#[derive(Debug)]
pub struct Welcome {
    /// The owner's session.
    pub grant: Grant,
    /// The organization's name in addresses.
    pub slug: Slug,
}

/// Takes a sign-up.
///
/// # Errors
/// Fields that are wrong; an address that is taken, where no mail can tell its owner; too many.
pub async fn sign_up(request: &RequestContext, form: &SignUpForm) -> Result<SignedUp, Error> {
    let sign_up = form.parse()?;
    let portal = request.portal();
    if let Some(ip) = request.ip {
        portal.limits().sign_up.count(&limits::network(ip), request.now)?;
    }
    let hash = portal.hasher().hash(&sign_up.password, portal.random()).await?;
    if portal.settings().sends_mail {
        register(request, &sign_up, &hash).await?;
        return Ok(SignedUp::CheckMail);
    }
    let (id, slug) = provision_for(request, sign_up, hash).await?;
    Ok(SignedUp::Done(Welcome { grant: sign_in::begin_session(request, id).await?, slug }))
}

/// Makes an organization and the account of its owner at once, for whoever runs the platform.
///
/// # Errors
/// Fields that are wrong, a taken address among them.
pub async fn provision(request: &RequestContext, form: &SignUpForm) -> Result<Slug, Error> {
    let sign_up = form.parse()?;
    let portal = request.portal();
    let hash = portal.hasher().hash(&sign_up.password, portal.random()).await?;
    Ok(provision_for(request, sign_up, hash).await?.1)
}

/// Makes an account that nobody has proven, and its organization.
async fn provision_for(
    request: &RequestContext,
    sign_up: SignUp,
    password_hash: String,
) -> Result<(AccountId, Slug), Error> {
    let founder =
        new_founder(request, sign_up.name, sign_up.email, NewFounder { password_hash, email_proven_at: None });
    let slug = found(request, &sign_up.organization, &founder).await.map_err(|error| {
        if error.violates("accounts_email_key") { Error::field("email", FieldProblem::Taken) } else { error }
    })?;
    Ok((founder.id, slug))
}

/// Keeps the sign-up until its address is confirmed, and writes to the address.
async fn register(request: &RequestContext, sign_up: &SignUp, hash: &str) -> Result<(), Error> {
    let portal = request.portal();
    portal.limits().mail.count(&sign_up.email, request.now)?;
    let mut tx = portal.store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &sign_up.email).await?;
    let registration = portal.uuid(request.now);
    match known {
        Some(known) if known.account.email_proven => {
            let letter =
                Letter::AlreadyRegistered { account: known.account.id, to: &sign_up.email, name: &known.account.name };
            outbox::post(tx.conn(), request, letter).await?;
        }
        _ => {
            sql::add(tx.conn(), registration, sign_up, hash, request.now, request.now + REGISTRATION_LIFETIME).await?;
            let letter = Letter::Confirm {
                registration,
                to: &sign_up.email,
                name: sign_up.name.as_str(),
                organization: sign_up.organization.as_str(),
            };
            outbox::post(tx.conn(), request, letter).await?;
        }
    }
    let entry = Draft::done(REGISTERED, Actor::stranger())
        .target("registration", registration, Personal(sign_up.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// A sign-up that waits for its confirmation, as its page shows it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The address to confirm.
    pub email: String,
    /// The organization to make.
    pub organization: String,
}

/// The sign-up behind a link from a mail.
///
/// # Errors
/// Why the link is not good.
pub async fn lookup(request: &RequestContext, secret: &str) -> Result<Registration, Error> {
    let mut tx = request.portal().store().platform().await?;
    let token = tokens::lookup(tx.conn(), Purpose::Registration, &Secret::from_address(secret)).await?;
    let token = tokens::judge(token, request.now)?;
    let row = sql::lookup(tx.conn(), token.subject).await?.ok_or(Problem::LinkUsed)?;
    tx.end().await?;
    Ok(Registration { email: row.email.as_str().to_owned(), organization: row.organization.as_str().to_owned() })
}

/// Confirms an address: makes the account and the organization, and signs in. An account of this
/// address that nobody has proven is taken over: its password and its sessions end.
///
/// # Errors
/// Why the link is not good; [`Problem::SignInFirst`] when the address was proven by now.
pub async fn confirm(request: &RequestContext, secret: &str) -> Result<Welcome, Error> {
    let secret = Secret::from_address(secret);
    let mut tx = request.portal().store().platform().await?;
    let token = tokens::judge(tokens::lookup(tx.conn(), Purpose::Registration, &secret).await?, request.now)?;
    let row = sql::lookup(tx.conn(), token.subject).await?.ok_or(Problem::LinkUsed)?;
    let known = accounts::lookup_by_email(tx.conn(), &row.email).await?;
    tx.end().await?;
    if known.as_ref().is_some_and(|known| known.account.email_proven) {
        return Err(Problem::SignInFirst.into());
    }
    let known = known.map(|known| known.account.id);
    let founder = founder_of(request, &row, known);
    let slug = redeem(request, &secret, token.subject, &row, &founder, known)
        .await
        .map_err(|error| if error.violates("accounts_email_key") { Problem::SignInFirst.into() } else { error })?;
    Ok(Welcome { grant: sign_in::begin_session(request, founder.id).await?, slug })
}

/// The person who confirms: an account that exists, or one to be made.
fn founder_of(request: &RequestContext, row: &sql::RegistrationRow, known: Option<AccountId>) -> Founder {
    let (name, email) = (row.name.clone(), row.email.clone());
    if let Some(id) = known {
        return Founder { id, name, email, new_account: None };
    }
    let new = NewFounder { password_hash: row.password_hash.clone(), email_proven_at: Some(request.now) };
    new_founder(request, name, email, new)
}

/// Uses the registration up and makes what it is for, in one transaction.
async fn redeem(
    request: &RequestContext,
    secret: &Secret,
    registration: Uuid,
    row: &sql::RegistrationRow,
    founder: &Founder,
    known: Option<AccountId>,
) -> Result<Slug, Error> {
    let store = request.portal().store();
    let id = TenantId(request.portal().uuid(request.now));
    let created = |tenant: &NewTenant| created(request, id, &row.organization, founder, tenant);
    let (mut tx, tenant) = store.begin_provision(request, id, &row.organization, founder, created).await?;
    if !tokens::consume(tx.conn(), Purpose::Registration, secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    tokens::end_all(tx.conn(), Purpose::Registration, registration, request.now).await?;
    sql::remove(tx.conn(), registration).await?;
    if let Some(id) = known {
        if !accounts::prove_email(tx.conn(), id, request.now).await? {
            return Err(Problem::SignInFirst.into());
        }
        accounts::take_over(tx.conn(), id, &row.password_hash, request.now).await?;
    }
    let confirmed = Draft::done(CONFIRMED, Actor::person(founder.id, founder.name.as_str()))
        .target("registration", registration, Personal(founder.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, confirmed).await?;
    Ok(tenant.slug)
}

/// Makes another organization for somebody who is signed in.
///
/// # Errors
/// A name that is none, at the field `organization`; too many.
pub async fn create_organization(request: &RequestContext, visitor: &Visitor, name: &str) -> Result<Slug, Error> {
    let name = OrganizationName::parse(name).map_err(|problem| Error::field("organization", problem))?;
    if let Some(ip) = request.ip {
        request.portal().limits().sign_up.count(&limits::network(ip), request.now)?;
    }
    let account = &visitor.account;
    let founder = Founder {
        id: account.id,
        name: PersonName::parse(&account.name).map_err(|_| Error::internal("an account's name is no name"))?,
        email: EmailAddress::parse(&account.email)
            .map_err(|_| Error::internal("an account's address is no address"))?,
        new_account: None,
    };
    found(request, &name, &founder).await
}

fn new_founder(request: &RequestContext, name: PersonName, email: EmailAddress, new: NewFounder) -> Founder {
    Founder { id: AccountId(request.portal().uuid(request.now)), name, email, new_account: Some(new) }
}

/// Makes the organization.
async fn found(request: &RequestContext, name: &OrganizationName, founder: &Founder) -> Result<Slug, Error> {
    let id = TenantId(request.portal().uuid(request.now));
    let tenant = request
        .portal()
        .store()
        .provision(request, id, name, founder, |tenant| created(request, id, name, founder, tenant))
        .await?;
    Ok(tenant.slug)
}

/// The first entry of an organization's log.
fn created(
    request: &RequestContext,
    id: TenantId,
    name: &OrganizationName,
    founder: &Founder,
    tenant: &NewTenant,
) -> Draft {
    Draft::done(CREATED, Actor::person(founder.id, founder.name.as_str()))
        .target("organization", id, Public(name.as_str().to_owned()))
        .added("slug", Fact::Public(tenant.slug.as_str().to_owned()))
        .within(request.audited())
}
