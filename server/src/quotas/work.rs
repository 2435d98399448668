//! What is done to an organization's counters, all of it in one transaction.

use std::collections::BTreeSet;

use domain::ids::TenantId;
use domain::problem::Problem;
use domain::quotas::Ledger;
use time::{Duration, OffsetDateTime};

use super::book::Book;
use super::ops::{Done, Op};
use super::roll_up::roll_up;
use super::sql::{self, Written};
use super::terms::{self, Terms};
use super::{alerts, queue};
use crate::Portal;
use crate::error::Error;
use crate::store::TenantTx;

/// How often it is tried again when another process was faster with the same key.
const TRIES: usize = 3;
/// How many reservations are given back in one transaction because their time is over.
const OVERDUE: usize = 1_000;
/// How many transactions give such back before something else is done: what is overdue then holds its amounts still.
const CLEARINGS: usize = 20;
/// How soon, and how late, an organization is looked after again.
const SOON: Duration = Duration::MINUTE;
const LATEST: Duration = Duration::DAY;

/// Does all of it, one after the other: what came of each.
///
/// # Errors
/// The database does not answer; nothing was done then.
pub(super) async fn run(portal: &Portal, tenant: TenantId, ops: &[Op]) -> Result<Vec<Result<Done, Error>>, Error> {
    let now = portal.now();
    let known = terms::known(portal, tenant, now).await?;
    let (mut tries, mut clearings) = (0, 0);
    while tries < TRIES {
        match attempt(portal, &known, ops, now, clearings < CLEARINGS).await? {
            Attempt::Done(results) => return Ok(results),
            Attempt::Cleared => clearings += 1,
            Attempt::Late => tries += 1,
        }
    }
    Err(Problem::Unavailable.into())
}

/// What came of an attempt.
enum Attempt {
    /// All of it was done.
    Done(Vec<Result<Done, Error>>),
    /// So much was overdue that giving it back was a transaction of its own.
    Cleared,
    /// Another process was faster with the same key.
    Late,
}

/// Does all of it in one transaction; but first of all gives back what is overdue, where that is much and `clears`.
async fn attempt(
    portal: &Portal,
    known: &Terms,
    ops: &[Op],
    now: OffsetDateTime,
    clears: bool,
) -> Result<Attempt, Error> {
    let tenant = known.tenant.id;
    let mut tx = portal.store().tenant_by_index(&known.tenant).await?;
    let ids: Vec<_> = ops.iter().flat_map(Op::ids).collect();
    let rows = sql::lock_reservations(tx.conn(), &ids, now, OVERDUE).await?;
    let is_more = rows.iter().filter(|row| row.is_overdue(now)).count() >= OVERDUE;
    let ops = if is_more && clears { &ops[..0] } else { ops };
    let of_rows = rows.iter().flat_map(|row| row.items.iter().map(|item| item.metric));
    let metrics: BTreeSet<_> = ops.iter().flat_map(Op::metrics).chain(of_rows).collect();
    let before = sql::lock_counters(tx.conn(), &metrics, &known.plan).await?;
    let ledger = Ledger::new(before.iter().cloned(), known.calendar.clone(), now);
    let rows = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut book = Book { ledger, rows, now };
    book.set_aside()?;
    book.expire();
    let mut results: Vec<_> = ops.iter().map(|op| book.act(op)).collect();
    let crossings = book.ledger.crossings();
    let (hours, days) = roll_up(portal, known, book.ledger.take_used());
    let counters: Vec<_> = before
        .iter()
        .filter_map(|before| Some((before, book.ledger.counter(before.metric)?)))
        .filter(|(before, after)| before != after)
        .collect();
    let mut rows: Vec<_> = book.rows.values().filter(|row| row.is_changed).collect();
    // In one order, so that two processes do not wait for each other.
    rows.sort_by_key(|row| row.id);
    if !(counters.is_empty() && rows.is_empty() && hours.is_empty()) {
        let written = sql::write(tx.conn(), &counters, &rows, (&hours, &days)).await?;
        let added = rows.iter().filter(|row| row.is_new).count();
        if written != (Written { counters: counters.len(), added }) {
            return Ok(Attempt::Late);
        }
    }
    if ops.iter().any(|op| matches!(op, Op::Tend)) {
        let next = tidy(&mut tx, now).await?.filter(|_| !is_more);
        for result in &mut results {
            if let Ok(Done::Tended(told)) = result {
                *told = next;
            }
        }
    }
    if !crossings.is_empty() {
        alerts::tell(&mut tx, portal, known, &crossings).await?;
    }
    let due = rows.iter().map(|row| row.due_at).chain((!hours.is_empty()).then(|| now + LATEST)).min();
    let due = due.filter(|due| !portal.quotas().awaited.covers(tenant, *due, now));
    let told = match due {
        Some(due) => Some(wake(&mut tx, tenant, due).await?),
        None => None,
    };
    tx.keep().await?;
    if !crossings.is_empty() {
        portal.quotas().banners.forget(tenant);
    }
    if let Some(told) = told {
        portal.quotas().awaited.note(tenant, told);
    }
    Ok(if is_more && clears { Attempt::Cleared } else { Attempt::Done(results) })
}

/// Takes away some of what nobody asks for any more: when there is something to do again; nothing, if there is still.
async fn tidy(tx: &mut TenantTx, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
    if sql::tidy(tx.conn(), now).await? {
        return Ok(None);
    }
    let due = sql::due(tx.conn()).await?.unwrap_or(now + LATEST);
    Ok(Some(due.clamp(now + SOON, now + LATEST)))
}

/// Has somebody look after the organization at this time, or before: by when somebody does.
async fn wake(tx: &mut TenantTx, tenant: TenantId, due: OffsetDateTime) -> Result<OffsetDateTime, Error> {
    let due = queue::wake(tx.enter_platform().await?, tenant, due).await?;
    tx.leave_platform().await?;
    Ok(due)
}
