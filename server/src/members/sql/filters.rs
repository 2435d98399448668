//! Queries on the filters that members keep.

use domain::ids::{AccountId, SavedFilterId};
use domain::members::{MemberQuery, SavedFilter};
use domain::text::FilterName;
use sqlx::PgConnection;

use crate::error::Error;

fn filter(id: uuid::Uuid, name: String, query: &str) -> SavedFilter {
    SavedFilter { id: SavedFilterId(id), name: FilterName::stored(name), query: MemberQuery::from_text(query) }
}

pub(in crate::members) async fn list_filters(
    conn: &mut PgConnection,
    of: AccountId,
) -> Result<Vec<SavedFilter>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, name, query FROM saved_filters WHERE account_id = $1 ORDER BY lower(name COLLATE "und-x-icu"), id"#,
        of.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| filter(row.id, row.name, &row.query)).collect())
}

/// Adds a filter; false when there are so many already. A name that another has violates `saved_filters_name`.
pub(in crate::members) async fn add_filter(
    conn: &mut PgConnection,
    of: AccountId,
    filter: &SavedFilter,
    most: u16,
) -> Result<bool, Error> {
    let added = sqlx::query!(
        "INSERT INTO saved_filters (id, account_id, name, query)
         SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM saved_filters WHERE account_id = $2) < $5",
        filter.id.0,
        of.0,
        filter.name.as_str(),
        filter.query.to_text(),
        i64::from(most)
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Takes a filter away, and tells which it was.
pub(in crate::members) async fn delete_filter(
    conn: &mut PgConnection,
    of: AccountId,
    id: SavedFilterId,
) -> Result<Option<SavedFilter>, Error> {
    let row = sqlx::query!(
        "DELETE FROM saved_filters WHERE account_id = $1 AND id = $2 RETURNING id, name, query",
        of.0,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| filter(row.id, row.name, &row.query)))
}
