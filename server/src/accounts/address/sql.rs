//! Queries on addresses that wait to be proven.

use domain::email::EmailAddress;
use domain::ids::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Side;
use crate::error::Error;

/// An address that waits.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Change {
    pub(super) id: Uuid,
    pub(super) account: AccountId,
    pub(super) email: EmailAddress,
    pub(super) expires_at: OffsetDateTime,
    pub(super) present_agreed: bool,
    pub(super) new_agreed: bool,
}

impl Change {
    /// Whether whoever reads mail there has agreed.
    pub(super) fn is_agreed(&self, side: Side) -> bool {
        match side {
            Side::Present => self.present_agreed,
            Side::New => self.new_agreed,
        }
    }
}

struct ChangeRow {
    id: Uuid,
    account_id: Uuid,
    email: String,
    expires_at: OffsetDateTime,
    present_agreed_at: Option<OffsetDateTime>,
    new_agreed_at: Option<OffsetDateTime>,
}

impl From<ChangeRow> for Change {
    fn from(row: ChangeRow) -> Self {
        Self {
            id: row.id,
            account: AccountId(row.account_id),
            email: EmailAddress::stored(row.email),
            expires_at: row.expires_at,
            present_agreed: row.present_agreed_at.is_some(),
            new_agreed: row.new_agreed_at.is_some(),
        }
    }
}

/// Whose address it is.
pub(super) struct Holder {
    pub(super) name: String,
    pub(super) email: EmailAddress,
    pub(super) proven: bool,
}

/// The account, which nobody else changes until this transaction ends.
pub(super) async fn lock_holder(conn: &mut PgConnection, account: AccountId) -> Result<Option<Holder>, Error> {
    let row = sqlx::query!(
        "SELECT name, email, email_proven_at FROM platform.accounts WHERE id = $1 FOR NO KEY UPDATE",
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Holder {
        name: row.name,
        email: EmailAddress::stored(row.email),
        proven: row.email_proven_at.is_some(),
    }))
}

/// Adds one to an account that has none.
pub(super) async fn add(conn: &mut PgConnection, change: &Change, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.address_changes (id, account_id, email, created_at, expires_at, present_agreed_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        change.id,
        change.account.0,
        change.email.as_str(),
        now,
        change.expires_at,
        change.present_agreed.then_some(now)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The one of an account.
pub(super) async fn of_account(conn: &mut PgConnection, account: AccountId) -> Result<Option<Change>, Error> {
    let row = sqlx::query_as!(
        ChangeRow,
        "SELECT id, account_id, email, expires_at, present_agreed_at, new_agreed_at
         FROM platform.address_changes WHERE account_id = $1",
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Change::from))
}

/// The one of this id.
pub(super) async fn lookup(conn: &mut PgConnection, id: Uuid) -> Result<Option<Change>, Error> {
    let row = sqlx::query_as!(
        ChangeRow,
        "SELECT id, account_id, email, expires_at, present_agreed_at, new_agreed_at
         FROM platform.address_changes WHERE id = $1",
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Change::from))
}

/// Notes that somebody has agreed.
pub(super) async fn agree(conn: &mut PgConnection, id: Uuid, side: Side, now: OffsetDateTime) -> Result<(), Error> {
    match side {
        Side::Present => {
            sqlx::query!("UPDATE platform.address_changes SET present_agreed_at = $2 WHERE id = $1", id, now)
                .execute(conn)
                .await?
        }
        Side::New => {
            sqlx::query!("UPDATE platform.address_changes SET new_agreed_at = $2 WHERE id = $1", id, now)
                .execute(conn)
                .await?
        }
    };
    Ok(())
}

/// Gives it more time.
pub(super) async fn extend(conn: &mut PgConnection, id: Uuid, until: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.address_changes SET expires_at = $2 WHERE id = $1", id, until).execute(conn).await?;
    Ok(())
}

/// Takes the one of an account away.
pub(in crate::accounts) async fn remove(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.address_changes WHERE account_id = $1", account.0).execute(conn).await?;
    Ok(())
}

/// Gives an account its new address, which is proven. One that another account has violates `accounts_email_key`.
pub(super) async fn change_email(
    conn: &mut PgConnection,
    account: AccountId,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.accounts SET email = $2, email_proven_at = $3 WHERE id = $1",
        account.0,
        email.as_str(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
