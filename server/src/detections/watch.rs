//! That something was noticed, and who wants to know.

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
    /// There is something for the worker to look at.
    work: Notify,
    /// Whose facts or alerts have changed.
    pub(super) changes: broadcast::Sender<TenantId>,
    pub(super) hearing: watch::Sender<Hearing>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            work: Notify::new(),
            changes: broadcast::Sender::new(BEHIND),
            hearing: watch::Sender::new(Hearing::Deaf),
        }
    }
}

impl Watch {
    /// Has the worker look at what waits, now.
    pub(crate) fn touch(&self) {
        self.work.notify_one();
    }

    /// Waits until there is something.
    pub(super) async fn touched(&self) {
        self.work.notified().await;
    }
}
