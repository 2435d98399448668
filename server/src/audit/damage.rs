//! Looking for what somebody has done to a stored log behind the portal's back.
//!
//! What was signed last is the measure: the root of the stored hashes has to be the one of the newest hourly checkpoint,
//! whose signature is checked. Entries since then are hashed again at once; older ones some thousand at a time, in turn.

use domain::audit::{Checkpoint, Entry, Frontier, LogId, VerifierKey};

use super::checkpoints::{fill, filled_state};
use super::sql::checkpoints::CheckpointRow;
use super::sql::{self, EntryRow, tree};
use super::taken::Taken;
use crate::error::Error;
use crate::store::TenantTx;

/// How many older entries are hashed again each time.
const RECHECKED: i64 = 20_000;
/// How many entries are read at a time.
const BATCH: i64 = 2_000;
/// The most that is told of at a time.
const TOLD: usize = 20;

/// What a look at a log has come to.
pub(super) struct Look {
    /// The log as it was looked at.
    pub(super) head: Frontier,
    /// How long it was at the checkpoint before.
    pub(super) before: u64,
    /// The entries that are not as they were hashed: the first ones.
    pub(super) damage: Vec<u64>,
    /// Whether the stored hashes have the root that was signed at that checkpoint.
    pub(super) is_as_signed: bool,
}

/// Looks at a log.
pub(super) async fn look(tx: &mut TenantTx, key: &VerifierKey) -> Result<Look, Error> {
    let head = sql::head(tx.conn()).await?;
    let taken = Taken::of(tx.conn()).await?;
    let mut damage = Vec::new();
    let before = match sql::checkpoints::newest_hourly(tx.conn()).await? {
        Some(row) => signed(&row, key).unwrap_or_else(|| {
            damage.push(row.size.unsigned_abs().saturating_sub(1));
            Frontier::default()
        }),
        None => Frontier::default(),
    };
    if head.size() < before.size() {
        damage.push(head.size());
        return Ok(Look { before: before.size(), head, damage, is_as_signed: false });
    }
    let is_as_signed = damage.is_empty() && is_as_signed(tx, &before).await?;
    if damage.is_empty() {
        damage.extend(new_damage(tx, &taken, before.clone(), &head).await?);
    }
    damage.extend(known_damage(tx, &taken).await?);
    damage.extend(old_damage(tx, &taken, sql::number(before.size())?).await?);
    damage.extend(taken.emptied_by_others(tx.conn()).await?);
    if damage.is_empty() && !is_as_signed {
        damage.push(before.size().saturating_sub(1));
    }
    damage.sort_unstable();
    damage.dedup();
    damage.truncate(TOLD);
    Ok(Look { before: before.size(), head, damage, is_as_signed })
}

/// The state that a checkpoint has signed, if its signature is good and it is what is stored beside it.
pub(super) fn signed(row: &CheckpointRow, key: &VerifierKey) -> Option<Frontier> {
    let signed = Checkpoint::verify(&row.note, key).ok()?;
    row.frontier().ok().filter(|state| state.size() == signed.size && state.root() == signed.root)
}

/// Whether the stored hashes have the root that was signed.
async fn is_as_signed(tx: &mut TenantTx, signed: &Frontier) -> Result<bool, Error> {
    match fill(tx, signed.size()).await {
        Ok(()) => {}
        // A hash is missing, or is none.
        Err(Error::Internal(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    let stored = filled_state(tx, signed.size()).await?;
    Ok(stored.is_some_and(|stored| stored.root() == signed.root()))
}

/// The first entry since the last checkpoint that is not as it was hashed, or is missing.
async fn new_damage(tx: &mut TenantTx, taken: &Taken, before: Frontier, head: &Frontier) -> Result<Option<u64>, Error> {
    let log = tx.log();
    let mut state = before;
    while state.size() < head.size() {
        let from = sql::number(state.size())?;
        let until = sql::number(head.size())?.min(from + BATCH);
        let rows = sql::range(tx.conn(), from, until).await?;
        for row in &rows {
            match row.leaf() {
                Ok(leaf) if row.index == sql::number(state.size())? && row.is_whole(log, taken) => state.append(leaf),
                _ => return Ok(Some(state.size())),
            }
        }
        if rows.is_empty() {
            return Ok(Some(state.size()));
        }
    }
    let is_root = state.root() == head.root();
    Ok(if is_root { None } else { Some(head.size().saturating_sub(1)) })
}

/// The entry that was found damaged before, if it still is.
async fn known_damage(tx: &mut TenantTx, taken: &Taken) -> Result<Option<u64>, Error> {
    let log = tx.log();
    let Some(index) = sql::damaged(tx.conn()).await?.and_then(|index| u64::try_from(index).ok()) else {
        return Ok(None);
    };
    let row = sql::lookup(tx.conn(), index).await?;
    Ok(Some(index).filter(|_| row.is_none_or(|row| !row.is_whole(log, taken))))
}

/// Those of some older entries that are not as they were hashed. Which ones are looked at goes round.
async fn old_damage(tx: &mut TenantTx, taken: &Taken, size: i64) -> Result<Vec<u64>, Error> {
    let log = tx.log();
    let from = sql::checked(tx.conn()).await?.min(size);
    let until = size.min(from + RECHECKED);
    let (mut damage, mut expected) = (Vec::new(), from);
    while expected < until && damage.len() < TOLD {
        let end = until.min(expected + BATCH);
        for row in sql::range(tx.conn(), expected, end).await? {
            // What is not there is damage, too.
            damage.extend((expected..row.index).map(i64::unsigned_abs).take(TOLD));
            if !row.is_whole(log, taken) {
                damage.push(row.index.unsigned_abs());
            }
            expected = row.index + 1;
        }
        damage.extend((expected..end).map(i64::unsigned_abs).take(TOLD));
        expected = end;
    }
    if damage.is_empty() {
        damage.extend(tree::broken_block(tx.conn(), from, until).await?);
    }
    sql::set_checked(tx.conn(), if until >= size { 0 } else { until }).await?;
    Ok(damage)
}

impl EntryRow {
    /// Whether the entry is the one that was hashed, in its place, and what stands beside it is what it says; what was
    /// taken away by retention is.
    fn is_whole(&self, log: LogId, taken: &Taken) -> bool {
        if self.is_archived() {
            return taken.may_have(&self.action, self.at);
        }
        let entry = Entry::parse(self.canonical.as_bytes());
        entry.is_ok_and(|entry| self.is_of(&entry, log) && self.leaf().is_ok_and(|leaf| leaf == entry.leaf()))
    }
}
