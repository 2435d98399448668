//! Queries on passkeys and their challenges.

use domain::factors::Passkey;
use domain::ids::{AccountId, PasskeyId, SessionId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::prelude;

use crate::error::Error;

/// The passkeys of an account, the oldest first.
pub(in crate::factors) async fn list(conn: &mut PgConnection, account: AccountId) -> Result<Vec<Passkey>, Error> {
    let rows = sqlx::query!(
        "SELECT id, name, created_at, last_used_at FROM platform.passkeys
         WHERE account_id = $1 ORDER BY created_at, id",
        account.0
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| Passkey {
        id: PasskeyId(row.id),
        name: row.name,
        added_at: row.created_at,
        last_used_at: row.last_used_at,
    });
    Ok(rows.collect())
}

/// What the account's devices call its passkeys.
pub(super) async fn credential_ids(conn: &mut PgConnection, account: AccountId) -> Result<Vec<Vec<u8>>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT credential_id FROM platform.passkeys WHERE account_id = $1 ORDER BY created_at, id",
        account.0
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Adds one; false when there is one that is called so.
pub(super) async fn add(
    conn: &mut PgConnection,
    id: PasskeyId,
    account: AccountId,
    name: &str,
    passkey: &prelude::Passkey,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO platform.passkeys (id, account_id, name, credential_id, credential, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING",
        id.0,
        account.0,
        name,
        passkey.cred_id().as_slice(),
        stored(passkey)?,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A passkey as its row has it.
fn stored(passkey: &prelude::Passkey) -> Result<serde_json::Value, Error> {
    serde_json::to_value(passkey).map_err(Error::internal)
}

/// Takes one away; gives its name, if it was the account's.
pub(in crate::factors) async fn remove(
    conn: &mut PgConnection,
    account: AccountId,
    id: PasskeyId,
) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!(
        "DELETE FROM platform.passkeys WHERE id = $1 AND account_id = $2 RETURNING name",
        id.0,
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(name)
}

/// Whose passkey is called so.
pub(super) async fn owner(conn: &mut PgConnection, credential_id: &[u8]) -> Result<Option<AccountId>, Error> {
    let account =
        sqlx::query_scalar!("SELECT account_id FROM platform.passkeys WHERE credential_id = $1", credential_id)
            .fetch_optional(conn)
            .await?;
    Ok(account.map(AccountId))
}

/// A passkey of the account's as it is stored.
pub(super) async fn credential(
    conn: &mut PgConnection,
    account: AccountId,
    credential_id: &[u8],
) -> Result<Option<(PasskeyId, serde_json::Value)>, Error> {
    let row = sqlx::query!(
        "SELECT id, credential FROM platform.passkeys WHERE credential_id = $1 AND account_id = $2",
        credential_id,
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (PasskeyId(row.id), row.credential)))
}

/// Notes that one was used, and what its device says of itself.
pub(super) async fn note_use(
    conn: &mut PgConnection,
    id: PasskeyId,
    passkey: &prelude::Passkey,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.passkeys SET credential = $2, last_used_at = $3 WHERE id = $1",
        id.0,
        stored(passkey)?,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a challenge, in place of one of the same session for the same purpose.
pub(super) async fn add_challenge(
    conn: &mut PgConnection,
    id: Uuid,
    session: Option<SessionId>,
    purpose: &str,
    state: &serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.passkey_challenges (id, session_id, purpose, state, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (session_id, purpose)
         DO UPDATE SET id = excluded.id, state = excluded.state, created_at = excluded.created_at",
        id,
        session.map(|session| session.0),
        purpose,
        state,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn take_of_session(
    conn: &mut PgConnection,
    session: SessionId,
    purpose: &str,
    since: OffsetDateTime,
) -> Result<Option<serde_json::Value>, Error> {
    let state = sqlx::query_scalar!(
        "DELETE FROM platform.passkey_challenges
         WHERE session_id = $1 AND purpose = $2 AND created_at > $3 RETURNING state",
        session.0,
        purpose,
        since
    )
    .fetch_optional(conn)
    .await?;
    Ok(state)
}

pub(super) async fn take_of_browser(
    conn: &mut PgConnection,
    id: Uuid,
    since: OffsetDateTime,
) -> Result<Option<serde_json::Value>, Error> {
    let state = sqlx::query_scalar!(
        "DELETE FROM platform.passkey_challenges
         WHERE id = $1 AND session_id IS NULL AND created_at > $2 RETURNING state",
        id,
        since
    )
    .fetch_optional(conn)
    .await?;
    Ok(state)
}
