//! Counting what has gathered, and giving back what nobody came for.

use std::time::Duration;

use tokio::sync::watch;

use super::count;
use super::work::Op;
use crate::Portal;
use crate::error::Error;

/// How often requests are counted that nobody came to count.
const PAUSE: Duration = Duration::from_secs(1);
/// After how many pauses all organizations are looked at. What has expired is given back at the next look at a counter in any
/// case: this is for those at which nobody looks.
const ROUND: u32 = 600;

/// Looks after quotas until it is told to stop.
pub struct Worker {
    portal: Portal,
}

impl Worker {
    /// A worker of this portal's.
    pub fn new(portal: &Portal) -> Self {
        Self { portal: portal.clone() }
    }

    /// Does what there is, and looks again, until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut pauses: u32 = 0;
        while !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
            pauses = pauses.wrapping_add(1);
            if let Err(error) = count::flush(&self.portal).await {
                tracing::warn!(%error, "requests could not be counted");
            }
            if pauses.is_multiple_of(ROUND)
                && let Err(error) = self.tend(&stop).await
            {
                tracing::warn!(%error, "quotas could not be looked after");
            }
        }
    }

    /// Gives back what has expired, and takes away what nobody asks for any more, in every organization. One that cannot be
    /// looked after keeps no other from being.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tend(&self, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        for tenant in self.portal.store().active_tenants(None).await? {
            if *stop.borrow() {
                break;
            }
            if let Err(error) = self.portal.quotas().batcher.submit(&self.portal, tenant.id, Op::Tend).await {
                tracing::warn!(%error, organization = %tenant.id, "quotas could not be looked after");
            }
        }
        Ok(())
    }
}
