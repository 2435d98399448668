//! What somebody asks a list for again and again, kept under a name: each list has its own, and everybody theirs.

use domain::ids::{AccountId, SavedFilterId};
use domain::text::FilterName;
use sqlx::PgConnection;

use crate::error::Error;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Members,
    Audit,
}

impl List {
    const fn code(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Audit => "audit",
        }
    }
}

/// A filter as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: SavedFilterId,
    pub(crate) name: FilterName,
    /// As in the list's address.
    pub(crate) query: String,
}

fn kept(id: uuid::Uuid, name: String, query: String) -> Kept {
    Kept { id: SavedFilterId(id), name: FilterName::stored(name), query }
}

/// The filters that somebody keeps of a list, by name.
pub(crate) async fn list(conn: &mut PgConnection, of: AccountId, list: List) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, name, query FROM saved_filters WHERE account_id = $1 AND list = $2
           ORDER BY lower(name COLLATE "und-x-icu"), id"#,
        of.0,
        list.code()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| kept(row.id, row.name, row.query)).collect())
}

/// Adds a filter; false when there are so many already. A name that another has violates `saved_filters_name`.
pub(crate) async fn add(
    conn: &mut PgConnection,
    of: AccountId,
    list: List,
    filter: &Kept,
    most: u16,
) -> Result<bool, Error> {
    let added = sqlx::query!(
        "INSERT INTO saved_filters (id, account_id, list, name, query)
         SELECT $1, $2, $3, $4, $5
         WHERE (SELECT count(*) FROM saved_filters WHERE account_id = $2 AND list = $3) < $6",
        filter.id.0,
        of.0,
        list.code(),
        filter.name.as_str(),
        filter.query,
        i64::from(most)
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Takes a filter away, and tells which it was.
pub(crate) async fn delete(
    conn: &mut PgConnection,
    of: AccountId,
    list: List,
    id: SavedFilterId,
) -> Result<Option<Kept>, Error> {
    let row = sqlx::query!(
        "DELETE FROM saved_filters WHERE account_id = $1 AND list = $2 AND id = $3 RETURNING id, name, query",
        of.0,
        list.code(),
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| kept(row.id, row.name, row.query)))
}
