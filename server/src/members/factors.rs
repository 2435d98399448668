//! The organizations' own copies of what somebody has besides a password.

use domain::factors::Factors;

use super::sql;
use crate::error::Error;
use crate::factors::sql as factors;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::TenantRef;

/// Tells every organization of somebody's what they have by now. The act that has changed it is done and on record
/// elsewhere, so whatever goes wrong here is none of theirs: the copy is renewed when they come in, too.
pub(crate) async fn note_factors(request: &RequestContext, visitor: &Visitor) {
    let factors = match current(request, visitor).await {
        Ok(factors) => factors,
        Err(error) => return tracing::warn!(%error, "no organization has learned of a changed factor"),
    };
    for tenant in &visitor.memberships.all {
        if let Err(error) = note(request, visitor, tenant, factors).await {
            tracing::warn!(%error, organization = %tenant.id, "an organization has not learned of a changed factor");
        }
    }
}

async fn current(request: &RequestContext, visitor: &Visitor) -> Result<Factors, Error> {
    let mut tx = request.portal().store().platform().await?;
    let factors = factors::factors(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(factors)
}

async fn note(request: &RequestContext, visitor: &Visitor, tenant: &TenantRef, factors: Factors) -> Result<(), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    sql::set_factors(tx.conn(), visitor.account.id, factors).await?;
    tx.keep().await
}
