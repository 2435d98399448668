//! Turns to use the connections of a lane.
//!
//! An organization has some of them at a time and not all, and those of several take turns, however many requests wait for
//! one of them ([`order`]). A line that is long is not made longer, and nobody stands in it for long: [`Error::Busy`].
//! The portal's own work stands at the front of the same lines: nobody keeps it from being done by asking for much.

mod order;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use tokio::sync::{Semaphore, oneshot};

use crate::error::Error;
use order::{Asked, Bounds, Order, Place};

/// How many of a lane's connections are one organization's at most.
const EACH: usize = 2;
/// How many wait for one organization at most: with more, the last would wait too long.
const WAITING: usize = 64;
/// How long somebody waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it takes until somebody is told that a line is full: telling those who ask again at once would keep the
/// processors from everybody else's work.
const PAUSE: Duration = Duration::from_millis(500);
/// How many of a lane are told so late at a time. More are told at once.
const PAUSED: usize = 256;

/// The turns of one lane.
#[derive(Debug)]
pub(super) struct Turns {
    order: Mutex<Order<TenantId, oneshot::Sender<Turn>>>,
    patience: Duration,
    paused: Semaphore,
}

/// A turn of an organization's, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    tenant: TenantId,
}

impl Turns {
    /// So many at a time.
    pub(super) fn new(all: usize) -> Arc<Self> {
        Self::with(Bounds { all, each: EACH, waiting: WAITING }, PATIENCE)
    }

    fn with(bounds: Bounds, patience: Duration) -> Arc<Self> {
        Arc::new(Self { order: Mutex::new(Order::new(bounds)), patience, paused: Semaphore::new(PAUSED) })
    }

    /// Waits for a turn of an organization's.
    ///
    /// # Errors
    /// [`Error::Busy`], if too many wait already, or none came in time.
    pub(super) async fn take(self: &Arc<Self>, tenant: TenantId) -> Result<Turn, Error> {
        self.take_as(tenant, false).await
    }

    /// As [`Turns::take`], for the portal's own work: it is next of those who wait for the organization, and no line is too
    /// long for it.
    ///
    /// # Errors
    /// [`Error::Busy`], if none came in time.
    pub(super) async fn take_first(self: &Arc<Self>, tenant: TenantId) -> Result<Turn, Error> {
        self.take_as(tenant, true).await
    }

    async fn take_as(self: &Arc<Self>, tenant: TenantId, is_first: bool) -> Result<Turn, Error> {
        let turn = self.wait(tenant, is_first).await;
        if turn.is_none() {
            metrics::counter!("portcullis_database_shed_total").increment(1);
        }
        turn.ok_or(Error::Busy)
    }

    async fn wait(self: &Arc<Self>, tenant: TenantId, is_first: bool) -> Option<Turn> {
        let (sender, receiver) = oneshot::channel();
        let asked =
            if is_first { self.lock().ask_first(tenant, || sender) } else { self.lock().ask(tenant, || sender) };
        let place = match asked {
            Asked::Turn => return Some(Turn { turns: Arc::clone(self), tenant }),
            Asked::Waits(place) => place,
            Asked::Full => {
                if let Ok(_seat) = self.paused.try_acquire() {
                    tokio::time::sleep(PAUSE).await;
                }
                return None;
            }
        };
        let _waiting = Waiting { turns: self, tenant, place };
        tokio::time::timeout(self.patience, receiver).await.ok()?.ok()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    /// Takes a turn back and gives it to whoever is next, before anybody else can ask for it. Whoever has gone away in the
    /// same moment hands theirs on.
    fn go_on(self: &Arc<Self>, after: TenantId) {
        let mut next = {
            let mut order = self.lock();
            order.give_back(after);
            order.next()
        };
        while let Some((tenant, waiter)) = next {
            let _ = waiter.send(Turn { turns: Arc::clone(self), tenant });
            next = self.lock().next();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Order<TenantId, oneshot::Sender<Turn>>> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.go_on(self.tenant);
    }
}

/// Somebody in a line, who leaves it when they wait no longer.
struct Waiting<'a> {
    turns: &'a Turns,
    tenant: TenantId,
    place: Place,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.turns.lock().leave(self.tenant, self.place);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use uuid::Uuid;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn turns(patience: Duration) -> Arc<Turns> {
        Turns::with(Bounds { all: 3, each: 2, waiting: 4 }, patience)
    }

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    /// Somebody who waits in a task of their own; they are in their line when this returns.
    async fn somebody(turns: &Arc<Turns>, number: u128) -> tokio::task::JoinHandle<Result<Turn, Error>> {
        let (waiting, turns) = (turns.waiting(), Arc::clone(turns));
        let line = Arc::clone(&turns);
        let task = tokio::spawn(async move { turns.take(tenant(number)).await });
        while line.waiting() == waiting {
            tokio::task::yield_now().await;
        }
        task
    }

    #[tokio::test]
    async fn whoever_is_over_its_bounds_is_told_and_others_are_served() {
        let turns = turns(LONG);
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(turns.take(tenant(1)).await.expect("a turn"));
        }
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push(somebody(&turns, 1).await);
        }
        assert!(matches!(turns.take(tenant(1)).await, Err(Error::Busy)));
        drop(turns.take(tenant(2)).await.expect("others have theirs"));
        drop(held);
        let served = join_all(waiting.into_iter().map(async |task| task.await.expect("a task").map(drop))).await;
        assert!(served.iter().all(Result::is_ok), "whoever was let in is served");
        assert_eq!(turns.waiting(), 0);
    }

    #[tokio::test]
    async fn what_the_portal_does_itself_is_next_whoever_waits() {
        let turns = turns(LONG);
        let held = [turns.take(tenant(1)).await, turns.take(tenant(1)).await];
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push(somebody(&turns, 1).await);
        }
        let first = Arc::clone(&turns);
        let first = tokio::spawn(async move { first.take_first(tenant(1)).await });
        while turns.waiting() < 5 {
            tokio::task::yield_now().await;
        }
        let [one, other] = held;
        drop(one);
        let own = first.await.expect("a task").expect("a turn");
        assert_eq!(turns.waiting(), 4, "nobody was served before");
        drop((own, other));
        let served = join_all(waiting.into_iter().map(async |task| task.await.expect("a task").map(drop))).await;
        assert!(served.iter().all(Result::is_ok));
    }

    #[tokio::test]
    async fn nobody_waits_for_long() {
        let turns = turns(Duration::from_millis(1));
        let _held = [turns.take(tenant(1)).await, turns.take(tenant(1)).await];
        assert!(matches!(turns.take(tenant(1)).await, Err(Error::Busy)));
        assert_eq!(turns.waiting(), 0, "who has gone is in no line");
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_their_place_and_their_turn_to_others() {
        let turns = turns(LONG);
        let held = [turns.take(tenant(1)).await, turns.take(tenant(1)).await];
        let (gone, stays) = (somebody(&turns, 1).await, somebody(&turns, 1).await);
        gone.abort();
        assert!(gone.await.expect_err("it was ended").is_cancelled());
        assert_eq!(turns.waiting(), 1);
        // One that has got its turn, and goes away before it knows.
        let (sender, receiver) = oneshot::channel();
        turns.lock().ask(tenant(1), || sender);
        drop(receiver);
        drop(held);
        assert!(stays.await.expect("a task").is_ok());
        let both = [turns.take(tenant(1)).await, turns.take(tenant(1)).await];
        assert!(both.iter().all(Result::is_ok), "no turn is lost");
    }
}
