//! Queries on the organization's invitations.

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, GroupId, InvitationId};
use domain::invitations::{Invitation, InvitationState, Invite};
use domain::members::MemberStatus;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::roles::{GrantedRole, Permissions, RoleBook, RoleId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::paging::{Edge, SortKey, time_value};
use crate::store::TenantTx;

struct InvitationRow {
    id: Uuid,
    email: String,
    role: String,
    state: String,
    imported: bool,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    inviter_name: Option<String>,
    inviter_role: Option<String>,
    inviter_status: Option<String>,
    inviter_groups: Vec<Uuid>,
}

/// An invitation, and what its inviter may do today, if they are still here and active.
pub(super) struct Locked {
    pub(super) invitation: Invitation,
    pub(super) inviter: Option<Permissions>,
    /// Whether it came of a file.
    pub(super) imported: bool,
}

impl InvitationRow {
    /// The invitation, by the organization's roles and groups.
    fn invitation(self, book: &RoleBook) -> Result<Locked, Error> {
        let broken = || Error::internal("an invitation's row holds an unknown role or state");
        let active = self.inviter_status.as_deref() == Some(MemberStatus::Active.code());
        let groups: Vec<_> = self.inviter_groups.into_iter().map(GroupId).collect();
        let inviter = self.inviter_role.as_deref().and_then(RoleId::from_code).filter(|_| active);
        Ok(Locked {
            imported: self.imported,
            inviter: inviter.map(|role| book.effective(role, &groups)),
            invitation: Invitation {
                id: InvitationId(self.id),
                email: self.email,
                role: book.role(RoleId::from_code(&self.role).ok_or_else(broken)?),
                state: InvitationState::from_code(&self.state).ok_or_else(broken)?,
                mail: None,
                invited_by: self.inviter_name,
                created_at: self.created_at,
                expires_at: self.expires_at,
            },
        })
    }
}

pub(super) async fn lookup(tx: &mut TenantTx, id: InvitationId) -> Result<Option<Locked>, Error> {
    let book = tx.book().await?;
    sqlx::query_as!(
        InvitationRow,
        r#"SELECT i.id, i.email, i.role, i.state, i.imported, i.created_at, i.expires_at,
                  m.name AS "inviter_name?", m.role AS "inviter_role?", m.status AS "inviter_status?",
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = i.invited_by) AS "inviter_groups!"
           FROM invitations i LEFT JOIN members m ON m.account_id = i.invited_by WHERE i.id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .map(|row| row.invitation(&book))
    .transpose()
}

/// As [`lookup`], with the invitation's row locked, by roles and groups that stay as they are.
pub(super) async fn lock(tx: &mut TenantTx, id: InvitationId) -> Result<Option<Locked>, Error> {
    tx.share_book().await?;
    sqlx::query!("SELECT id FROM invitations WHERE id = $1 FOR UPDATE", id.0).fetch_optional(tx.conn()).await?;
    lookup(tx, id).await
}

pub(super) async fn count(conn: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM invitations"#).fetch_one(conn).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What the list is sorted by, as a cursor holds it.
pub(super) fn sort_value(invitation: &Invitation) -> String {
    time_value(invitation.created_at)
}

/// A page and one more, newest first.
pub(super) async fn list(tx: &mut TenantTx, cursor: Option<&Cursor>) -> Result<Vec<Invitation>, Error> {
    let book = tx.book().await?;
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(cursor, SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                InvitationRow,
                r#"SELECT i.id, i.email, i.role, i.state, i.imported, i.created_at, i.expires_at,
                          m.name AS "inviter_name?", m.role AS "inviter_role?", m.status AS "inviter_status?",
                          ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = i.invited_by) AS "inviter_groups!"
                   FROM invitations i LEFT JOIN members m ON m.account_id = i.invited_by
                   WHERE (i.created_at, i.id) "#
                    + $beyond
                    + " ($1, $2)
                   ORDER BY i.created_at "
                    + $direction
                    + ", i.id "
                    + $direction
                    + " LIMIT $3",
                edge.time,
                edge.id,
                limit
            )
            .fetch_all(tx.conn())
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    rows.into_iter().map(|row| row.invitation(&book).map(|row| row.invitation)).collect()
}

/// Adds an invitation. A second open one for an address violates `invitations_open`.
pub(super) async fn add(
    conn: &mut PgConnection,
    id: InvitationId,
    invite: &Invite,
    by: AccountId,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO invitations (id, email, role, state, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, 'pending', $4, $5, $6)",
        id.0,
        invite.email.as_str(),
        invite.role.code(),
        by.0,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Closes an expired invitation of this address, so that it can be invited anew.
pub(super) async fn close_expired(
    conn: &mut PgConnection,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> Result<Vec<InvitationId>, Error> {
    let ids = sqlx::query_scalar!(
        "UPDATE invitations SET state = 'revoked', decided_at = $2
         WHERE email = $1 AND state = 'pending' AND expires_at <= $2 RETURNING id",
        email.as_str(),
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(InvitationId).collect())
}

/// Lets an invitation be good until then, by the word of whoever sends it or hands it out now: who invited first may
/// have left since.
pub(super) async fn renew(
    conn: &mut PgConnection,
    id: InvitationId,
    by: AccountId,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!("UPDATE invitations SET expires_at = $2, invited_by = $3 WHERE id = $1", id.0, expires_at, by.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Decides an open invitation: true for one caller, however many try at once.
pub(super) async fn decide(
    conn: &mut PgConnection,
    id: InvitationId,
    state: InvitationState,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET state = $2, decided_at = $3 WHERE id = $1 AND state = 'pending'",
        id.0,
        state.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An invitation that nobody has answered, expired or not.
pub(super) struct Open {
    pub(super) id: InvitationId,
    pub(super) role: GrantedRole,
    pub(super) expires_at: OffsetDateTime,
}

/// The invitations of these addresses that nobody has answered, locked, by address.
pub(super) async fn pending_for(tx: &mut TenantTx, emails: &[String]) -> Result<HashMap<String, Open>, Error> {
    let book = tx.book().await?;
    let rows = sqlx::query!(
        "SELECT id, email, role, expires_at FROM invitations
         WHERE state = 'pending' AND email = ANY($1) ORDER BY id FOR UPDATE",
        emails
    )
    .fetch_all(tx.conn())
    .await?;
    let broken = || Error::internal("an invitation's row holds an unknown role or state");
    rows.into_iter()
        .map(|row| {
            let role = book.role(RoleId::from_code(&row.role).ok_or_else(broken)?);
            Ok((row.email, Open { id: InvitationId(row.id), role, expires_at: row.expires_at }))
        })
        .collect()
}

/// As [`add`], many in one statement: those that came of a file.
pub(super) async fn add_all(
    conn: &mut PgConnection,
    invites: &[(InvitationId, Invite)],
    by: AccountId,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO invitations (id, email, role, state, imported, invited_by, created_at, expires_at)
         SELECT id, email, role, 'pending', true, $4, $5, $6 FROM unnest($1::uuid[], $2::text[], $3::text[])
              AS invite (id, email, role)",
        &invites.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &invites.iter().map(|(_, invite)| invite.email.as_str().to_owned()).collect::<Vec<_>>(),
        &invites.iter().map(|(_, invite)| invite.role.code()).collect::<Vec<_>>(),
        by.0,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Closes invitations that have expired, so that others can take their place.
pub(super) async fn close_all(conn: &mut PgConnection, ids: &[InvitationId], now: OffsetDateTime) -> Result<(), Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("UPDATE invitations SET state = 'revoked', decided_at = $2 WHERE id = ANY($1)", &ids, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has open invitations give other roles, by the word of whoever says so now.
pub(super) async fn set_roles(
    conn: &mut PgConnection,
    changes: &[(InvitationId, String)],
    by: AccountId,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE invitations SET role = change.role, invited_by = $3
         FROM unnest($1::uuid[], $2::text[]) AS change (id, role) WHERE invitations.id = change.id",
        &changes.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &changes.iter().map(|(_, role)| role.clone()).collect::<Vec<_>>(),
        by.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
