//! Confirming the address of a sign-up, which makes the account and its organization.

use domain::audit::{Action, Draft, Personal};
use domain::ids::{AccountId, TenantId};
use domain::problem::Problem;
use domain::slug::Slug;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::found::{created, new_founder};
use super::{Welcome, sql};
use crate::accounts::sql as accounts;
use crate::api_keys;
use crate::error::Error;
use crate::members;
use crate::outbox;
use crate::request::RequestContext;
use crate::sign_in;
use crate::store::{Founder, NewFounder, NewTenant};
use crate::tokens::{self, Purpose, Secret};

const CONFIRMED: Action = Action::new("registration.confirmed");

/// A sign-up that waits for its confirmation, as its page shows it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The address to confirm.
    pub email: String,
    /// The name that was given with it.
    pub name: String,
    /// The organization to make.
    pub organization: String,
    /// When somebody signed up.
    pub created_at: OffsetDateTime,
    /// From where.
    pub ip: Option<String>,
    /// With what, as it calls itself.
    pub device: Option<String>,
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
    Ok(Registration {
        email: row.email.as_str().to_owned(),
        name: row.name.as_str().to_owned(),
        organization: row.organization.as_str().to_owned(),
        created_at: row.created_at,
        ip: row.ip.map(|ip| ip.addr().to_string()),
        device: row.device,
    })
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

/// Uses the sign-up up with its mail and all its links. It comes first and they follow, in one order for everybody.
pub(super) async fn use_up(
    request: &RequestContext,
    conn: &mut PgConnection,
    secret: &Secret,
    registration: Uuid,
) -> Result<(), Error> {
    let is_first = sql::remove(conn, registration).await?;
    if !is_first || !tokens::consume(conn, Purpose::Registration, secret, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    outbox::cancel(conn, registration).await?;
    tokens::end_all(conn, Purpose::Registration, registration, request.now).await
}

/// The person who confirms: an account that exists, or one to be made.
fn founder_of(request: &RequestContext, row: &sql::RegistrationRow, known: Option<AccountId>) -> Founder {
    let (name, email) = (row.name.clone(), row.email.clone());
    if let Some(id) = known {
        return Founder { id, name, email, new_account: None };
    }
    let new = NewFounder { password: Some(row.password.clone()), email_proven_at: Some(request.now) };
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
    let created = |tenant: &NewTenant| created(request, founder.actor(), &row.organization, tenant);
    let (mut tx, tenant) = store.begin_provision(request, id, &row.organization, founder, created).await?;
    use_up(request, tx.conn(), secret, registration).await?;
    if let Some(id) = known {
        if !accounts::take_over(tx.conn(), id, &row.password, request.now).await? {
            return Err(Problem::SignInFirst.into());
        }
        sign_in::end_resets(tx.conn(), id, request.now).await?;
        accounts::rename(tx.conn(), id, &row.name).await?;
    }
    let confirmed = Draft::done(CONFIRMED, founder.actor())
        .target("registration", registration, Personal(founder.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, confirmed).await?;
    if let Some(id) = known {
        members::note_factors(request, id).await;
        api_keys::end_of_account(request, id, &founder.actor()).await;
    }
    Ok(tenant.slug)
}
