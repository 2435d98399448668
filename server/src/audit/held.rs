//! Which entries a hold is on, when they are about to go.

use std::collections::{HashMap, HashSet};

use super::sql::EntryRow;
use super::sql::search::{self as entries, Wanted};
use super::terms::Terms;
use crate::error::Error;
use crate::keys::SealingKey;
use crate::store::TenantTx;

/// What a hold is on. Of its words nothing is asked of the database: the numbers beside an entry are those of its first
/// words alone, and a hold is on whatever says them.
pub(super) struct Hold {
    wanted: Wanted,
    terms: Vec<i64>,
}

impl Hold {
    pub(super) fn new(mut wanted: Wanted) -> Self {
        let terms = wanted.terms.take().unwrap_or_default();
        Self { wanted, terms }
    }
}

/// Which of these entries a hold is on.
pub(super) async fn held(
    tx: &mut TenantTx,
    holds: &[Hold],
    rows: &[EntryRow],
    key: &SealingKey,
) -> Result<HashSet<i64>, Error> {
    let indexes: Vec<i64> = rows.iter().map(|row| row.index).collect();
    let (log, words) = (tx.log(), Terms::complete(key));
    let is_about_words = holds.iter().any(|hold| !hold.terms.is_empty());
    let numbers = |row: &EntryRow| if is_about_words { row.terms(key, log, &words) } else { Vec::new() };
    let said: HashMap<i64, Vec<i64>> = rows.iter().map(|row| (row.index, numbers(row))).collect();
    let mut held = HashSet::new();
    for hold in holds {
        let says = |index: &i64| hold.terms.iter().all(|term| said.get(index).is_some_and(|of| of.contains(term)));
        held.extend(entries::among(tx.conn(), &hold.wanted, &indexes).await?.into_iter().filter(says));
    }
    Ok(held)
}
