//! Invitations, as programs read and write them. Whoever stands for the key stands for what it invites to.

use domain::ids::{AccountId, ApiKeyId};
use domain::invitations::{Invitation, InviteForm};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use sqlx::PgConnection;

use crate::callers::Caller;
use crate::error::Error;
use crate::invitations::{self, CREATED, Inviter, VIEWED};

/// One page of invitations, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn invitations(caller: &Caller, cursor: Option<&Cursor>) -> Result<Page<Invitation>, Error> {
    caller.require(Permission::InviteMembers, VIEWED).await?;
    invitations::page(caller.begin().await?, cursor).await
}

/// Invites somebody.
///
/// # Errors
/// As [`crate::invitations::invite`].
pub async fn invite(caller: &Caller, form: &InviteForm) -> Result<Invitation, Error> {
    caller.require(Permission::InviteMembers, CREATED).await?;
    let mut tx = caller.begin().await?;
    let inviter = answerable(tx.conn(), caller.key()).await?;
    tx.close();
    invitations::add(caller, inviter, form).await
}

/// The member who answers for a key: who has made it, or stands for the account that it is of.
async fn answerable(conn: &mut PgConnection, key: ApiKeyId) -> Result<Inviter, Error> {
    let row = sqlx::query!(
        "SELECT m.account_id, m.name
         FROM api_keys k LEFT JOIN service_accounts a ON a.id = k.service_account_id
              JOIN members m ON m.account_id = coalesce(a.sponsor_id, k.created_by)
         WHERE k.id = $1",
        key.0
    )
    .fetch_optional(conn)
    .await?;
    // Whoever it was has left just now.
    let row = row.ok_or(Problem::KeyRefused)?;
    Ok(Inviter { account: AccountId(row.account_id), name: row.name })
}
