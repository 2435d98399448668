//! The domains that are shown to be an organization's, and which accounts are its to manage because of them.
//!
//! For now whoever runs the platform notes them by the command line; nothing else does.

use domain::audit::{Action, Actor, Draft, Public};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::{AccountId, TenantId};
use domain::problem::Problem;
use sqlx::PgConnection;

use super::operator::find;
use crate::access::Access;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantRef;

const ADDED: Action = Action::new("organization.domain_added");
const REMOVED: Action = Action::new("organization.domain_removed");

/// The domains of the organization that has this slug.
///
/// # Errors
/// Not found.
pub async fn list_domains(request: &RequestContext, slug: &str) -> Result<Vec<String>, Error> {
    let tenant = find(request, slug).await?;
    of(request, tenant.id).await
}

/// The domains of an organization, for its pages.
///
/// # Errors
/// The database does not answer.
pub async fn own_domains(access: &Access) -> Result<Vec<String>, Error> {
    of(access.request(), access.tenant()).await
}

/// Notes a domain as an organization's.
///
/// # Errors
/// Not found; a domain that is none, or another's, at the field `domain`; noted already ([`Problem::Changed`]).
pub async fn add_domain(request: &RequestContext, slug: &str, raw: &str) -> Result<(), Error> {
    let (tenant, domain) = (find(request, slug).await?, parse(raw)?);
    let of = domain.clone();
    change(request, &tenant, ADDED, domain, async |conn| {
        let added = sqlx::query!(
            "INSERT INTO platform.domains (domain, tenant_id, verified_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            of,
            tenant.id.0,
            request.now
        )
        .execute(conn)
        .await?;
        Ok(added.rows_affected())
    })
    .await
}

/// Takes a domain from an organization.
///
/// # Errors
/// Not found; a domain that is none, at the field `domain`; it has not that domain ([`Problem::Changed`]).
pub async fn remove_domain(request: &RequestContext, slug: &str, raw: &str) -> Result<(), Error> {
    let (tenant, domain) = (find(request, slug).await?, parse(raw)?);
    let of = domain.clone();
    change(request, &tenant, REMOVED, domain, async |conn| {
        let removed =
            sqlx::query!("DELETE FROM platform.domains WHERE domain = $1 AND tenant_id = $2", of, tenant.id.0)
                .execute(conn)
                .await?;
        Ok(removed.rows_affected())
    })
    .await
}

/// Changes a domain, with an entry in the platform's trail and in the organization's.
async fn change(
    request: &RequestContext,
    tenant: &TenantRef,
    action: Action,
    domain: String,
    statement: impl AsyncFnOnce(&mut PgConnection) -> Result<u64, Error>,
) -> Result<(), Error> {
    // First, so that nothing is changed in an organization that is being upgraded.
    let own = request.portal().store().tenant(tenant).await?;
    let mut tx = request.portal().store().platform().await?;
    if statement(tx.conn()).await? == 0 {
        own.close();
        return Err(Problem::Changed.into());
    }
    let entry = Draft::done(action, Actor::operator())
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .added("domain", Public(domain))
        .within(request.audited());
    tx.commit(request, entry.clone()).await?;
    own.commit(request, entry).await
}

async fn of(request: &RequestContext, tenant: TenantId) -> Result<Vec<String>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let domains =
        sqlx::query_scalar!("SELECT domain FROM platform.domains WHERE tenant_id = $1 ORDER BY domain", tenant.0)
            .fetch_all(tx.conn())
            .await?;
    tx.end().await?;
    Ok(domains)
}

/// A domain is what an address can have.
fn parse(raw: &str) -> Result<String, Error> {
    let raw = raw.trim();
    if !raw.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '.')) {
        return Err(Error::field("domain", FieldProblem::Malformed));
    }
    let address = EmailAddress::parse(&format!("x@{raw}")).map_err(|problem| Error::field("domain", problem))?;
    Ok(address.domain().to_owned())
}

/// Whether an organization manages an account: the person is in no other one and no operator, and their address, which is
/// proven, is of one of its domains. Nothing of that changes until the transaction ends.
pub(crate) async fn manages(conn: &mut PgConnection, tenant: TenantId, account: AccountId) -> Result<bool, Error> {
    // A new membership refers to the account, as an operator does, and so waits for this lock.
    let email = sqlx::query_scalar!(
        "SELECT email FROM platform.accounts WHERE id = $1 AND email_proven_at IS NOT NULL FOR UPDATE",
        account.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(email) = email.map(EmailAddress::stored) else { return Ok(false) };
    let managed = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM platform.domains WHERE tenant_id = $1 AND domain = $3)
              AND EXISTS (SELECT FROM platform.memberships WHERE account_id = $2 AND tenant_id = $1)
              AND NOT EXISTS (SELECT FROM platform.memberships WHERE account_id = $2 AND tenant_id <> $1)
              AND NOT EXISTS (SELECT FROM platform.operators WHERE account_id = $2) AS "managed!""#,
        tenant.0,
        account.0,
        email.domain()
    )
    .fetch_one(conn)
    .await?;
    Ok(managed)
}
