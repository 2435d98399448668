//! Going on with jobs.

use domain::ids::ApprovalId;
use domain::jobs::{JobCounts, JobKind, JobState, RowOutcome, RowProblem};
use domain::notifications::{Kind, News};
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use time::Duration;
use tokio::sync::watch;

use super::queue::{self, Due};
use super::rows::{self, Settled};
use super::sql::{self, Work};
use crate::Portal;
use crate::approvals;
use crate::error::Error;
use crate::members::{bulk, import};
use crate::notifications;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef, TenantTx};

/// How often the queue is looked at. One indexed query on a table that is all but empty.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);
/// How long a batch may take before somebody else goes on with its job.
const PATIENCE: Duration = Duration::minutes(2);
/// How long a job waits whose organization is suspended or being upgraded.
const POSTPONED: Duration = Duration::minutes(10);
/// How long a batch that came to nothing waits, for each time that it did.
const PAUSE_AFTER_FAILURE: Duration = Duration::seconds(5);
/// After so many batches that came to nothing a job is given up.
const ATTEMPTS: i32 = 5;
/// How many rows are done in one transaction.
const BATCH: i64 = 500;

/// Goes on with jobs until it is told to stop.
pub struct Worker {
    portal: Portal,
}

/// Whether there is more to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    More,
    Over,
}

impl Worker {
    /// A worker of this portal's.
    pub fn new(portal: &Portal) -> Self {
        Self { portal: portal.clone() }
    }

    /// Does what is due, and looks again, until `stop` turns true. A batch that has begun is finished; the rest of its
    /// job is done after the next start.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.work_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a job could not go on"),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Does a batch of the job that has been due for the longest time; false when there is none. So jobs take turns,
    /// and a long one holds up no other.
    ///
    /// # Errors
    /// The database does not answer, or a batch came to nothing: it is tried again some seconds later.
    pub async fn work_next(&self) -> Result<bool, Error> {
        let now = self.portal.now();
        let mut tx = self.portal.store().platform().await?;
        let due = queue::take(tx.conn(), now, now + PATIENCE).await?;
        tx.end().await?;
        let Some(due) = due else { return Ok(false) };
        let step = self.step(&due).await;
        let mut tx = self.portal.store().platform().await?;
        match step {
            Ok(Step::Over) => queue::remove(tx.conn(), due.id).await?,
            Ok(Step::More) => queue::put_back(tx.conn(), due.id, self.portal.now(), 0).await?,
            Err(Error::Refused(problem)) if problem == Problem::OrganizationSuspended || problem.is_behind() => {
                queue::put_back(tx.conn(), due.id, now + POSTPONED, 0).await?;
            }
            // Its organization is asked for much by others, too: that is no failure of the job's.
            Err(Error::Busy) => {
                queue::put_back(tx.conn(), due.id, now + PAUSE_AFTER_FAILURE, due.attempts - 1).await?;
            }
            Err(error) => {
                let again = now + PAUSE_AFTER_FAILURE * due.attempts;
                queue::put_back(tx.conn(), due.id, again, due.attempts).await?;
                tx.end().await?;
                return Err(error);
            }
        }
        tx.end().await?;
        Ok(true)
    }

    async fn step(&self, due: &Due) -> Result<Step, Error> {
        let mut tx = self.portal.store().platform().await?;
        let tenant = Store::lookup_tenant(tx.conn(), due.tenant).await?;
        tx.end().await?;
        let Some(tenant) = tenant else { return Ok(Step::Over) };
        if tenant.status != TenantStatus::Active {
            return Err(Problem::OrganizationSuspended.into());
        }
        let request = RequestContext::internal(&self.portal);
        let mut tx = self.portal.store().tenant_at_work(&tenant).await?;
        let Some(job) = sql::take(tx.conn(), due.job).await? else {
            tx.close();
            // What is no job, or none any more, may be a request whose time has come.
            approvals::run_due(&request, &tenant, ApprovalId(due.job.0)).await?;
            return Ok(Step::Over);
        };
        if job.state.is_under_way() {
            if due.attempts > ATTEMPTS {
                sql::end(tx.conn(), job.id, JobState::Failed, request.now).await?;
                tx.keep().await?;
                return Ok(Step::Over);
            }
            return go_on(&request, &tenant, tx, &job).await;
        }
        if request.now >= job.kept_until {
            sql::remove(tx.conn(), job.id).await?;
            tx.keep().await?;
        }
        Ok(Step::Over)
    }
}

/// Does the next rows of a job in one transaction: some hundred, or all of them where one that is refused keeps the
/// others from being done.
async fn go_on(request: &RequestContext, tenant: &TenantRef, mut tx: TenantTx, job: &Work) -> Result<Step, Error> {
    let (mut entries, mut counts, mut blamed, mut position) =
        (Vec::new(), JobCounts::default(), Vec::new(), job.position);
    loop {
        let pending = rows::next(tx.conn(), job.id, position, BATCH).await?;
        let is_last = i64::try_from(pending.len()).is_ok_and(|found| found < BATCH);
        position = pending.last().map_or(position, |row| row.seq);
        let (settled, written) = match job.kind {
            JobKind::Import => import::work(request, tenant, &mut tx, job, pending).await?,
            _ => bulk::work(request, tenant, &mut tx, job, &pending).await?,
        };
        rows::settle(tx.conn(), job.id, &settled).await?;
        entries.extend(written);
        count(&mut counts, &settled);
        blamed.extend(settled.into_iter().filter(|row| row.outcome == RowOutcome::Refused));
        if job.all_or_nothing && !blamed.is_empty() {
            tx.close();
            return give_up(request, tenant, job, &blamed).await;
        }
        if is_last || !job.all_or_nothing {
            let state = if is_last { JobState::Done } else { JobState::Running };
            sql::advance(tx.conn(), job.id, state, position, counts, request.now).await?;
            if is_last {
                tell(request, tenant, &mut tx, job, false).await?;
            }
            tx.commit_all(request, entries).await?;
            return Ok(if is_last { Step::Over } else { Step::More });
        }
    }
}

/// Ends a job of which nothing is done, because of these rows.
async fn give_up(request: &RequestContext, tenant: &TenantRef, job: &Work, blamed: &[Settled]) -> Result<Step, Error> {
    let mut tx = request.portal().store().tenant_at_work(tenant).await?;
    // Somebody may have stopped it in the meantime.
    let under_way = sql::take(tx.conn(), job.id).await?.is_some_and(|job| job.state.is_under_way());
    if under_way {
        rows::settle(tx.conn(), job.id, blamed).await?;
        let rest = rows::refuse_rest(tx.conn(), job.id, RowProblem::AllOrNothing).await?;
        let counts = JobCounts { refused: rest + blamed.len() as u64, ..JobCounts::default() };
        sql::advance(tx.conn(), job.id, JobState::Failed, job.position, counts, request.now).await?;
        tell(request, tenant, &mut tx, job, true).await?;
    }
    tx.keep().await?;
    Ok(Step::Over)
}

/// Tells whoever has started a job that it is over.
async fn tell(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    failed: bool,
) -> Result<(), Error> {
    let kind = Kind::JobFinished { job: job.kind.title().to_owned(), failed, path: format!("/jobs/{}", job.id) };
    let news = News { organization: tenant.name.clone(), by: None, actor: None, kind };
    notifications::add(tx.enter_platform().await?, request, tenant.id, &[job.created_by], &news).await?;
    tx.leave_platform().await
}

fn count(counts: &mut JobCounts, settled: &[Settled]) {
    for row in settled {
        match row.outcome {
            RowOutcome::Changed => counts.changed += 1,
            RowOutcome::Unchanged => counts.unchanged += 1,
            RowOutcome::Refused => counts.refused += 1,
            RowOutcome::Pending => {}
        }
    }
}
