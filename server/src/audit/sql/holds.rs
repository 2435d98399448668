//! Queries on holds.

use domain::ids::{AccountId, HoldId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// How many are looked at: all that count come first.
const LOOKED_AT: i64 = 200;

/// A hold as it is stored.
pub(in crate::audit) struct HoldRow {
    pub(in crate::audit) id: Uuid,
    pub(in crate::audit) query: String,
    pub(in crate::audit) reason: String,
    pub(in crate::audit) placed_by: Option<String>,
    pub(in crate::audit) placed_at: OffsetDateTime,
    pub(in crate::audit) released_by: Option<String>,
    pub(in crate::audit) released_at: Option<OffsetDateTime>,
}

/// Those that count, the newest first, and then those that do not any more, the last to be released first.
pub(in crate::audit) async fn list(conn: &mut PgConnection) -> Result<Vec<HoldRow>, Error> {
    let rows = sqlx::query_as!(
        HoldRow,
        r#"SELECT h.id, h.query, h.reason, p.name AS "placed_by?", h.placed_at, r.name AS "released_by?", h.released_at
           FROM audit_holds h LEFT JOIN members p ON p.account_id = h.placed_by
                LEFT JOIN members r ON r.account_id = h.released_by
           ORDER BY h.released_at DESC NULLS FIRST, h.placed_at DESC LIMIT $1"#,
        LOOKED_AT
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Adds one; false when there are so many already that count.
pub(in crate::audit) async fn add(
    conn: &mut PgConnection,
    id: HoldId,
    (query, reason): (&str, &str),
    by: AccountId,
    now: OffsetDateTime,
    most: u16,
) -> Result<bool, Error> {
    let added = sqlx::query!(
        "INSERT INTO audit_holds (id, query, reason, placed_by, placed_at)
         SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM audit_holds WHERE released_at IS NULL) < $6",
        id.0,
        query,
        reason,
        by.0,
        now,
        i64::from(most)
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Releases one that counts: what it held, and why.
pub(in crate::audit) async fn release(
    conn: &mut PgConnection,
    id: HoldId,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<Option<(String, String)>, Error> {
    let row = sqlx::query!(
        "UPDATE audit_holds SET released_by = $2, released_at = $3 WHERE id = $1 AND released_at IS NULL
         RETURNING query, reason",
        id.0,
        by.0,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.query, row.reason)))
}

/// What those hold that count, the oldest first.
pub(in crate::audit) async fn active(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    let queries = sqlx::query_scalar!("SELECT query FROM audit_holds WHERE released_at IS NULL ORDER BY placed_at, id")
        .fetch_all(conn)
        .await?;
    Ok(queries)
}

/// How many there are: none is ever deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) struct Counts {
    /// How many were placed.
    pub(in crate::audit) placed: i64,
    /// How many of them were released.
    pub(in crate::audit) released: i64,
}

/// How many were placed until now, and released.
pub(in crate::audit) async fn counts(conn: &mut PgConnection) -> Result<Counts, Error> {
    let counts =
        sqlx::query_as!(Counts, r#"SELECT count(*) AS "placed!", count(released_at) AS "released!" FROM audit_holds"#)
            .fetch_one(conn)
            .await?;
    Ok(counts)
}

/// Has nobody place or release one until this transaction ends.
pub(in crate::audit) async fn freeze(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::raw_sql("LOCK TABLE audit_holds IN SHARE MODE").execute(conn).await?;
    Ok(())
}
