//! What waits for one organization, in one transaction.
//!
//! A commit is there when the disk has it, which takes longer than everything before it. Whoever comes while one is under way
//! waits for the next, together with all others of the organization in this process: so one hot counter takes as many a second
//! as come, and not as many as there can be commits. It goes on whether those who asked still wait or not.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use domain::ids::TenantId;
use domain::problem::Problem;
use futures::FutureExt;
use tokio::sync::oneshot;

use super::ops::{Done, Op};
use super::work;
use crate::Portal;
use crate::error::Error;

/// The most that one transaction does, and how many rows it is about, but for one thing that is about more.
const MOST: usize = 256;
const MOST_ROWS: usize = 5_000;
/// The most rows that wait for one organization: more could not be answered in time.
const WAITING: usize = 50_000;

/// Something to do, and who waits for it.
struct Job {
    op: Op,
    answer: oneshot::Sender<Result<Done, Error>>,
}

/// What waits for an organization, and how many rows it is about.
#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    rows: usize,
}

impl Queue {
    /// Whether there was room; where nothing waits there always is.
    fn push(&mut self, job: Job) -> bool {
        let rows = self.rows + job.op.rows();
        let fits = self.jobs.is_empty() || rows <= WAITING;
        if fits {
            self.rows = rows;
            self.jobs.push_back(job);
        }
        fits
    }

    /// What one transaction does next.
    fn take(&mut self) -> Vec<Job> {
        let (mut taken, mut rows) = (Vec::new(), 0);
        while let Some(job) = self.jobs.pop_front() {
            rows += job.op.rows();
            if taken.len() == MOST || rows > MOST_ROWS && !taken.is_empty() {
                self.jobs.push_front(job);
                break;
            }
            self.rows -= job.op.rows();
            taken.push(job);
        }
        taken
    }
}

/// What waits, by organization. One that is in the map has somebody who works on it.
#[derive(Default)]
pub(crate) struct Batcher(Mutex<HashMap<TenantId, Queue>>);

impl Batcher {
    /// Does something together with what else there is to do for the organization.
    ///
    /// # Errors
    /// What comes of it; too much waits; the database does not answer.
    pub(super) async fn submit(&self, portal: &Portal, tenant: TenantId, op: Op) -> Result<Done, Error> {
        let (answer, answered) = oneshot::channel();
        if self.push(tenant, Job { op, answer })? {
            let portal = portal.clone();
            tokio::spawn(async move { portal.quotas().batcher.work(&portal, tenant).await });
        }
        answered.await.unwrap_or_else(|_| Err(Problem::Internal.into()))
    }

    /// Whether somebody has to begin to work.
    fn push(&self, tenant: TenantId, job: Job) -> Result<bool, Error> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !waiting.contains_key(&tenant);
        if !waiting.entry(tenant).or_default().push(job) {
            return Err(Problem::Unavailable.into());
        }
        Ok(is_new)
    }

    /// What is to be done next; nothing, and the organization is not worked on any more.
    fn take(&self, tenant: TenantId) -> Vec<Job> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = waiting.get_mut(&tenant) else { return Vec::new() };
        let taken = queue.take();
        if taken.is_empty() {
            waiting.remove(&tenant);
        }
        taken
    }

    async fn work(&self, portal: &Portal, tenant: TenantId) {
        loop {
            let (ops, answers): (Vec<_>, Vec<_>) =
                self.take(tenant).into_iter().map(|job| (job.op, job.answer)).unzip();
            if ops.is_empty() {
                return;
            }
            // Whatever goes wrong with some keeps nobody else waiting forever.
            let done = AssertUnwindSafe(work::run(portal, tenant, &ops)).catch_unwind().await;
            match done {
                Ok(Ok(results)) => {
                    for (answer, result) in answers.into_iter().zip(results) {
                        // Whoever does not wait any more learns nothing.
                        let _ = answer.send(result);
                    }
                }
                Ok(Err(error)) => {
                    let problem = error.problem();
                    if problem == Problem::Internal {
                        tracing::error!(%error, organization = %tenant, "quotas could not be counted");
                    }
                    for answer in answers {
                        let _ = answer.send(Err(problem.into()));
                    }
                }
                // The answers are dropped, which says that it was a mistake.
                Err(_) => tracing::error!(organization = %tenant, "counting quotas has panicked"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::quotas::{Event, Metric};
    use time::OffsetDateTime;

    use super::*;

    fn job(events: usize) -> Job {
        let event = Event {
            id: String::new(),
            metric: Metric::RequestsPerDay,
            amount: 1,
            at: OffsetDateTime::UNIX_EPOCH,
            subject: String::new(),
            freed: false,
        };
        Job { op: Op::Record { events: vec![event; events] }, answer: oneshot::channel().0 }
    }

    #[test]
    fn what_waits_is_bounded_by_what_it_is_about() {
        let mut queue = Queue::default();
        assert!((0..50).all(|_| queue.push(job(1_000))));
        assert!(!queue.push(job(1)), "there is no room for more");
        assert_eq!(queue.take().len(), 5, "a transaction is about so many rows");
        assert!(queue.push(job(5_000)));
        while queue.take().len() == 5 {}
        assert!(queue.jobs.is_empty() && queue.rows == 0);
        assert!(queue.push(job(7_000)));
        assert_eq!(queue.take().len(), 1, "what is about more is done by itself");
        assert!((0..300).all(|_| queue.push(job(1))));
        assert_eq!(queue.take().len(), MOST);
    }
}
