//! Copying what waits, and looking at where something was noticed.

use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

use super::evaluate::evaluate;
use super::failures::{self, Failure};
use super::queue;
use crate::Portal;
use crate::error::Error;
use crate::store::Store;

/// How often the queues are looked at. One indexed query on a table that is all but empty.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);
/// How long a batch may take before somebody else begins it anew. Nothing is kept twice by that.
const PATIENCE: Duration = Duration::minutes(1);
/// How many rows of a queue are taken at a time.
const BATCH: i64 = 500;
/// After so long a row is given up that an organization cannot take, because it is being upgraded, say.
const GIVEN_UP: Duration = Duration::hours(1);

/// Copies wrong passwords and codes to whom they concern, and looks at organizations that have noticed something, until
/// it is told to stop.
pub struct Worker {
    portal: Portal,
}

impl Worker {
    /// A worker of this portal's.
    pub fn new(portal: &Portal) -> Self {
        Self { portal: portal.clone() }
    }

    /// Does what there is, and looks again, until `stop` turns true.
    ///
    /// What was noticed in this process is looked at as soon as it is kept. What another one has noticed and not looked
    /// at, because it has ended, say, waits in the queue.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        if let Err(error) = self.take_up().await {
            tracing::warn!(%error, "what was set aside could not be taken up again");
        }
        while !*stop.borrow() {
            match self.work_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "what was noticed could not be looked at"),
            }
            tokio::select! {
                () = self.portal.watch().touched() => {}
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Has all looked at once more that was set aside because it could not be: who starts anew may be able to.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take_up(&self) -> Result<u64, Error> {
        let mut tx = self.portal.store().platform().await?;
        let count = queue::take_up(tx.conn(), None).await?;
        tx.end().await?;
        Ok(count)
    }

    /// Copies a batch of what waits, and looks at every organization that has noticed something; false when there was
    /// nothing to do.
    ///
    /// # Errors
    /// The database does not answer: it is tried again.
    pub async fn work_next(&self) -> Result<bool, Error> {
        let copied = self.copy().await?;
        let evaluated = self.evaluate_waiting().await?;
        Ok(copied || evaluated)
    }

    /// Looks at every organization that has noticed something. What keeps one from being looked at keeps no other: it waits
    /// until its time comes again, and is set aside when it has failed too often.
    async fn evaluate_waiting(&self) -> Result<bool, Error> {
        let now = self.portal.now();
        let mut tx = self.portal.store().platform().await?;
        let waiting = queue::take(tx.conn(), now, now + PATIENCE, BATCH).await?;
        tx.end().await?;
        for (tenant, rows) in &waiting {
            if let Err(error) = self.evaluate(*tenant, rows.since).await {
                tracing::warn!(%error, organization = %tenant, "what was noticed could not be looked at");
                self.note_failed(*tenant, &rows.ids, &error).await?;
                continue;
            }
            let mut tx = self.portal.store().platform().await?;
            queue::remove(tx.conn(), &rows.ids).await?;
            // Now that somebody could look, what could not be looked at before may be looked at, too.
            queue::take_up(tx.conn(), Some(*tenant)).await?;
            tx.end().await?;
        }
        Ok(!waiting.is_empty())
    }

    /// Looks at an organization, in a task of its own: a panic there ends nothing else.
    async fn evaluate(&self, tenant: TenantId, since: OffsetDateTime) -> Result<(), Error> {
        let portal = self.portal.clone();
        let looking = tokio::spawn(async move { evaluate(&portal, tenant, since).await });
        looking.await.map_err(Error::internal)?
    }

    /// Counts that looking at something has failed, unless that is not its fault.
    async fn note_failed(&self, tenant: TenantId, ids: &[i64], error: &Error) -> Result<(), Error> {
        if matches!(error, Error::Unavailable(_) | Error::Busy) || error.problem().is_behind() {
            return Ok(());
        }
        let mut tx = self.portal.store().platform().await?;
        let is_set_aside = queue::note_failed(tx.conn(), (tenant, ids), &error.to_string(), self.portal.now()).await?;
        tx.end().await?;
        if is_set_aside {
            metrics::counter!("portcullis_detections_set_aside_total").increment(1);
            tracing::error!(%error, organization = %tenant, "what was noticed is set aside: it could not be looked at");
        }
        Ok(())
    }

    /// Copies wrong passwords and codes into the organizations that they concern, and takes them out of the queue. Should
    /// this end in between, they are copied again, of which nobody sees anything: each is kept once.
    async fn copy(&self) -> Result<bool, Error> {
        let now = self.portal.now();
        let mut tx = self.portal.store().platform().await?;
        let waiting = failures::take(tx.conn(), now, now + PATIENCE, BATCH).await?;
        tx.end().await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let mut later = Vec::new();
        for (tenant, failures) in failures::by_tenant(&waiting) {
            match self.copy_into(tenant, &failures).await {
                Ok(()) => {}
                // The organization was deleted just now.
                Err(Error::Refused(problem)) if !problem.is_behind() => {}
                // What keeps one organization from being told keeps no other.
                Err(error) => {
                    tracing::warn!(%error, organization = %tenant, "what was noticed could not be passed on");
                    later.extend(failures.iter().map(|one| one.id));
                }
            }
        }
        let is_done = |failure: &&Failure| !later.contains(&failure.id) || now - failure.at >= GIVEN_UP;
        let done: Vec<_> = waiting.iter().filter(is_done).map(|failure| failure.id).collect();
        let mut tx = self.portal.store().platform().await?;
        failures::remove(tx.conn(), &done).await?;
        tx.end().await?;
        Ok(true)
    }

    async fn copy_into(&self, tenant: TenantId, failures: &[&Failure]) -> Result<(), Error> {
        let mut tx = self.portal.store().platform().await?;
        let tenant = Store::lookup_tenant(tx.conn(), tenant).await?;
        tx.end().await?;
        let Some(tenant) = tenant.filter(|tenant| tenant.status == TenantStatus::Active) else { return Ok(()) };
        let mut tx = self.portal.store().tenant_at_work(&tenant).await?;
        tx.record(failures.iter().filter_map(|failure| failure.noticed()));
        tx.keep().await
    }
}
