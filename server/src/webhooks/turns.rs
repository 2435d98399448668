//! Turns to look a name up.
//!
//! A look-up keeps a thread busy, for as long as the name's own servers like, so there are few at a time. Those servers may
//! be a member's: no organization has more than some of the turns, and whoever waits for one of its own takes none of those
//! that others wait for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many names are looked up at a time.
const ALL: usize = 8;
/// How many of those are one organization's at most.
const EACH: usize = 2;
/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// The turns that there are.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// The organizations' own, of those that look something up or wait for that.
    own: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
    patience: Duration,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(ALL, PATIENCE)
    }
}

impl Turns {
    /// So many at a time, each waited for so long.
    pub(super) fn new(all: usize, patience: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), own: Mutex::default(), patience }
    }

    /// Waits for a turn of an organization's; nothing, if none came in time.
    pub(super) async fn take(&self, tenant: TenantId) -> Option<Turn> {
        let own = self.own(tenant);
        let waiting = async {
            let own = own.acquire_owned().await.ok()?;
            let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Turn { _all: all, _own: own })
        };
        tokio::time::timeout(self.patience, waiting).await.ok().flatten()
    }

    fn own(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has a turn, or waits for one, holds a share of these.
        own.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(own.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(EACH))))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn nobody_takes_the_turns_of_others() {
        let turns = Turns::new(3, Duration::from_millis(1));
        let [acme, globex] = [1, 2].map(|id| TenantId(Uuid::from_u128(id)));
        let first = turns.take(acme).await.expect("a turn");
        let _second = turns.take(acme).await.expect("a turn");
        assert!(turns.take(acme).await.is_none(), "an organization has {EACH} at most");
        let _third = turns.take(globex).await.expect("others have theirs");
        assert!(turns.take(globex).await.is_none(), "there are no more than that");
        drop(first);
        assert!(turns.take(globex).await.is_some(), "a turn that is over is another's");
    }
}
