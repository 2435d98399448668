//! Queries on checkpoints.

use domain::audit::Frontier;
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{frontier, number};
use crate::error::Error;

/// A checkpoint as it is stored.
pub(in crate::audit) struct CheckpointRow {
    pub(in crate::audit) size: i64,
    pub(in crate::audit) at: OffsetDateTime,
    peaks: Vec<u8>,
    pub(in crate::audit) note: String,
    pub(in crate::audit) on_demand: bool,
}

impl CheckpointRow {
    /// The log's state at that time.
    pub(in crate::audit) fn frontier(&self) -> Result<Frontier, Error> {
        frontier(self.size, &self.peaks)
    }
}

/// Keeps a signed state of the log, unless one of that size is there: false then. One that somebody has asked for is the
/// hour's, too, once it comes to that.
pub(in crate::audit) async fn add(
    conn: &mut PgConnection,
    state: &Frontier,
    note: &str,
    on_demand: bool,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let added = sqlx::query!(
        "INSERT INTO audit_checkpoints (size, at, peaks, note, on_demand) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (size) DO UPDATE SET on_demand = audit_checkpoints.on_demand AND EXCLUDED.on_demand
         RETURNING xmax = 0 AS \"is_new!\"",
        number(state.size())?,
        now,
        state.peak_bytes(),
        note,
        on_demand
    )
    .fetch_one(conn)
    .await?;
    Ok(added.is_new)
}

/// The newest one.
pub(in crate::audit) async fn newest(conn: &mut PgConnection) -> Result<Option<CheckpointRow>, Error> {
    let row = sqlx::query_as!(
        CheckpointRow,
        "SELECT size, at, peaks, note, on_demand FROM audit_checkpoints ORDER BY size DESC LIMIT 1"
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Those that nobody has asked for, of logs smaller than this, the newest first: so many at most, by size and note.
pub(in crate::audit) async fn hourly_below(
    conn: &mut PgConnection,
    below: i64,
    most: i64,
) -> Result<Vec<(i64, String)>, Error> {
    let rows = sqlx::query!(
        "SELECT size, note FROM audit_checkpoints WHERE NOT on_demand AND size < $1 ORDER BY size DESC LIMIT $2",
        below,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.size, row.note)).collect())
}

/// The newest one that nobody has asked for.
pub(in crate::audit) async fn newest_hourly(conn: &mut PgConnection) -> Result<Option<CheckpointRow>, Error> {
    let row = sqlx::query_as!(
        CheckpointRow,
        "SELECT size, at, peaks, note, on_demand FROM audit_checkpoints WHERE NOT on_demand ORDER BY size DESC LIMIT 1"
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// The one of a size.
pub(in crate::audit) async fn lookup(conn: &mut PgConnection, size: u64) -> Result<Option<CheckpointRow>, Error> {
    let Ok(size) = i64::try_from(size) else { return Ok(None) };
    let row = sqlx::query_as!(
        CheckpointRow,
        "SELECT size, at, peaks, note, on_demand FROM audit_checkpoints WHERE size = $1",
        size
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// A page and one more, newest first.
pub(in crate::audit) async fn list(
    conn: &mut PgConnection,
    cursor: Option<&Cursor>,
) -> Result<(Vec<CheckpointRow>, i64), Error> {
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let total =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM audit_checkpoints"#).fetch_one(&mut *conn).await?;
    let edge = |id: &str| id.parse::<i64>().ok();
    let rows =
        match cursor {
            Some(Cursor::Before(_, id)) if edge(id).is_some() => sqlx::query_as!(
                CheckpointRow,
                "SELECT size, at, peaks, note, on_demand FROM audit_checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
                edge(id),
                limit
            )
            .fetch_all(conn)
            .await?,
            cursor => {
                let below = match cursor {
                    Some(Cursor::After(_, id)) => edge(id),
                    _ => None,
                };
                sqlx::query_as!(
                    CheckpointRow,
                    "SELECT size, at, peaks, note, on_demand FROM audit_checkpoints WHERE size < $1
                 ORDER BY size DESC LIMIT $2",
                    below.unwrap_or(i64::MAX),
                    limit
                )
                .fetch_all(conn)
                .await?
            }
        };
    Ok((rows, total))
}
