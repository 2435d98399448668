//! Queries on factors and on tries.

use domain::factors::{Authenticator, Factors};
use domain::ids::{AccountId, AuthenticatorId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::authenticators::Secret;
use crate::error::Error;
use crate::keys::Sealed;

/// Keeps others who ask for the same from going on before this transaction ends.
pub(crate) async fn lock_account(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("SELECT id FROM platform.accounts WHERE id = $1 FOR NO KEY UPDATE", account.0)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// What an account has besides its password.
pub(crate) async fn factors(conn: &mut PgConnection, account: AccountId) -> Result<Factors, Error> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM platform.authenticators
                          WHERE account_id = $1 AND confirmed_at IS NOT NULL) AS "authenticator!",
                  EXISTS (SELECT FROM platform.passkeys WHERE account_id = $1) AS "passkey!""#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Factors { authenticator: row.authenticator, passkey: row.passkey })
}

/// Takes away all that an account has, and the tries of its codes: it changes hands.
pub(crate) async fn remove_all(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.authenticators WHERE account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.code_tries WHERE account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.passkeys WHERE account_id = $1", account.0).execute(&mut *conn).await?;
    remove_recovery_codes(conn, account).await
}

pub(super) async fn list(conn: &mut PgConnection, account: AccountId) -> Result<Vec<Authenticator>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, name, confirmed_at AS "confirmed_at!", last_used_at FROM platform.authenticators
           WHERE account_id = $1 AND confirmed_at IS NOT NULL ORDER BY confirmed_at, id"#,
        account.0
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| Authenticator {
        id: AuthenticatorId(row.id),
        name: row.name,
        confirmed_at: row.confirmed_at,
        last_used_at: row.last_used_at,
    });
    Ok(rows.collect())
}

pub(super) async fn count(conn: &mut PgConnection, account: AccountId) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM platform.authenticators WHERE account_id = $1"#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

pub(super) async fn add(
    conn: &mut PgConnection,
    id: AuthenticatorId,
    account: AccountId,
    name: &str,
    secret: &Sealed<Secret>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.authenticators (id, account_id, name, secret, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        account.0,
        name,
        secret.as_bytes(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn remove_unfinished(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.authenticators WHERE account_id = $1 AND confirmed_at IS NULL", account.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The sealed secret of an app that was not confirmed and not begun before `since`.
pub(super) async fn unfinished(
    conn: &mut PgConnection,
    account: AccountId,
    id: AuthenticatorId,
    since: OffsetDateTime,
) -> Result<Option<Sealed<Secret>>, Error> {
    let secret = sqlx::query_scalar!(
        "SELECT secret FROM platform.authenticators
         WHERE id = $1 AND account_id = $2 AND confirmed_at IS NULL AND created_at > $3",
        id.0,
        account.0,
        since
    )
    .fetch_optional(conn)
    .await?;
    Ok(secret.map(Sealed::from))
}

/// Lets an app count, and spends the code that has shown it.
pub(super) async fn confirm(
    conn: &mut PgConnection,
    id: AuthenticatorId,
    name: &str,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.authenticators SET name = $2, confirmed_at = $4, last_used_at = $4, last_step = $3
         WHERE id = $1 AND confirmed_at IS NULL",
        id.0,
        name,
        step,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes an app away; gives its name, if it was the account's.
pub(super) async fn remove(
    conn: &mut PgConnection,
    account: AccountId,
    id: AuthenticatorId,
) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!(
        "DELETE FROM platform.authenticators WHERE id = $1 AND account_id = $2 AND confirmed_at IS NOT NULL RETURNING name",
        id.0,
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(name)
}

/// The sealed secrets of the account's apps that count.
pub(super) async fn secrets(
    conn: &mut PgConnection,
    account: AccountId,
) -> Result<Vec<(AuthenticatorId, Sealed<Secret>)>, Error> {
    let rows = sqlx::query!(
        "SELECT id, secret FROM platform.authenticators WHERE account_id = $1 AND confirmed_at IS NOT NULL ORDER BY id",
        account.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (AuthenticatorId(row.id), row.secret.into())).collect())
}

/// Spends the code of a step and of all before it: true for one caller, however many try at once.
pub(super) async fn spend(
    conn: &mut PgConnection,
    id: AuthenticatorId,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.authenticators SET last_step = $2, last_used_at = $3 WHERE id = $1 AND last_step < $2",
        id.0,
        step,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The tries of an account since a point in time.
pub(super) struct Tries {
    /// Those that were looked at.
    pub(super) counted: i64,
    /// When the first of them was.
    pub(super) oldest: Option<OffsetDateTime>,
    /// Whether one was refused, so that an entry tells of it.
    pub(super) refused: bool,
}

pub(super) async fn count_tries(
    conn: &mut PgConnection,
    account: AccountId,
    since: OffsetDateTime,
) -> Result<Tries, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE NOT refused) AS "counted!", min(at) FILTER (WHERE NOT refused) AS oldest,
                  coalesce(bool_or(refused), false) AS "refused!"
           FROM platform.code_tries WHERE account_id = $1 AND at > $2"#,
        account.0,
        since
    )
    .fetch_one(conn)
    .await?;
    Ok(Tries { counted: row.counted, oldest: row.oldest, refused: row.refused })
}

pub(super) async fn add_try(
    conn: &mut PgConnection,
    id: Uuid,
    account: AccountId,
    now: OffsetDateTime,
    refused: bool,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.code_tries (id, account_id, at, refused) VALUES ($1, $2, $3, $4)",
        id,
        account.0,
        now,
        refused
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn remove_try(conn: &mut PgConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.code_tries WHERE id = $1", id).execute(conn).await?;
    Ok(())
}

/// How many codes can still be used.
pub(super) async fn count_recovery_codes(conn: &mut PgConnection, account: AccountId) -> Result<u32, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM platform.recovery_codes WHERE account_id = $1 AND used_at IS NULL"#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Takes all codes away.
pub(crate) async fn remove_recovery_codes(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.recovery_codes WHERE account_id = $1", account.0).execute(conn).await?;
    Ok(())
}

/// Whether there are codes that were made at that time or later.
pub(crate) async fn has_recovery_codes_since(
    conn: &mut PgConnection,
    account: AccountId,
    since: OffsetDateTime,
) -> Result<bool, Error> {
    let has = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM platform.recovery_codes WHERE account_id = $1 AND created_at >= $2) AS "has!""#,
        account.0,
        since
    )
    .fetch_one(conn)
    .await?;
    Ok(has)
}

pub(super) async fn add_recovery_codes(
    conn: &mut PgConnection,
    account: AccountId,
    hashes: &[Vec<u8>],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.recovery_codes (hash, account_id, created_at) SELECT hash, $1, $3 FROM unnest($2::bytea[]) AS hash",
        account.0,
        hashes,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses a code up: true for one caller, however many try at once.
pub(super) async fn spend_recovery_code(
    conn: &mut PgConnection,
    account: AccountId,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.recovery_codes SET used_at = $3 WHERE hash = $2 AND account_id = $1 AND used_at IS NULL",
        account.0,
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
