//! Counting what has gathered, and giving back what nobody came for.

use std::time::Duration;

use domain::ids::TenantId;
use domain::problem::Problem;
use futures::future::join_all;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::ops::{Done, Op};
use super::{count, queue};
use crate::Portal;
use crate::error::Error;

/// How often requests are counted that were noted in memory.
const COUNTED: Duration = Duration::from_secs(5);
/// How often the queue is looked at. One indexed query on a small table.
const PAUSE: Duration = Duration::from_secs(1);
/// How many organizations are looked after at a time.
const AT_ONCE: i64 = 8;
/// How many transactions an organization has before it is another's turn.
const ROUNDS: usize = 20;
/// How long a turn is waited for: one organization that is stuck keeps no other waiting.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a turn may take before somebody else goes on with the organization.
const PATIENCE: time::Duration = time::Duration::minutes(2);
/// How long an organization waits that is suspended or being upgraded, or whose turn came to nothing.
const POSTPONED: time::Duration = time::Duration::minutes(10);
const AFTER_FAILURE: time::Duration = time::Duration::seconds(30);

/// Looks after quotas until it is told to stop.
pub struct Worker {
    portal: Portal,
}

impl Worker {
    /// A worker of this portal's.
    pub fn new(portal: &Portal) -> Self {
        Self { portal: portal.clone() }
    }

    /// Does what there is, and looks again, until `stop` turns true. What was noted until then is counted.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        tokio::join!(self.count(stop.clone()), self.look_after(stop));
    }

    async fn count(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            pause(COUNTED, &mut stop).await;
            count::flush(&self.portal).await;
        }
    }

    async fn look_after(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            pause(PAUSE, &mut stop).await;
            if let Err(error) = self.tend(&stop).await {
                tracing::warn!(%error, "quotas could not be looked after");
            }
        }
    }

    /// Gives back what has expired, and takes away what nobody asks for any more, in every organization that is due. What
    /// has expired is given back at the next look at a counter in any case: this is for those at which nobody looks. One
    /// organization that cannot be looked after keeps no other from being.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tend(&self, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        while !*stop.borrow() {
            let now = self.portal.now();
            let until = now + PATIENCE;
            let mut tx = self.portal.store().platform().await?;
            let taken = queue::take(tx.conn(), now, until, AT_ONCE).await?;
            tx.end().await?;
            if taken.is_empty() {
                break;
            }
            let turns = taken.into_iter().map(|tenant| self.turn_in_time(tenant, until));
            join_all(turns).await.into_iter().collect::<Result<(), Error>>()?;
        }
        Ok(())
    }

    /// A turn, unless it takes too long: then somebody goes on with the organization after `until`.
    async fn turn_in_time(&self, tenant: TenantId, until: OffsetDateTime) -> Result<(), Error> {
        tokio::time::timeout(TIME_LIMIT, self.turn(tenant, until)).await.unwrap_or_else(|_| {
            tracing::warn!(organization = %tenant, "it took too long to look after quotas");
            Ok(())
        })
    }

    async fn turn(&self, tenant: TenantId, until: OffsetDateTime) -> Result<(), Error> {
        let outcome = self.serve(tenant).await;
        let now = self.portal.now();
        let next = match outcome {
            Ok(next) => next.unwrap_or(now),
            Err(Error::Refused(Problem::NotFound | Problem::OrganizationSuspended)) => now + POSTPONED,
            Err(Error::Refused(problem)) if problem.is_behind() => now + POSTPONED,
            Err(error) => {
                tracing::warn!(%error, organization = %tenant, "quotas could not be looked after");
                now + AFTER_FAILURE
            }
        };
        let mut tx = self.portal.store().platform().await?;
        queue::put_back(tx.conn(), tenant, until, next).await?;
        tx.end().await
    }

    /// Does what there is to do in an organization, in several transactions: when somebody has to look again. Nothing, if
    /// there is more to do still: others come first.
    async fn serve(&self, tenant: TenantId) -> Result<Option<OffsetDateTime>, Error> {
        for _ in 0..ROUNDS {
            let done = self.portal.quotas().batcher.submit(&self.portal, tenant, Op::Tend).await?;
            if let Done::Tended(Some(next)) = done {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }
}

async fn pause(time: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}
