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

use super::work::{self, Done, Op};
use crate::Portal;
use crate::error::Error;

/// The most that one transaction does.
const MOST: usize = 256;
/// The most that waits for one organization: more could not be answered in time.
const WAITING: usize = 10_000;

/// Something to do, and who waits for it.
struct Job {
    op: Op,
    answer: oneshot::Sender<Result<Done, Error>>,
}

/// What waits, by organization. One that is in the map has somebody who works on it.
#[derive(Default)]
pub(crate) struct Batcher(Mutex<HashMap<TenantId, VecDeque<Job>>>);

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
        if let Some(jobs) = waiting.get_mut(&tenant) {
            if jobs.len() >= WAITING {
                return Err(Problem::Unavailable.into());
            }
            jobs.push_back(job);
            return Ok(false);
        }
        waiting.insert(tenant, VecDeque::from([job]));
        Ok(true)
    }

    /// What is to be done next; nothing, and the organization is not worked on any more.
    fn take(&self, tenant: TenantId) -> Vec<Job> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(jobs) = waiting.get_mut(&tenant) else { return Vec::new() };
        let taken: Vec<_> = jobs.drain(..jobs.len().min(MOST)).collect();
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
