//! Queries on accounts and passwords.

use domain::accounts::{Account, Profile, Theme};
use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::organizations::TenantStatus;
use domain::text::PersonName;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::address;
use crate::api_keys::secrets;
use crate::error::Error;
use crate::factors;
use crate::notices;
use crate::notifications;
use crate::passwords::KeptPassword;
use crate::store::TenantRef;

/// A new account's row and its first password, if it has one.
pub(crate) struct NewAccount<'a> {
    pub(crate) id: AccountId,
    pub(crate) email: &'a EmailAddress,
    pub(crate) name: &'a PersonName,
    pub(crate) email_proven_at: Option<OffsetDateTime>,
    pub(crate) password: Option<&'a KeptPassword>,
}

/// Adds an account. A taken address violates `accounts_email_key`.
pub(crate) async fn add(conn: &mut PgConnection, account: &NewAccount<'_>, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.accounts (id, email, email_proven_at, name, time_zone, theme, created_at)
         VALUES ($1, $2, $3, $4, 'UTC', 'system', $5)",
        account.id.0,
        account.email.as_str(),
        account.email_proven_at,
        account.name.as_str(),
        now
    )
    .execute(&mut *conn)
    .await?;
    let Some(password) = account.password else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO platform.passwords (account_id, hash, changed_at, length, score) VALUES ($1, $2, $3, $4, $5)",
        account.id.0,
        password.hash,
        now,
        password.length,
        password.score
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An account with what signing in needs.
pub(crate) struct Credentials {
    pub(crate) account: Account,
    pub(crate) password_hash: Option<String>,
    pub(crate) epoch: i64,
}

/// The account of an address.
pub(crate) async fn lookup_by_email(
    conn: &mut PgConnection,
    email: &EmailAddress,
) -> Result<Option<Credentials>, Error> {
    let row = sqlx::query!(
        r#"SELECT a.id, a.email, a.email_proven_at, a.name, a.time_zone, a.theme, a.shortcuts, a.epoch,
                  p.hash AS "hash?"
           FROM platform.accounts a LEFT JOIN platform.passwords p ON p.account_id = a.id
           WHERE a.email = $1"#,
        email.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Credentials {
        account: Account {
            id: AccountId(row.id),
            email: row.email,
            email_proven: row.email_proven_at.is_some(),
            name: row.name,
            time_zone: row.time_zone,
            theme: Theme::from_code(&row.theme).unwrap_or_default(),
            shortcuts: row.shortcuts,
        },
        password_hash: row.hash,
        epoch: row.epoch,
    }))
}

/// The name and address of an account.
pub(crate) async fn lookup_name(conn: &mut PgConnection, id: AccountId) -> Result<Option<(String, String)>, Error> {
    let row =
        sqlx::query!("SELECT name, email FROM platform.accounts WHERE id = $1", id.0).fetch_optional(conn).await?;
    Ok(row.map(|row| (row.name, row.email)))
}

/// Name, address and organizations of an account.
pub(crate) async fn lookup_words(conn: &mut PgConnection, id: AccountId) -> Result<Vec<String>, Error> {
    let words = sqlx::query_scalar!(
        r#"SELECT word AS "word!" FROM (
             SELECT name AS word FROM platform.accounts WHERE id = $1
             UNION SELECT email FROM platform.accounts WHERE id = $1
             UNION SELECT t.name FROM platform.memberships m JOIN platform.tenants t ON t.id = m.tenant_id
                   WHERE m.account_id = $1) words"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(words)
}

/// Stores a password in another way, unless it was changed meanwhile.
pub(crate) async fn renew_hash(conn: &mut PgConnection, id: AccountId, old: &str, new: &str) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.passwords SET hash = $3 WHERE account_id = $1 AND hash = $2", id.0, old, new)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives an account whose address nobody had proven to whoever reads its mail: the address is proven, the password is
/// theirs, and what was there before – sessions, secrets of API keys, factors, tries of codes, notices, notifications, a change of
/// address – is gone. False, and
/// nothing happens, when the address was proven already: for one caller this is true, however many take it over at once.
pub(crate) async fn take_over(
    conn: &mut PgConnection,
    id: AccountId,
    password: &KeptPassword,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    if !prove_email(conn, id, now).await? {
        return Ok(false);
    }
    change_password_and_end_sessions(conn, id, password, now).await?;
    secrets::end_of_account(conn, id).await?;
    address::sql::remove(conn, id).await?;
    factors::sql::remove_all(conn, id).await?;
    notices::sql::remove_all(conn, id).await?;
    notifications::sql::remove_all(conn, id).await?;
    Ok(true)
}

/// Gives an account the name of whoever has taken it over: it was somebody else's word.
pub(crate) async fn rename(conn: &mut PgConnection, id: AccountId, name: &PersonName) -> Result<(), Error> {
    sqlx::query!("UPDATE platform.accounts SET name = $2 WHERE id = $1", id.0, name.as_str()).execute(conn).await?;
    Ok(())
}

/// Notes that somebody has shown to read mail at the account's address: true for the first one,
/// however many do at once.
pub(crate) async fn prove_email(conn: &mut PgConnection, id: AccountId, now: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.accounts SET email_proven_at = $2 WHERE id = $1 AND email_proven_at IS NULL",
        id.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets a new password and ends every session: gives the account's epoch for a session to come.
pub(crate) async fn change_password_and_end_sessions(
    conn: &mut PgConnection,
    id: AccountId,
    password: &KeptPassword,
    now: OffsetDateTime,
) -> Result<i64, Error> {
    set_password(conn, id, password, now).await?;
    end_sessions(conn, id).await
}

/// Sets a new password.
pub(super) async fn set_password(
    conn: &mut PgConnection,
    id: AccountId,
    password: &KeptPassword,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.passwords (account_id, hash, changed_at, length, score) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id) DO UPDATE
         SET hash = excluded.hash, changed_at = excluded.changed_at, length = excluded.length, score = excluded.score",
        id.0,
        password.hash,
        now,
        password.length,
        password.score
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the password away: nobody signs in with one until another is chosen.
pub(crate) async fn void_password(conn: &mut PgConnection, id: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.passwords WHERE account_id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// Ends every session, also one that just begins: gives the account's epoch for a session to come.
pub(crate) async fn end_sessions(conn: &mut PgConnection, id: AccountId) -> Result<i64, Error> {
    let epoch =
        sqlx::query_scalar!("UPDATE platform.accounts SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", id.0)
            .fetch_one(&mut *conn)
            .await?;
    sqlx::query!("DELETE FROM platform.sessions WHERE account_id = $1", id.0).execute(conn).await?;
    Ok(epoch)
}

/// The account's epoch, which nobody changes until this transaction ends.
pub(crate) async fn lock_epoch(conn: &mut PgConnection, id: AccountId) -> Result<Option<i64>, Error> {
    let epoch = sqlx::query_scalar!("SELECT epoch FROM platform.accounts WHERE id = $1 FOR SHARE", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(epoch)
}

/// What a person says about themselves, which nobody else can change until this transaction ends.
pub(crate) async fn lock_profile(conn: &mut PgConnection, id: AccountId) -> Result<Profile, Error> {
    let row =
        sqlx::query!("SELECT name, time_zone, theme, shortcuts FROM platform.accounts WHERE id = $1 FOR UPDATE", id.0)
            .fetch_one(conn)
            .await?;
    Ok(Profile {
        name: PersonName::stored(row.name),
        time_zone: row.time_zone,
        theme: Theme::from_code(&row.theme).unwrap_or_default(),
        shortcuts: row.shortcuts,
    })
}

/// Changes what a person says about themselves.
pub(crate) async fn change_profile(conn: &mut PgConnection, id: AccountId, profile: &Profile) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.accounts SET name = $2, time_zone = $3, theme = $4, shortcuts = $5 WHERE id = $1",
        id.0,
        profile.name.as_str(),
        profile.time_zone,
        profile.theme.code(),
        profile.shortcuts
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When the password was chosen.
pub(super) async fn password_changed_at(
    conn: &mut PgConnection,
    id: AccountId,
) -> Result<Option<OffsetDateTime>, Error> {
    let at = sqlx::query_scalar!("SELECT changed_at FROM platform.passwords WHERE account_id = $1", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(at)
}

/// The organizations that an account is in.
pub(crate) async fn memberships(conn: &mut PgConnection, id: AccountId) -> Result<Vec<TenantRef>, Error> {
    let rows = sqlx::query!(
        "SELECT t.id, t.name, t.slug, t.status, t.lane, t.schema_version
         FROM platform.memberships m JOIN platform.tenants t ON t.id = m.tenant_id WHERE m.account_id = $1",
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| TenantRef {
            id: TenantId(row.id),
            name: row.name,
            slug: row.slug,
            status: TenantStatus::from_code(&row.status).unwrap_or(TenantStatus::Suspended),
            lane: u16::try_from(row.lane).unwrap_or(0),
            schema_version: row.schema_version,
        })
        .collect())
}

/// Takes an account away with all that is only its own. One that is in an organization violates
/// `memberships_account_id_fkey`.
pub(super) async fn erase(conn: &mut PgConnection, id: AccountId) -> Result<(), Error> {
    factors::sql::remove_all(conn, id).await?;
    notices::sql::remove_all(conn, id).await?;
    notifications::sql::remove_all(conn, id).await?;
    sqlx::query!(
        "DELETE FROM platform.passkey_challenges WHERE session_id IN
             (SELECT id FROM platform.sessions WHERE account_id = $1)",
        id.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM platform.sessions WHERE account_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.tokens WHERE subject = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.passwords WHERE account_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.sign_in_failures WHERE account_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.accounts WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}
