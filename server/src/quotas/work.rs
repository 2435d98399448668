//! What is done to an organization's counters, all of it in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{ReservationId, TenantId};
use domain::problem::Problem;
use domain::quotas::{
    Amounts, Event, Full, Item, LATE, Ledger, Metric, Recorded, Request, Reservation, ReservationState, Settle, Used,
    Window,
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::sql::{self, DayUse, HourUse, Row, Written};
use super::terms::{self, Terms};
use super::{alerts, count};
use crate::Portal;
use crate::error::Error;

/// How long it is remembered what has become of a reservation.
const REMEMBERED: Duration = Duration::days(1);
/// How often it is tried again when another process was faster with the same key.
const TRIES: usize = 3;
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
    /// Count so many requests of the portal's own.
    Count { requests: i64 },
    /// Give back what has expired, and take away what nobody asks for any more.
    Tend,
}

/// What came of it.
pub(super) enum Done {
    Reservation(Reservation),
    Recorded(Recorded),
    /// Which of the counters is full, if one is.
    Counted(Option<Full>),
    Tended,
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
    for _ in 0..TRIES {
        if let Some(results) = attempt(portal, &known, ops, now).await? {
            return Ok(results);
        }
    }
    Err(Problem::Unavailable.into())
}

/// As [`run`]; nothing, when another process was faster with the same key.
async fn attempt(
    portal: &Portal,
    known: &Terms,
    ops: &[Op],
    now: OffsetDateTime,
) -> Result<Option<Vec<Result<Done, Error>>>, Error> {
    let mut tx = portal.store().tenant_by_index(&known.tenant).await?;
    let ids: Vec<_> = ops.iter().flat_map(Op::ids).collect();
    let rows = sql::lock_reservations(tx.conn(), &ids, now).await?;
    let of_rows = rows.iter().flat_map(|row| row.items.iter().map(|item| item.metric));
    let metrics: BTreeSet<_> = ops.iter().flat_map(Op::metrics).chain(of_rows).collect();
    let before = sql::lock_counters(tx.conn(), &metrics, &known.plan).await?;
    let ledger = Ledger::new(before.iter().cloned(), known.calendar.clone(), now);
    let rows = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut book = Book { ledger, rows, now };
    book.expire();
    let results: Vec<_> = ops.iter().map(|op| book.act(op)).collect();
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
            return Ok(None);
        }
    }
    if ops.iter().any(|op| matches!(op, Op::Tend)) {
        sql::tidy(tx.conn(), now).await?;
    }
    if !crossings.is_empty() {
        alerts::tell(&mut tx, portal, known, &crossings).await?;
    }
    tx.keep().await?;
    Ok(Some(results))
}

/// What is judged by, and what becomes of it.
struct Book {
    ledger: Ledger,
    rows: HashMap<Uuid, Row>,
    now: OffsetDateTime,
}

impl Book {
    /// Gives back what has expired, before anything is judged.
    fn expire(&mut self) {
        for row in self.rows.values_mut().filter(|row| row.state == Some(ReservationState::Held)) {
            if row.expires_at <= self.now {
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
            Op::Count { requests } => Ok(Done::Counted(self.count(*requests))),
            Op::Tend => Ok(Done::Tended),
        }
    }

    fn reserve(&mut self, id: ReservationId, request: &Request, body: &[u8]) -> Result<Done, Error> {
        if let Some(row) = self.rows.get(&id.0) {
            return if row.body == body {
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

    fn count(&mut self, requests: i64) -> Option<Full> {
        for metric in count::COUNTED {
            self.ledger.record(metric, requests, false, self.now, count::SUBJECT);
        }
        let counters = count::COUNTED.into_iter().filter_map(|metric| self.ledger.counter(metric));
        let full = counters.filter(|counter| counter.rule.hard && counter.left() == Some(0));
        full.max_by_key(|counter| counter.ends_at)
            .map(|counter| Full { metric: counter.metric, until: Some(counter.ends_at) })
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
    if row.state == Some(ReservationState::Held) { Ok(row) } else { Err(Problem::Changed.into()) }
}

impl Row {
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
