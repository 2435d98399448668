//! Where something was noticed, and who wants to know.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use domain::ids::TenantId;
use tokio::sync::{Notify, broadcast, watch};

/// The most changes that a slow page is behind before it is told of all of them at once.
const BEHIND: usize = 256;

/// Whether changes are heard of as they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    /// Nobody listens, or not at the moment: whoever wants to know looks again and again.
    Deaf,
    /// They are.
    Listening,
    /// The program ends, and so does all that watches.
    Over,
}

/// What the parts of one process tell each other.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Where facts were kept that nobody has looked at yet.
    touched: Mutex<HashSet<TenantId>>,
    work: Notify,
    /// Whose facts or alerts have changed.
    pub(super) changes: broadcast::Sender<TenantId>,
    pub(super) hearing: watch::Sender<Hearing>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            touched: Mutex::default(),
            work: Notify::new(),
            changes: broadcast::Sender::new(BEHIND),
            hearing: watch::Sender::new(Hearing::Deaf),
        }
    }
}

impl Watch {
    /// Has the worker look at an organization, now.
    pub(crate) fn touch(&self, tenant: TenantId) {
        self.touch_later(tenant);
        self.work.notify_one();
    }

    /// The same when it looks next.
    pub(super) fn touch_later(&self, tenant: TenantId) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }

    /// Takes all organizations that somebody has to look at.
    pub(super) fn take(&self) -> HashSet<TenantId> {
        std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until there is one.
    pub(super) async fn touched(&self) {
        self.work.notified().await;
    }
}
