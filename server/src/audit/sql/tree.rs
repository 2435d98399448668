//! The hashes of a log's tree: those of entries, and of complete subtrees of 2^8, 2^16 and 2^24 of them, which are stored.

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

/// The hash of a complete subtree, by its height and its number among those of that height.
async fn perfect(conn: &mut PgConnection, height: u8, index: u64) -> Result<Hash, Error> {
    if height <= HIGHEST && height > 0 && height.is_multiple_of(STEP) {
        let index = number(index)?;
        let found = row(conn, height, index, index + 1).await?;
        return found.first().copied().ok_or_else(|| Error::internal("a node is missing"));
    }
    let below = (height.saturating_sub(1) / STEP * STEP).min(HIGHEST);
    let (from, until) = (index << (height - below), (index + 1) << (height - below));
    Ok(merkle::root(&row(conn, below, number(from)?, number(until)?).await?))
}

/// The hash of a subtree. The blocks within it are stored by now.
pub(in crate::audit) async fn subtree(conn: &mut PgConnection, subtree: Subtree) -> Result<Hash, Error> {
    let mut hashes = Vec::new();
    for (height, index) in subtree.perfect() {
        hashes.push(perfect(conn, height, index).await?);
    }
    Ok(merkle::fold(&hashes))
}

/// The hashes of the complete subtrees that the entries from one index up to another consist of.
pub(in crate::audit) async fn gap(conn: &mut PgConnection, from: u64, until: u64) -> Result<Vec<Hash>, Error> {
    let pieces = Subtree { start: from, end: until }.perfect();
    let small = until - from <= FAN.unsigned_abs() * 2;
    let leaves = if small { row(conn, 0, number(from)?, number(until)?).await? } else { Vec::new() };
    let mut hashes = Vec::new();
    for (height, index) in pieces {
        let start = usize::try_from((index << height).saturating_sub(from)).map_err(Error::internal)?;
        let within = leaves.get(start..start + (1_usize << height));
        hashes.push(match within {
            Some(leaves) => merkle::root(leaves),
            None => perfect(conn, height, index).await?,
        });
    }
    Ok(hashes)
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
