//! Queries on the platform's side of invitations: which address is invited where, and the membership
//! that comes of it. They run in the role `act`, but for the list of a person's own.

use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId, TenantId};
use domain::invitations::Invite;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Error;

pub(super) async fn add(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: InvitationId,
    email: &EmailAddress,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.pending_invitations (tenant_id, invitation_id, email, expires_at) VALUES ($1, $2, $3, $4)",
        tenant.0,
        id.0,
        email.as_str(),
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// As [`add`], many in one statement.
pub(super) async fn add_all(
    conn: &mut PgConnection,
    tenant: TenantId,
    invites: &[(InvitationId, Invite)],
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.pending_invitations (tenant_id, invitation_id, email, expires_at)
         SELECT $1, id, email, $4 FROM unnest($2::uuid[], $3::text[]) AS invite (id, email)",
        tenant.0,
        &invites.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &invites.iter().map(|(_, invite)| invite.email.as_str().to_owned()).collect::<Vec<_>>(),
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn extend(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: InvitationId,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.pending_invitations SET expires_at = $3 WHERE tenant_id = $1 AND invitation_id = $2",
        tenant.0,
        id.0,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn remove(conn: &mut PgConnection, tenant: TenantId, id: InvitationId) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.pending_invitations WHERE tenant_id = $1 AND invitation_id = $2",
        tenant.0,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The open invitations of an address: organization and invitation.
pub(super) async fn list(
    conn: &mut PgConnection,
    email: &str,
    now: OffsetDateTime,
) -> Result<Vec<(TenantId, InvitationId)>, Error> {
    let rows = sqlx::query!(
        "SELECT p.tenant_id, p.invitation_id FROM platform.pending_invitations p
         JOIN platform.tenants t ON t.id = p.tenant_id AND t.status = 'active'
         WHERE p.email = $1 AND p.expires_at > $2 ORDER BY p.expires_at DESC, p.invitation_id LIMIT 50",
        email,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), InvitationId(row.invitation_id))).collect())
}

/// Adds the platform's side of a membership.
pub(super) async fn add_membership(
    conn: &mut PgConnection,
    account: AccountId,
    tenant: TenantId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.memberships (account_id, tenant_id, since) VALUES ($1, $2, $3)",
        account.0,
        tenant.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE platform.accounts SET last_tenant_id = $2 WHERE id = $1", account.0, tenant.0)
        .execute(conn)
        .await?;
    Ok(())
}
