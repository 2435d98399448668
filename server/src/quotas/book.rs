//! What reservations and events do to counters, judged in memory by rows that are locked.

use std::collections::HashMap;

use domain::ids::ReservationId;
use domain::problem::Problem;
use domain::quotas::{
    Amounts, Counter, Event, Full, Item, LATE, Ledger, Recorded, Request, Reservation, ReservationState, Settle,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::count;
use super::ops::{Done, Op, event_id};
use super::sql::Row;
use crate::error::Error;

/// How long it is remembered what has become of a reservation.
const REMEMBERED: Duration = Duration::days(1);

/// What is judged by, and what becomes of it.
pub(super) struct Book {
    pub(super) ledger: Ledger,
    pub(super) rows: HashMap<Uuid, Row>,
    pub(super) now: OffsetDateTime,
}

impl Book {
    /// Leaves alone what is held of a counter that this program does not understand: given back here it would be lost there.
    pub(super) fn set_aside(&mut self) -> Result<(), Error> {
        let ledger = &self.ledger;
        let is_out_of_reach = |item: &Item| item.metric.kind().fills() && ledger.counter(item.metric).is_none();
        let held = self.rows.values_mut().filter(|row| row.state == Some(ReservationState::Held));
        for row in held.filter(|row| row.unread.is_none() && row.items.iter().any(is_out_of_reach)) {
            row.unread = Some(serde_json::to_string(&row.items).map_err(Error::internal)?);
        }
        Ok(())
    }

    /// Gives back what has expired, before anything is judged.
    pub(super) fn expire(&mut self) {
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

    /// Does one thing.
    pub(super) fn act(&mut self, op: &Op) -> Result<Done, Error> {
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
    pub(super) fn is_overdue(&self, now: OffsetDateTime) -> bool {
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

#[cfg(test)]
mod tests {
    use domain::quotas::{Calendar, Metric};
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
