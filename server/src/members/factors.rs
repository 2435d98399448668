//! The organizations' own copies of what somebody has besides a password.

use domain::factors::Factors;
use domain::ids::AccountId;

use super::sql;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::factors::sql as factors;
use crate::request::RequestContext;
use crate::store::TenantRef;

/// Tells every organization of somebody's what they have by now. The act that has changed it is done and on record
/// elsewhere, so whatever goes wrong here is none of theirs: the copy is renewed when they come in, too.
pub(crate) async fn note_factors(request: &RequestContext, account: AccountId) {
    let (factors, tenants) = match current(request, account).await {
        Ok(current) => current,
        Err(error) => return tracing::warn!(%error, "no organization has learned of a changed factor"),
    };
    for tenant in &tenants {
        if let Err(error) = note(request, account, tenant, factors).await {
            tracing::warn!(%error, organization = %tenant.id, "an organization has not learned of a changed factor");
        }
    }
}

async fn current(request: &RequestContext, account: AccountId) -> Result<(Factors, Vec<TenantRef>), Error> {
    let mut tx = request.portal().store().platform().await?;
    let factors = factors::factors(tx.conn(), account).await?;
    let tenants = accounts::memberships(tx.conn(), account).await?;
    tx.end().await?;
    Ok((factors, tenants))
}

async fn note(request: &RequestContext, account: AccountId, tenant: &TenantRef, factors: Factors) -> Result<(), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    sql::set_factors(tx.conn(), account, factors).await?;
    tx.keep().await
}
