//! Signing up: an account and an organization that it owns.

mod confirm;
mod discard;
mod found;
mod sql;

use domain::accounts::{SignUp, SignUpForm};
use domain::audit::{Action, Actor, Draft, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::slug::Slug;
use sqlx::PgConnection;
use time::Duration;
use uuid::Uuid;

pub use confirm::{Registration, confirm, lookup};
pub use discard::discard;
pub(crate) use found::{CREATED, provision_by_mail};
pub use found::{create_organization, provision};
use found::{found_for, judge_password, unproven};

use crate::accounts::address;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::limits;
use crate::outbox::{self, Letter};
use crate::passwords::KeptPassword;
use crate::request::RequestContext;
use crate::sessions::Grant;
use crate::sign_in;
use crate::store::NewTenant;

const REGISTERED: Action = Action::new("registration.requested");

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
    let portal = request.portal();
    let (sign_up, password) = form.parse(judge_password(request, form).await?)?;
    if let Some(ip) = request.ip {
        portal.limits().sign_up.count(request, Actor::stranger(), &limits::network(ip)).await?;
    }
    let kept = portal.hasher().hash(password, portal.random()).await?;
    if portal.settings().sends_mail {
        register(request, &sign_up, &kept).await?;
        return Ok(SignedUp::CheckMail);
    }
    refuse_held(request, &sign_up.email).await?;
    let founder = unproven(request, sign_up.name, sign_up.email, kept);
    let NewTenant { slug, .. } = found_for(request, &sign_up.organization, &founder).await?;
    Ok(SignedUp::Done(Welcome { grant: sign_in::begin_session(request, founder.id).await?, slug }))
}

/// An address that somebody can still be given back is theirs, as long as nobody else has shown to read its mail.
async fn refuse_held(request: &RequestContext, email: &EmailAddress) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    let held = address::is_held(tx.conn(), email, request.now).await?;
    tx.end().await?;
    if held { Err(Error::field("email", FieldProblem::Taken)) } else { Ok(()) }
}

/// Whether a sign-up can still be confirmed: it is there, and nobody has proven its address in another way.
pub(crate) async fn is_open(conn: &mut PgConnection, registration: Uuid) -> Result<bool, Error> {
    sql::is_open(conn, registration).await
}

/// Keeps the sign-up until its address is confirmed, and writes to the address.
async fn register(request: &RequestContext, sign_up: &SignUp, password: &KeptPassword) -> Result<(), Error> {
    let portal = request.portal();
    portal.limits().mail.count(request, Actor::stranger(), &sign_up.email).await?;
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
            sql::add(tx.conn(), registration, sign_up, password, request, request.now + REGISTRATION_LIFETIME).await?;
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
