//! Queries on the organization's invitations.

use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::{Invitation, InvitationState, Invite};
use domain::members::MemberStatus;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::roles::Role;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::paging::{Edge, SortKey, time_value};

struct InvitationRow {
    id: Uuid,
    email: String,
    role: String,
    state: String,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    inviter_name: Option<String>,
    inviter_role: Option<String>,
    inviter_status: Option<String>,
}

/// An invitation, and what its inviter is today, if they are still here and active.
pub(super) struct Locked {
    pub(super) invitation: Invitation,
    pub(super) inviter: Option<Role>,
}

impl TryFrom<InvitationRow> for Locked {
    type Error = Error;

    fn try_from(row: InvitationRow) -> Result<Self, Error> {
        let broken = || Error::internal("an invitation's row holds an unknown role or state");
        let active = row.inviter_status.as_deref() == Some(MemberStatus::Active.code());
        Ok(Self {
            inviter: row.inviter_role.as_deref().and_then(Role::from_code).filter(|_| active),
            invitation: Invitation {
                id: InvitationId(row.id),
                email: row.email,
                role: Role::from_code(&row.role).ok_or_else(broken)?,
                state: InvitationState::from_code(&row.state).ok_or_else(broken)?,
                mail: None,
                invited_by: row.inviter_name,
                created_at: row.created_at,
                expires_at: row.expires_at,
            },
        })
    }
}

pub(super) async fn lookup(conn: &mut PgConnection, id: InvitationId) -> Result<Option<Locked>, Error> {
    sqlx::query_as!(
        InvitationRow,
        r#"SELECT i.id, i.email, i.role, i.state, i.created_at, i.expires_at,
                  m.name AS "inviter_name?", m.role AS "inviter_role?", m.status AS "inviter_status?"
           FROM invitations i LEFT JOIN members m ON m.account_id = i.invited_by WHERE i.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Locked::try_from)
    .transpose()
}

/// As [`lookup`], with the invitation's row locked.
pub(super) async fn lock(conn: &mut PgConnection, id: InvitationId) -> Result<Option<Locked>, Error> {
    sqlx::query!("SELECT id FROM invitations WHERE id = $1 FOR UPDATE", id.0).fetch_optional(&mut *conn).await?;
    lookup(conn, id).await
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
pub(super) async fn list(conn: &mut PgConnection, cursor: Option<&Cursor>) -> Result<Vec<Invitation>, Error> {
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(cursor, SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                InvitationRow,
                r#"SELECT i.id, i.email, i.role, i.state, i.created_at, i.expires_at,
                          m.name AS "inviter_name?", m.role AS "inviter_role?", m.status AS "inviter_status?"
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
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    rows.into_iter().map(|row| Locked::try_from(row).map(|row| row.invitation)).collect()
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
