//! A copy of an organization has a log of its own, which says the same.
//!
//! An entry names its log, and a checkpoint is signed for one, so that nothing is proven in another. Whoever went on with a
//! copy under the name of the original would have two logs with one name; so what is copied is written anew under the name
//! that it has now, and hashed anew. Checkpoints of the original do not fit the copy, and are not taken along.

use domain::audit::{Frontier, Hash, LogId};
use sqlx::PgConnection;

use super::sql;
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::SealingKey;

/// How many entries are written anew at a time.
const BATCH: i64 = 1_000;

/// How many entries there are in the log of the search path, and the root of the hashes that are stored with them: nothing,
/// where one is missing or there are more than the head says.
pub(crate) async fn recount(conn: &mut PgConnection) -> Result<Option<(u64, Hash)>, Error> {
    let mut state = Frontier::default();
    loop {
        let begin = sql::number(state.size())?;
        let rows = sql::range(conn, begin, begin + BATCH).await?;
        for row in &rows {
            match row.leaf() {
                Ok(leaf) if sql::number(state.size())? == row.index => state.append(leaf),
                _ => return Ok(None),
            }
        }
        if rows.is_empty() {
            return Ok(Some((state.size(), state.root())));
        }
    }
}

/// Makes the log of the search path, whose entries are those of another log, a log of its own. The key seals the data of
/// both.
///
/// # Errors
/// An entry is missing.
pub(crate) async fn make_own(
    conn: &mut PgConnection,
    key: &SealingKey,
    (from, to): (LogId, LogId),
    randomness: &dyn Randomness,
) -> Result<(), Error> {
    let size = sql::lock_head(conn).await?.size();
    let mut state = Frontier::default();
    while state.size() < size {
        let begin = sql::number(state.size())?;
        let rows = sql::range(conn, begin, sql::number(size)?.min(begin + BATCH)).await?;
        let mut renewed = Vec::with_capacity(rows.len());
        for row in &rows {
            if sql::number(state.size())? != row.index {
                break;
            }
            let entry = row.renewed(key, (from, to), randomness)?;
            state.append(entry.leaf);
            renewed.push(entry);
        }
        if renewed.is_empty() {
            return Err(Error::internal(format!("audit entry {} is missing", state.size())));
        }
        sql::renew_all(conn, renewed).await?;
    }
    sql::move_head(conn, &state).await?;
    sql::forget_hashes(conn).await
}
