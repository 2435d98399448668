//! The hashes of a log's tree: those of entries, and of complete subtrees of 2^8, 2^16 and 2^24 of them, which are stored.

use std::collections::HashMap;

use domain::audit::Hash;
use domain::audit::merkle::{self, Subtree};
use sqlx::PgConnection;

use super::number;
use crate::error::Error;

/// How much larger the subtrees of one stored height are than those of the one below it, as a power of two.
const STEP: u8 = 8;
/// The largest stored height.
const HIGHEST: u8 = 24;
/// How many subtrees of a height one of the height above has.
const FAN: i64 = 1 << STEP;
/// How many blocks of entries are hashed at a time.
const BATCH: i64 = 64;

/// Stores the hashes of subtrees that are complete in a log of this size, some at a time: whether there may be more.
pub(in crate::audit) async fn fill(conn: &mut PgConnection, size: i64) -> Result<bool, Error> {
    let blocks =
        sqlx::query_scalar!("SELECT blocks FROM audit_progress WHERE id = 1 FOR UPDATE").fetch_one(&mut *conn).await?;
    let until = (size / FAN).min(blocks + BATCH);
    if until <= blocks {
        return Ok(false);
    }
    let leaves = row(conn, 0, blocks * FAN, until * FAN).await?;
    store(conn, STEP, blocks, &leaves).await?;
    for height in [2 * STEP, HIGHEST] {
        let size = FAN.pow(u32::from(height / STEP) - 1);
        for index in blocks / size..until / size {
            let below = row(conn, height - STEP, index * FAN, (index + 1) * FAN).await?;
            store(conn, height, index, &below).await?;
        }
    }
    sqlx::query!("UPDATE audit_progress SET blocks = $1 WHERE id = 1", until).execute(conn).await?;
    Ok(until < size / FAN)
}

/// Stores the roots of what is below a row of subtrees.
async fn store(conn: &mut PgConnection, height: u8, first: i64, below: &[Hash]) -> Result<(), Error> {
    let fan = usize::try_from(FAN).map_err(Error::internal)?;
    let hashes: Vec<Vec<u8>> = below.chunks(fan).map(|below| merkle::root(below).0.to_vec()).collect();
    sqlx::query!(
        "INSERT INTO audit_nodes (height, index, hash)
         SELECT $1, $2::bigint + number - 1, hash FROM unnest($3::bytea[]) WITH ORDINALITY AS node (hash, number)
         ON CONFLICT DO NOTHING",
        i16::from(height),
        first,
        &hashes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The hashes of a stored height, from one index up to another: height 0 is that of the entries themselves.
pub(in crate::audit) async fn row(
    conn: &mut PgConnection,
    height: u8,
    from: i64,
    until: i64,
) -> Result<Vec<Hash>, Error> {
    let found = if height == 0 {
        sqlx::query_scalar!(
            "SELECT leaf FROM audit_entries WHERE index >= $1 AND index < $2 ORDER BY index",
            from,
            until
        )
        .fetch_all(conn)
        .await?
    } else {
        sqlx::query_scalar!(
            "SELECT hash FROM audit_nodes WHERE height = $1 AND index >= $2 AND index < $3 ORDER BY index",
            i16::from(height),
            from,
            until
        )
        .fetch_all(conn)
        .await?
    };
    if i64::try_from(found.len()).ok() != Some(until - from) {
        return Err(Error::internal(format!("the audit log lacks hashes of height {height} from {from} on")));
    }
    found.into_iter().map(|hash| hash.try_into().map(Hash).map_err(|_| Error::internal("a hash is 32 bytes"))).collect()
}

/// What of a stored height a complete subtree is put together from.
#[derive(Clone, Copy)]
struct Part {
    height: u8,
    from: i64,
    until: i64,
}

/// Hashes of stored heights, by height and index.
type Stored = HashMap<(u8, i64), Hash>;

impl Part {
    /// For the subtree of a height with this number among those of that height.
    fn of(height: u8, index: u64) -> Result<Self, Error> {
        let is_stored = height > 0 && height <= HIGHEST && height.is_multiple_of(STEP);
        let below = if is_stored { height } else { (height.saturating_sub(1) / STEP * STEP).min(HIGHEST) };
        let shift = height - below;
        Ok(Self { height: below, from: number(index << shift)?, until: number((index + 1) << shift)? })
    }

    fn root(self, stored: &Stored) -> Option<Hash> {
        let row = (self.from..self.until).map(|index| stored.get(&(self.height, index)).copied());
        Some(merkle::root(&row.collect::<Option<Vec<_>>>()?))
    }
}

/// Reads all of these: two statements, however many they are.
async fn stored(conn: &mut PgConnection, parts: impl Iterator<Item = Part>) -> Result<Stored, Error> {
    let (leaves, nodes): (Vec<Part>, Vec<Part>) = parts.partition(|part| part.height == 0);
    let mut stored = Stored::new();
    let mut put = |height, index, hash: Vec<u8>| {
        // What is no hash is as good as missing.
        if let Ok(hash) = hash.try_into() {
            stored.insert((height, index), Hash(hash));
        }
    };
    if !leaves.is_empty() {
        let rows = sqlx::query!(
            "SELECT e.index, e.leaf FROM unnest($1::bigint[], $2::bigint[]) AS part (first, behind)
             JOIN audit_entries e ON e.index >= part.first AND e.index < part.behind",
            &leaves.iter().map(|part| part.from).collect::<Vec<_>>(),
            &leaves.iter().map(|part| part.until).collect::<Vec<_>>()
        )
        .fetch_all(&mut *conn)
        .await?;
        for row in rows {
            put(0, row.index, row.leaf);
        }
    }
    if !nodes.is_empty() {
        let rows = sqlx::query!(
            "SELECT n.height, n.index, n.hash
             FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS part (height, first, behind)
             JOIN audit_nodes n ON n.height = part.height AND n.index >= part.first AND n.index < part.behind",
            &nodes.iter().map(|part| i16::from(part.height)).collect::<Vec<_>>(),
            &nodes.iter().map(|part| part.from).collect::<Vec<_>>(),
            &nodes.iter().map(|part| part.until).collect::<Vec<_>>()
        )
        .fetch_all(conn)
        .await?;
        for row in rows {
            put(u8::try_from(row.height).map_err(Error::internal)?, row.index, row.hash);
        }
    }
    Ok(stored)
}

/// The gaps between these entries and before the first of them, from one entry on, and behind the last up to an end, where
/// there is one.
pub(in crate::audit) fn between(from: u64, entries: &[u64], end: Option<u64>) -> Vec<(u64, u64)> {
    let mut position = from;
    let mut gaps = Vec::new();
    for until in entries.iter().copied().chain(end) {
        if position < until {
            gaps.push((position, until));
        }
        position = until + 1;
    }
    gaps
}

/// The hashes of the complete subtrees that each of these gaps consists of, from one index up to another; none, where one
/// is missing. The blocks within them are stored by now.
pub(in crate::audit) async fn gaps(
    conn: &mut PgConnection,
    gaps: &[(u64, u64)],
) -> Result<Vec<Option<Vec<Hash>>>, Error> {
    let mut parts: Vec<Vec<Part>> = Vec::new();
    for (start, end) in gaps.iter().copied() {
        let pieces = Subtree { start, end }.perfect().into_iter();
        parts.push(pieces.map(|(height, index)| Part::of(height, index)).collect::<Result<_, _>>()?);
    }
    let stored = stored(conn, parts.iter().flatten().copied()).await?;
    Ok(parts.iter().map(|parts| parts.iter().map(|part| part.root(&stored)).collect()).collect())
}

/// The hashes of subtrees.
pub(in crate::audit) async fn subtrees(
    conn: &mut PgConnection,
    of: impl IntoIterator<Item = Subtree>,
) -> Result<Vec<Hash>, Error> {
    let ranges: Vec<_> = of.into_iter().map(|subtree| (subtree.start, subtree.end)).collect();
    let found = gaps(conn, &ranges).await?.into_iter().zip(&ranges);
    let missing = |from| Error::internal(format!("the audit log lacks hashes from entry {from} on"));
    found.map(|(hashes, (from, _))| Ok(merkle::fold(&hashes.ok_or_else(|| missing(*from))?))).collect()
}

/// The first entry of a stored subtree whose hash is not that of what is below it: of subtrees from one entry on, up to
/// another.
pub(in crate::audit) async fn broken_block(
    conn: &mut PgConnection,
    from: i64,
    until: i64,
) -> Result<Option<u64>, Error> {
    let blocks = sqlx::query_scalar!("SELECT blocks FROM audit_progress WHERE id = 1").fetch_one(&mut *conn).await?;
    let stored_until = until.min(blocks.saturating_mul(FAN));
    let fan = usize::try_from(FAN).map_err(Error::internal)?;
    for height in [STEP, 2 * STEP, HIGHEST] {
        let size = FAN.pow(u32::from(height / STEP));
        let (first, last) = (from / size, stored_until / size);
        if first >= last {
            break;
        }
        let stored = row(conn, height, first, last).await?;
        let below = row(conn, height - STEP, first * FAN, last * FAN).await?;
        let broken = below.chunks(fan).zip(&stored).position(|(below, stored)| merkle::root(below) != *stored);
        if let Some(number) = broken.and_then(|number| i64::try_from(number).ok()) {
            return Ok(u64::try_from((first + number) * size).ok());
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_entries_is_left_out_once() {
        assert_eq!(between(0, &[0, 1, 5], Some(9)), [(2, 5), (6, 9)]);
        assert_eq!(between(3, &[7], None), [(3, 7)]);
        assert_eq!(between(3, &[], Some(9)), [(3, 9)]);
        assert_eq!(between(9, &[], Some(9)), []);
        assert_eq!(between(0, &[8], Some(9)), [(0, 8)]);
    }
}
