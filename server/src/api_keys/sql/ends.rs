//! Queries by which keys end, for good or until somebody has them work again.

use domain::ids::{AccountId, AlertId, ApiKeyId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// The most keys that one statement takes away.
const FORGOTTEN_MAX: i64 = 1_000;

/// Takes keys back.
pub(in crate::api_keys) async fn revoke(
    conn: &mut PgConnection,
    ids: &[ApiKeyId],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE api_keys SET revoked_at = $2, former = NULL, former_until = NULL, former_issued_by = NULL
         WHERE id = ANY($1)",
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The keys that act for these members themselves and were not revoked, locked, with their names.
pub(in crate::api_keys) async fn of_members(
    conn: &mut PgConnection,
    members: &[AccountId],
) -> Result<Vec<(ApiKeyId, String)>, Error> {
    let rows = sqlx::query!(
        "SELECT id, name FROM api_keys
         WHERE created_by = ANY($1) AND service_account_id IS NULL AND revoked_at IS NULL ORDER BY id FOR UPDATE",
        &members.iter().map(|member| member.0).collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (ApiKeyId(row.id), row.name)).collect())
}

/// The keys that act for these accounts themselves, or with a secret that one of them has made, and were not revoked: locked,
/// with their names. Former secrets that they have made end.
pub(in crate::api_keys) async fn take_of_accounts(
    conn: &mut PgConnection,
    accounts: &[AccountId],
) -> Result<Vec<(ApiKeyId, String)>, Error> {
    let accounts: Vec<_> = accounts.iter().map(|account| account.0).collect();
    let rows = sqlx::query!(
        "SELECT id, name FROM api_keys
         WHERE (issued_by = ANY($1) OR created_by = ANY($1) AND service_account_id IS NULL) AND revoked_at IS NULL
         ORDER BY id FOR UPDATE",
        &accounts
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE api_keys SET former = NULL, former_until = NULL, former_issued_by = NULL WHERE former_issued_by = ANY($1)",
        &accounts
    )
    .execute(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (ApiKeyId(row.id), row.name)).collect())
}

/// Has secrets that these members have made be nobody's any more, and former ones of theirs end: whoever comes back has none.
/// The hashes of all of these.
pub(in crate::api_keys) async fn disown(conn: &mut PgConnection, members: &[AccountId]) -> Result<Vec<Vec<u8>>, Error> {
    let members: Vec<_> = members.iter().map(|member| member.0).collect();
    let current = sqlx::query_scalar!(
        "UPDATE api_keys SET issued_by = $2 WHERE issued_by = ANY($1) AND revoked_at IS NULL RETURNING secret",
        &members,
        Uuid::nil()
    )
    .fetch_all(&mut *conn)
    .await?;
    let former = sqlx::query_scalar!(
        r#"SELECT former AS "former!" FROM api_keys WHERE former_issued_by = ANY($1) AND former IS NOT NULL FOR UPDATE"#,
        &members
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE api_keys SET former = NULL, former_until = NULL, former_issued_by = NULL WHERE former_issued_by = ANY($1)",
        &members
    )
    .execute(conn)
    .await?;
    Ok(current.into_iter().chain(former).collect())
}

/// Has a key open nothing because of an alert, or work again.
pub(in crate::api_keys) async fn set_disabled(
    conn: &mut PgConnection,
    id: ApiKeyId,
    by: Option<AlertId>,
) -> Result<(), Error> {
    sqlx::query!("UPDATE api_keys SET disabled_by = $2 WHERE id = $1", id.0, by.map(|alert| alert.0))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes keys away that were over before then: whether there may be more.
pub(in crate::api_keys) async fn forget(conn: &mut PgConnection, before: OffsetDateTime) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE least(revoked_at, expires_at) < $1
                                           ORDER BY id LIMIT $2 FOR UPDATE)",
        before,
        FORGOTTEN_MAX
    );
    Ok(gone.execute(conn).await?.rows_affected() == FORGOTTEN_MAX.unsigned_abs())
}
