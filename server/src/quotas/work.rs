//! What is done to an organization's counters, all of it in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{ReservationId, TenantId};
use domain::problem::Problem;
use domain::quotas::{
    Amounts, Counter, Event, Full, Item, LATE, Ledger, Metric, Recorded, Request, Reservation, ReservationState,
    Settle, Used, Window,
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::sql::{self, DayUse, HourUse, Row, Written};
use super::terms::{self, Terms};
use super::{alerts, count, queue};
use crate::Portal;
use crate::error::Error;
use crate::store::TenantTx;

/// How long it is remembered what has become of a reservation.
const REMEMBERED: Duration = Duration::days(1);
/// How often it is tried again when another process was faster with the same key.
const TRIES: usize = 3;
/// How many reservations are given back in one transaction because their time is over.
const OVERDUE: usize = 1_000;
/// How many transactions give such back before something else is done: what is overdue then holds its amounts still.
const CLEARINGS: usize = 20;
/// How soon, and how late, an organization is looked after again.
const SOON: Duration = Duration::MINUTE;
const LATEST: Duration = Duration::DAY;
/// The most consumers that are told apart, of one metric and day. The others are one.
const SUBJECTS: usize = 50;
/// What the others are called.
const OTHERS: &str = "(others)";

/// Something to do.
pub(super) enum Op {
    /// Take amounts.
    Reserve { id: ReservationId, request: Request, body: Vec<u8> },
    /// Count what was used of them.
    Settle { id: ReservationId, settle: Settle },
    /// Give them back.
    Release { id: ReservationId },
    /// Count what was used.
    Record { events: Vec<Event> },
    /// Count requests to the portal's own API.
    Count { requests: count::Requests },
    /// Give back what has expired, and take away some of what nobody asks for any more.
    Tend,
}

/// What came of it.
pub(super) enum Done {
    Reservation(Reservation),
    Recorded(Recorded),
    /// How the counters of requests stand.
    Counted(Vec<Counter>),
    /// When there is something to do again; nothing, if there is still.
    Tended(Option<OffsetDateTime>),
}

impl Done {
    pub(super) fn reservation(self) -> Result<Reservation, Error> {
        if let Self::Reservation(done) = self { Ok(done) } else { Err(Problem::Internal.into()) }
    }

    pub(super) fn recorded(self) -> Result<Recorded, Error> {
        if let Self::Recorded(done) = self { Ok(done) } else { Err(Problem::Internal.into()) }
    }
}

/// Consumers that were seen on a day, by hashes of their names: bounded, whatever somebody calls them.
pub(super) struct Subjects(Cache<(TenantId, Metric, Date), Names>);

/// The hashes of names.
type Names = Arc<Mutex<HashSet<u64>>>;

impl Default for Subjects {
    fn default() -> Self {
        Self(Cache::new(50_000))
    }
}

impl Subjects {
    /// The name under which a consumer's usage of the day is kept.
    fn name<'a>(&self, of: (TenantId, Metric, Date), subject: &'a str) -> &'a str {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        let seen = match self.0.get_or_insert_with(&of, fresh) {
            Ok(seen) => seen,
            Err(never) => match never {},
        };
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = hasher.finish();
        if seen.contains(&hash) || seen.len() < SUBJECTS && seen.insert(hash) { subject } else { OTHERS }
    }
}

impl Op {
    /// A reservation by somebody of this name, by which keys are told apart.
    pub(super) fn reserve(portal: &Portal, by: &str, request: Request) -> Result<Self, Error> {
        let id = match &request.key {
            Some(key) => id_of(&["reservation", by, key]),
            None => portal.uuid(portal.now()),
        };
        let amounts: BTreeMap<_, _> = request.amounts.iter().map(|(metric, amount)| (metric.code(), amount)).collect();
        let asked = (amounts, request.ttl.whole_seconds(), &request.subject);
        let body = Sha256::digest(serde_json::to_vec(&asked).map_err(Error::internal)?).to_vec();
        Ok(Self::Reserve { id: ReservationId(id), request, body })
    }

    /// How many rows it is about, for what is done in one transaction.
    pub(super) fn rows(&self) -> usize {
        if let Self::Record { events } = self { events.len().max(1) } else { 1 }
    }

    /// The rows that it is about.
    fn ids(&self) -> Vec<Uuid> {
        match self {
            Self::Reserve { id, .. } | Self::Settle { id, .. } | Self::Release { id } => vec![id.0],
            Self::Record { events } => events.iter().map(event_id).collect(),
            Self::Count { .. } | Self::Tend => Vec::new(),
        }
    }

    /// The counters that it is about, besides those of its rows.
    fn metrics(&self) -> Vec<Metric> {
        match self {
            Self::Reserve { request, .. } => request.amounts.keys().copied().collect(),
            Self::Record { events } => events.iter().map(|event| event.metric).collect(),
            Self::Count { .. } => count::COUNTED.to_vec(),
            Self::Settle { .. } | Self::Release { .. } | Self::Tend => Vec::new(),
        }
    }
}

/// An id that the same words lead to each time.
fn id_of(words: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Uuid::from_bytes(bytes)
}

fn event_id(event: &Event) -> Uuid {
    id_of(&["event", &event.id])
}

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

/// What is judged by, and what becomes of it.
struct Book {
    ledger: Ledger,
    rows: HashMap<Uuid, Row>,
    now: OffsetDateTime,
}

impl Book {
    /// Leaves alone what is held of a counter that this program does not understand: given back here it would be lost there.
    fn set_aside(&mut self) -> Result<(), Error> {
        let ledger = &self.ledger;
        let is_out_of_reach = |item: &Item| item.metric.kind().fills() && ledger.counter(item.metric).is_none();
        let held = self.rows.values_mut().filter(|row| row.state == Some(ReservationState::Held));
        for row in held.filter(|row| row.unread.is_none() && row.items.iter().any(is_out_of_reach)) {
            row.unread = Some(serde_json::to_string(&row.items).map_err(Error::internal)?);
        }
        Ok(())
    }

    /// Gives back what has expired, before anything is judged.
    fn expire(&mut self) {
        for row in self.rows.values_mut().filter(|row| row.is_overdue(self.now)) {
            if row.unread.is_some() {
                // Whoever understands it gives it back. Until then it keeps nobody busy.
                (row.due_at, row.is_changed) = (self.now + REMEMBERED, true);
            } else {
                self.ledger.give_back(&row.items);
                row.end(ReservationState::Expired, self.now);
            }
        }
    }

    fn act(&mut self, op: &Op) -> Result<Done, Error> {
        match op {
            Op::Reserve { id, request, body } => self.reserve(*id, request, body),
            Op::Settle { id, settle } => self.settle(*id, settle),
            Op::Release { id } => self.release(*id),
            Op::Record { events } => Ok(Done::Recorded(self.record(events))),
            Op::Count { requests } => Ok(Done::Counted(self.count(requests))),
            Op::Tend => Ok(Done::Tended(None)),
        }
    }

    fn reserve(&mut self, id: ReservationId, request: &Request, body: &[u8]) -> Result<Done, Error> {
        if let Some(row) = self.rows.get(&id.0) {
            return if row.unread.is_some() {
                Err(Problem::Unavailable.into())
            } else if row.body == body {
                Ok(Done::Reservation(row.view()))
            } else {
                Err(Problem::IdempotencyConflict.into())
            };
        }
        let items = self.ledger.reserve(&request.amounts, &request.subject).map_err(|full| refuse(full, self.now))?;
        let expires_at = self.now + request.ttl;
        let row = Row {
            id: id.0,
            state: Some(ReservationState::Held),
            items,
            unread: None,
            subject: request.subject.clone(),
            body: body.to_vec(),
            created_at: self.now,
            expires_at,
            due_at: expires_at,
            is_new: true,
            is_changed: true,
        };
        let view = row.view();
        self.rows.insert(id.0, row);
        Ok(Done::Reservation(view))
    }

    fn settle(&mut self, id: ReservationId, settle: &Settle) -> Result<Done, Error> {
        let row = held(&mut self.rows, id)?;
        let amounts = settle.parse(&row.items.iter().map(|item| (item.metric, item.amount)).collect())?;
        self.ledger.settle(&mut row.items, &amounts, row.created_at, &row.subject);
        row.end(ReservationState::Settled, self.now);
        Ok(Done::Reservation(row.view()))
    }

    fn release(&mut self, id: ReservationId) -> Result<Done, Error> {
        let row = held(&mut self.rows, id)?;
        self.ledger.give_back(&row.items);
        row.end(ReservationState::Released, self.now);
        Ok(Done::Reservation(row.view()))
    }

    fn record(&mut self, events: &[Event]) -> Recorded {
        let mut done = Recorded::default();
        for event in events {
            let id = event_id(event);
            if self.rows.contains_key(&id) {
                done.repeated += 1;
                continue;
            }
            done.recorded += 1;
            self.ledger.record(event.metric, event.amount, event.freed, event.at, &event.subject);
            let forgotten = self.now + LATE + Duration::DAY;
            let row = Row {
                id,
                state: None,
                items: Vec::new(),
                unread: None,
                subject: String::new(),
                body: Vec::new(),
                created_at: self.now,
                expires_at: forgotten,
                due_at: forgotten,
                is_new: true,
                is_changed: true,
            };
            self.rows.insert(id, row);
        }
        done
    }

    fn count(&mut self, requests: &count::Requests) -> Vec<Counter> {
        for (at, number) in requests {
            for metric in count::COUNTED {
                self.ledger.record(metric, *number, false, *at, count::SUBJECT);
            }
        }
        count::COUNTED.into_iter().filter_map(|metric| self.ledger.counter(metric).cloned()).collect()
    }
}

/// The refusal of what does not fit.
pub(super) fn refuse(full: Full, now: OffsetDateTime) -> Error {
    let seconds = full.until.map(|until| u32::try_from((until - now).whole_seconds()).unwrap_or(0) + 1);
    Problem::OverQuota { metric: full.metric, seconds }.into()
}

/// A reservation that holds something still.
fn held(rows: &mut HashMap<Uuid, Row>, id: ReservationId) -> Result<&mut Row, Error> {
    let row = rows.get_mut(&id.0).filter(|row| row.state.is_some()).ok_or(Problem::NotFound)?;
    if row.unread.is_some() {
        return Err(Problem::Unavailable.into());
    }
    if row.state == Some(ReservationState::Held) { Ok(row) } else { Err(Problem::Changed.into()) }
}

impl Row {
    /// Whether it holds something although its time is over.
    fn is_overdue(&self, now: OffsetDateTime) -> bool {
        self.state == Some(ReservationState::Held) && self.due_at <= now
    }

    fn end(&mut self, state: ReservationState, now: OffsetDateTime) {
        self.state = Some(state);
        self.due_at = now + REMEMBERED;
        self.is_changed = true;
    }

    fn view(&self) -> Reservation {
        let amounts = |amount: fn(&Item) -> Option<i64>| -> Amounts {
            let each = self
                .items
                .iter()
                .filter_map(|item| Some((item.metric.code().to_owned(), item.metric.unit().quantity(amount(item)?))));
            each.collect()
        };
        let state = self.state.unwrap_or(ReservationState::Settled);
        Reservation {
            id: ReservationId(self.id),
            state,
            amounts: amounts(|item| Some(item.amount)),
            settled: (state == ReservationState::Settled).then(|| amounts(|item| item.settled)),
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

/// Adds up what was used, by the hour and by the day. Both are written in the transaction of the counters: what is shown is
/// what was counted, and nobody has to go over raw events to make it so.
fn roll_up(portal: &Portal, known: &Terms, used: Vec<Used>) -> (HourUse, DayUse) {
    let (mut hours, mut days) = (HourUse::new(), DayUse::new());
    let add = |into: &mut (i64, i64), used: &Used| {
        into.0 = into.0.saturating_add(used.amount);
        into.1 = into.1.max(used.peak);
    };
    for used in &used {
        // Hours are those of UTC, whatever the calendar.
        let (hour, _) = domain::quotas::Calendar::default().bounds(Window::Hour, used.at);
        let day = known.calendar.day(used.at);
        add(hours.entry((used.metric, hour)).or_default(), used);
        add(days.entry((used.metric, day, String::new())).or_default(), used);
        if !used.subject.is_empty() {
            let subject = portal.quotas().subjects.name((known.tenant.id, used.metric, day), &used.subject);
            add(days.entry((used.metric, day, subject.to_owned())).or_default(), used);
        }
    }
    (hours, days)
}

#[cfg(test)]
mod tests {
    use domain::quotas::Calendar;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_held_of_a_counter_that_nobody_understands_stays_held() {
        let (now, id) = (datetime!(2026-11-20 14:00 UTC), Uuid::from_u128(1));
        let item = Item { metric: Metric::DataSize, amount: 5, opened_at: now, settled: None };
        let row = Row {
            id,
            state: Some(ReservationState::Held),
            items: vec![item],
            unread: None,
            subject: String::new(),
            body: Vec::new(),
            created_at: now,
            expires_at: now,
            due_at: now,
            is_new: false,
            is_changed: false,
        };
        let ledger = Ledger::new([], Calendar::default(), now);
        let mut book = Book { ledger, rows: HashMap::from([(id, row)]), now };
        book.set_aside().unwrap();
        book.expire();
        let refused = book.release(ReservationId(id)).err().map(|error| error.problem());
        assert_eq!(refused, Some(Problem::Unavailable));
        let row = &book.rows[&id];
        assert_eq!(row.state, Some(ReservationState::Held));
        assert!(row.due_at > now, "it keeps nobody busy meanwhile");
        let stored = row.unread.as_deref().map(serde_json::from_str::<Vec<Item>>);
        assert_eq!(stored.unwrap().unwrap(), [item]);
    }
}
