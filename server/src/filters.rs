//! What somebody asks a list for again and again, kept under a name: each list has its own, and everybody theirs.

use domain::audit::{Action, Draft, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, SavedFilterId};
use domain::members::SAVED_FILTERS_MAX;
use domain::problem::Problem;
use domain::text::FilterName;
use sqlx::PgConnection;

use crate::access::Access;
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

    /// What entries call one that is kept of it.
    const fn target(self) -> &'static str {
        match self {
            Self::Members => "filter",
            Self::Audit => "view",
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

/// The filters that whoever asks keeps of a list, by name.
pub(crate) async fn of(access: &Access, list: List) -> Result<Vec<Kept>, Error> {
    let mut tx = access.begin().await?;
    let filters = select(tx.conn(), access.account(), list).await?;
    tx.close();
    Ok(filters)
}

/// Keeps a filter of a list that whoever asks may see.
///
/// # Errors
/// Another of theirs has the name; so many are there already, which is the most.
pub(crate) async fn keep(
    access: &Access,
    list: List,
    (name, query): (FilterName, String),
    action: Action,
) -> Result<Kept, Error> {
    let request = access.request();
    let filter = Kept { id: SavedFilterId(request.portal().uuid(request.now)), name, query };
    let mut tx = access.begin().await?;
    let added = add(tx.conn(), access.account(), list, &filter).await;
    if !added.map_err(|error| error.at("saved_filters_name", "name", FieldProblem::Taken))? {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(SAVED_FILTERS_MAX)));
    }
    tx.commit(request, entry(access, list, action, &filter)).await?;
    Ok(filter)
}

/// Gives a filter up.
///
/// # Errors
/// Not found, also when it is somebody else's.
pub(crate) async fn give_up(access: &Access, list: List, id: SavedFilterId, action: Action) -> Result<Kept, Error> {
    let mut tx = access.begin().await?;
    let filter = delete(tx.conn(), access.account(), list, id).await?.ok_or(Problem::NotFound)?;
    tx.commit(access.request(), entry(access, list, action, &filter)).await?;
    Ok(filter)
}

fn entry(access: &Access, list: List, action: Action, filter: &Kept) -> Draft {
    Draft::done(action, access.actor())
        .target(list.target(), filter.id, Public(filter.name.to_string()))
        .within(access.request().audited())
}

fn kept(id: uuid::Uuid, name: String, query: String) -> Kept {
    Kept { id: SavedFilterId(id), name: FilterName::stored(name), query }
}

async fn select(conn: &mut PgConnection, of: AccountId, list: List) -> Result<Vec<Kept>, Error> {
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
async fn add(conn: &mut PgConnection, of: AccountId, list: List, filter: &Kept) -> Result<bool, Error> {
    let added = sqlx::query!(
        "INSERT INTO saved_filters (id, account_id, list, name, query)
         SELECT $1, $2, $3, $4, $5
         WHERE (SELECT count(*) FROM saved_filters WHERE account_id = $2 AND list = $3) < $6",
        filter.id.0,
        of.0,
        list.code(),
        filter.name.as_str(),
        filter.query,
        i64::from(SAVED_FILTERS_MAX)
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Takes a filter away, and tells which it was.
async fn delete(conn: &mut PgConnection, of: AccountId, list: List, id: SavedFilterId) -> Result<Option<Kept>, Error> {
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
