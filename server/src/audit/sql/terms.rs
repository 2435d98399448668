//! Terms of entries that are older than their column.

use sqlx::PgConnection;

use super::EntryRow;
use crate::error::Error;

/// How many entries are done at a time.
const BATCH: i64 = 500;

/// Stores the terms of some entries that have none, the newest first: how many are left.
pub(in crate::audit) async fn fill(
    conn: &mut PgConnection,
    terms_of: impl Fn(&EntryRow) -> Vec<i64>,
) -> Result<i64, Error> {
    let until = sqlx::query_scalar!("SELECT unindexed FROM audit_progress WHERE id = 1 FOR UPDATE SKIP LOCKED")
        .fetch_optional(&mut *conn)
        .await?;
    let Some(until) = until.filter(|until| *until > 0) else { return Ok(0) };
    let from = (until - BATCH).max(0);
    let rows = super::range(&mut *conn, from, until).await?;
    let (indexes, terms): (Vec<i64>, Vec<String>) =
        rows.iter().map(|row| (row.index, super::array(&terms_of(row)))).unzip();
    sqlx::query!(
        "UPDATE audit_entries SET terms = fresh.terms::bigint[]
         FROM unnest($1::bigint[], $2::text[]) AS fresh (index, terms)
         WHERE audit_entries.index = fresh.index",
        &indexes,
        &terms
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE audit_progress SET unindexed = $1 WHERE id = 1", from).execute(conn).await?;
    Ok(from)
}
