//! The invitations of somebody who is signed in. They are shown only to an address that its person
//! has proven: a link is a secret, and a list is not.

use domain::ids::{InvitationId, TenantId};
use domain::invitations::Offer;
use domain::problem::Problem;

use super::accept::join_known;
use super::decline::turn_down;
use super::join::Accepted;
use super::offer::{begin, judge, offer};
use super::pending;
use super::sql::{self, Locked};
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::{Store, TenantRef};

/// An invitation of a person's own list.
pub struct Listed {
    /// What it is.
    pub offer: Offer,
    /// Why it cannot be accepted; it can be declined all the same.
    pub problem: Option<Problem>,
}

/// The invitations that wait for this person: those that every page counts.
///
/// # Errors
/// The database does not answer.
pub async fn list_mine(request: &RequestContext, visitor: &Visitor) -> Result<Vec<Listed>, Error> {
    let mut list = Vec::new();
    for (tenant, id) in waiting(request, visitor).await? {
        let (tenant, found) = match open(request, visitor, tenant, id).await {
            Ok(found) => found,
            // It was answered or suspended just now, or is being upgraded.
            Err(Error::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        let problem = judge(&found, None, request.now).err();
        list.push(Listed { offer: offer(request, &tenant, found, false).await?, problem });
    }
    Ok(list)
}

/// Accepts one of them.
///
/// # Errors
/// Not found, when it is not this person's; or why it is not good any more.
pub async fn accept_listed(
    request: &RequestContext,
    visitor: &Visitor,
    tenant: TenantId,
    id: InvitationId,
) -> Result<Accepted, Error> {
    let (tenant, found) = open(request, visitor, tenant, id).await?;
    join_known(request, &tenant, &found.invitation, visitor).await
}

/// Declines one of them.
///
/// # Errors
/// As [`accept_listed`].
pub async fn decline_listed(
    request: &RequestContext,
    visitor: &Visitor,
    tenant: TenantId,
    id: InvitationId,
) -> Result<(), Error> {
    let (tenant, found) = open(request, visitor, tenant, id).await?;
    turn_down(request, &tenant, found.invitation.id, None, visitor.actor()).await
}

async fn waiting(request: &RequestContext, visitor: &Visitor) -> Result<Vec<(TenantId, InvitationId)>, Error> {
    if !visitor.account.email_proven {
        return Ok(Vec::new());
    }
    let mut tx = request.portal().store().platform().await?;
    let pending = pending::list(tx.conn(), &visitor.account.email, request.now).await?;
    tx.end().await?;
    Ok(pending)
}

/// An open invitation of this person's.
async fn open(
    request: &RequestContext,
    visitor: &Visitor,
    tenant: TenantId,
    id: InvitationId,
) -> Result<(TenantRef, Locked), Error> {
    if !waiting(request, visitor).await?.contains(&(tenant, id)) {
        return Err(Problem::NotFound.into());
    }
    let mut tx = request.portal().store().platform().await?;
    let tenant = Store::lookup_tenant(tx.conn(), tenant).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    let mut tx = begin(request, &tenant).await?;
    let found = sql::lookup(&mut tx, id).await?.filter(|found| found.invitation.email == visitor.account.email);
    tx.close();
    Ok((tenant, found.ok_or(Problem::NotFound)?))
}
