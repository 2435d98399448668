//! What can be done to an organization's counters, and what comes of it.

use std::collections::BTreeMap;

use domain::ids::ReservationId;
use domain::problem::Problem;
use domain::quotas::{Counter, Event, Metric, Recorded, Request, Reservation, Settle};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use super::count;
use crate::Portal;
use crate::error::Error;

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
    pub(super) fn ids(&self) -> Vec<Uuid> {
        match self {
            Self::Reserve { id, .. } | Self::Settle { id, .. } | Self::Release { id } => vec![id.0],
            Self::Record { events } => events.iter().map(event_id).collect(),
            Self::Count { .. } | Self::Tend => Vec::new(),
        }
    }

    /// The counters that it is about, besides those of its rows.
    pub(super) fn metrics(&self) -> Vec<Metric> {
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

/// The id of the row of an event.
pub(super) fn event_id(event: &Event) -> Uuid {
    id_of(&["event", &event.id])
}
