//! An invitation as the invited person sees it, and whether it is still good.

use domain::email::EmailAddress;
use domain::ids::InvitationId;
use domain::invitations::{InvitationState, Offer};
use domain::problem::Problem;
use domain::roles::Permission;
use time::OffsetDateTime;

use super::sql::{self, Locked};
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef, TenantTx};
use crate::tokens::{self, Channel, Purpose, Secret, Token};

/// The invitation behind a link.
///
/// # Errors
/// Not found, or why it can no longer be accepted.
pub async fn lookup(request: &RequestContext, secret: &str) -> Result<Offer, Error> {
    let (tenant, token) = find(request, &Secret::from_address(secret)).await?;
    let mut tx = begin(request, &tenant).await?;
    let found = sql::lookup(&mut tx, InvitationId(token.subject)).await?.ok_or(Problem::NotFound)?;
    tx.close();
    judge(&found, Some(&token), request.now)?;
    let by_mail = token.channel == Channel::Mail;
    offer(request, &tenant, found, by_mail).await
}

/// What a page tells about an invitation, to somebody who has proven to read mail at its address or has not.
pub(super) async fn offer(
    request: &RequestContext,
    tenant: &TenantRef,
    found: Locked,
    by_mail: bool,
) -> Result<Offer, Error> {
    let mut tx = request.portal().store().platform().await?;
    let email = EmailAddress::stored(&found.invitation.email);
    let has_account = accounts::lookup_by_email(tx.conn(), &email)
        .await?
        // One that nobody has proven falls to whoever reads the mail.
        .is_some_and(|found| found.account.email_proven || !by_mail);
    tx.end().await?;
    Ok(Offer {
        tenant: tenant.id,
        organization: tenant.name.clone(),
        invitation: found.invitation.id,
        email: found.invitation.email,
        role: found.invitation.role,
        invited_by: found.invitation.invited_by,
        expires_at: found.invitation.expires_at,
        has_account,
    })
}

/// The organization and the token of a secret.
pub(super) async fn find(request: &RequestContext, secret: &Secret) -> Result<(TenantRef, Token), Error> {
    let mut tx = request.portal().store().platform().await?;
    let token = tokens::lookup(tx.conn(), Purpose::Invitation, secret).await?.ok_or(Problem::NotFound)?;
    let tenant = token.tenant.ok_or(Problem::NotFound)?;
    let tenant = Store::lookup_tenant(tx.conn(), tenant).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    Ok((tenant, token))
}

/// Begins a transaction in an organization that somebody is invited to, if it is in use.
pub(super) async fn begin(request: &RequestContext, tenant: &TenantRef) -> Result<TenantTx, Error> {
    tenant.status.require_active()?;
    request.portal().store().tenant(tenant).await
}

/// Whether an invitation can be accepted now, by this token if it is by one.
pub(super) fn judge(found: &Locked, token: Option<&Token>, now: OffsetDateTime) -> Result<(), Problem> {
    let invitation = &found.invitation;
    match invitation.state {
        InvitationState::Pending => {}
        InvitationState::Accepted => return Err(Problem::LinkUsed),
        InvitationState::Declined => return Err(Problem::InvitationDeclined),
        InvitationState::Revoked => return Err(Problem::InvitationRevoked),
    }
    if !invitation.is_open(now) || token.is_some_and(|token| token.expires_at <= now) {
        return Err(Problem::LinkExpired);
    }
    if token.is_some_and(|token| token.used_at.is_some()) {
        return Err(Problem::LinkUsed);
    }
    if !invitation.role.exists() {
        return Err(Problem::InvitationRevoked);
    }
    let may_still = found
        .inviter
        .is_some_and(|held| held.allow(Permission::InviteMembers) && held.cover(invitation.role.permissions()));
    if may_still { Ok(()) } else { Err(Problem::InviterDemoted) }
}
