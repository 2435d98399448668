//! Declining.

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::ids::InvitationId;
use domain::invitations::InvitationState;
use domain::problem::Problem;

use super::offer::{begin, find, judge};
use super::{pending, sql};
use crate::error::Error;
use crate::outbox;
use crate::request::RequestContext;
use crate::store::TenantRef;
use crate::tokens::{self, Purpose, Secret, Token};

pub(crate) const DECLINED: Action = Action::new("invitation.declined");

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
    let found = sql::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    match judge(&found, token, request.now) {
        // That the inviter may invite no more is no reason to keep somebody from saying no.
        Ok(()) | Err(Problem::InviterDemoted) => {}
        Err(problem) => return Err(problem.into()),
    }
    sql::decide(tx.conn(), id, InvitationState::Declined, request.now).await?;
    let platform = tx.enter_platform().await?;
    outbox::cancel(platform, id.0).await?;
    tokens::end_all(platform, Purpose::Invitation, id.0, request.now).await?;
    pending::remove(platform, tenant.id, id).await?;
    tx.leave_platform().await?;
    let entry = Draft::done(DECLINED, actor)
        .target("invitation", id, Personal(found.invitation.email))
        .within(request.audited());
    tx.commit(request, entry).await
}
