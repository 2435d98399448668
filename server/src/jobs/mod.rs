//! Jobs: what is done to many members, some hundred at a time.
//!
//! A use case of another slice (`members::bulk`, `members::import`) writes down a job and its rows in one transaction,
//! with a line in the platform's queue. A [`Worker`] goes on with it, a batch in each transaction: what was done stays
//! done, whenever the program ends. Whether a row is done is judged when its turn comes, by what whoever has started the
//! job may do *then*.

mod queue;
mod rows;
mod sql;
mod worker;

use domain::audit::{Action, Draft, Public};
use domain::ids::{AccountId, ApprovalId, JobId, TenantId};
use domain::jobs::{CHECKED_FOR, Job, JobCounts, JobKind, JobRow, JobState, KEPT, RowOutcome};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use time::OffsetDateTime;

pub(crate) use rows::{Pending, Settled};
pub(crate) use sql::Work;
pub use worker::Worker;

use crate::access::Access;
use crate::error::Error;
use crate::members::bulk::needs;
use crate::request::RequestContext;
use crate::store::TenantTx;

const STARTED: Action = Action::new("job.started");
const CANCELLED: Action = Action::new("job.cancelled");
const UNDONE: Action = Action::new("job.undone");

/// The most jobs of an organization that are not over.
const OPEN_MAX: i64 = 20;

/// A job to be.
pub(crate) struct NewJob<'a> {
    id: JobId,
    kind: JobKind,
    state: JobState,
    undoes: Option<JobId>,
    proven: bool,
    created_by: AccountId,
    creator: &'a str,
    created_at: OffsetDateTime,
    kept_until: OffsetDateTime,
}

impl<'a> NewJob<'a> {
    /// One of whoever asks. `proven` says that they have shown just now who they are.
    pub(crate) fn of(access: &'a Access, kind: JobKind, proven: bool) -> Self {
        let request = access.request();
        Self {
            id: JobId(request.portal().uuid(request.now)),
            kind,
            state: JobState::Queued,
            undoes: None,
            proven,
            created_by: access.account(),
            creator: &access.visitor().account.name,
            created_at: request.now,
            kept_until: request.now + KEPT,
        }
    }

    /// The same, waiting for somebody to say that it is right.
    pub(crate) fn awaiting_confirmation(self) -> Self {
        Self { state: JobState::Checked, kept_until: self.created_at + CHECKED_FOR, ..self }
    }
}

/// Writes down a job; its rows come next, and then [`enqueue`].
///
/// # Errors
/// Too many jobs are not over.
pub(crate) async fn add(tx: &mut TenantTx, job: &NewJob<'_>) -> Result<JobId, Error> {
    if sql::count_open(tx.conn()).await? >= OPEN_MAX {
        return Err(Problem::JobsWaiting.into());
    }
    sql::add(tx.conn(), job).await?;
    Ok(job.id)
}

/// Counts a job's rows and has a worker look at it: now, unless it waits to be confirmed, and when it is to be taken away.
pub(crate) async fn enqueue(tx: &mut TenantTx, access: &Access, job: &NewJob<'_>) -> Result<JobCounts, Error> {
    let counts = sql::count_rows(tx.conn(), job.id).await?;
    let at_once = (job.state == JobState::Queued).then_some(job.created_at);
    look_at(tx, access, job.id, at_once, job.kept_until).await?;
    Ok(counts)
}

async fn look_at(
    tx: &mut TenantTx,
    access: &Access,
    job: JobId,
    at_once: Option<OffsetDateTime>,
    kept_until: OffsetDateTime,
) -> Result<(), Error> {
    let request = access.request();
    let times: Vec<_> =
        at_once.into_iter().chain([kept_until]).map(|at| (request.portal().uuid(request.now), at)).collect();
    queue::add(tx.enter_platform().await?, access.tenant(), job, &times).await?;
    tx.leave_platform().await
}

/// Has a worker look at a request for approval at some time. It is no job, and stands in the same queue.
pub(crate) async fn wake(
    tx: &mut TenantTx,
    request: &RequestContext,
    tenant: TenantId,
    approval: ApprovalId,
    at: OffsetDateTime,
) -> Result<(), Error> {
    let times = [(request.portal().uuid(request.now), at)];
    queue::add(tx.enter_platform().await?, tenant, JobId(approval.0), &times).await?;
    tx.leave_platform().await
}

/// A job of whoever asks, locked.
///
/// # Errors
/// Not found, also when it is somebody else's: it would be done with their authority.
pub(crate) async fn lock_own(tx: &mut TenantTx, access: &Access, id: JobId) -> Result<Job, Error> {
    sql::lock(tx.conn(), id, Some(access.account())).await?.ok_or_else(|| Problem::NotFound.into())
}

/// Has a job begin that was only checked, and is locked.
pub(crate) async fn begin_checked(
    tx: &mut TenantTx,
    access: &Access,
    id: JobId,
    all_or_nothing: bool,
    proven: bool,
) -> Result<(), Error> {
    let now = access.request().now;
    sql::queue(tx.conn(), id, all_or_nothing, proven, now + KEPT).await?;
    look_at(tx, access, id, Some(now), now + KEPT).await
}

/// The entry of a job that begins.
pub(crate) fn started(access: &Access, job: JobId, kind: JobKind, counts: JobCounts) -> Draft {
    entry(access, STARTED, job, kind).added("rows", Public(counts.total.to_string()))
}

fn entry(access: &Access, action: Action, job: JobId, kind: JobKind) -> Draft {
    Draft::done(action, access.actor())
        .target("job", job, Public(kind.code().to_owned()))
        .within(access.request().audited())
}

/// Whose jobs somebody sees: everybody's who manages members, else only their own.
fn whose(access: &Access) -> Option<AccountId> {
    if access.may(Permission::ManageMembers) { None } else { Some(access.account()) }
}

/// One page of the jobs that somebody may see, newest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(access: &Access, cursor: Option<&Cursor>) -> Result<Page<Job>, Error> {
    let of = whose(access);
    let mut tx = access.begin().await?;
    let total = sql::count(tx.conn(), of).await?;
    let jobs = sql::list(tx.conn(), cursor, of).await?;
    tx.close();
    let key = |job: &Job| (crate::paging::time_value(job.created_at), job.id.to_string());
    Ok(Page::assemble(jobs, cursor, total, key))
}

/// One job.
///
/// # Errors
/// Not found, also when it is somebody else's and whoever asks does not manage members.
pub async fn lookup(access: &Access, id: JobId) -> Result<Job, Error> {
    let mut tx = access.begin().await?;
    let job = sql::lookup(tx.conn(), id, whose(access)).await?;
    tx.close();
    job.ok_or_else(|| Problem::NotFound.into())
}

/// One job, and a page of its rows: of all, or of those of which this has become.
///
/// # Errors
/// As [`lookup`].
pub async fn results(
    access: &Access,
    id: JobId,
    outcome: Option<RowOutcome>,
    cursor: Option<&Cursor>,
) -> Result<(Job, Page<JobRow>), Error> {
    let mut tx = access.begin().await?;
    let job = sql::lookup(tx.conn(), id, whose(access)).await?.ok_or(Problem::NotFound)?;
    let found = rows::list(tx.conn(), id, outcome, cursor).await?;
    tx.close();
    let JobCounts { total, changed, unchanged, refused } = job.counts;
    let total = match outcome {
        None => total,
        Some(RowOutcome::Pending) => job.counts.left(),
        Some(RowOutcome::Changed) => changed,
        Some(RowOutcome::Unchanged) => unchanged,
        Some(RowOutcome::Refused) => refused,
    };
    Ok((job, Page::assemble(found, cursor, total, |row| (String::new(), row.seq.to_string()))))
}

/// Stops a job. What it has done stays done.
///
/// # Errors
/// Not found; it is over ([`Problem::Changed`]).
pub async fn cancel(access: &Access, id: JobId) -> Result<Job, Error> {
    let mut tx = access.begin().await?;
    let job = sql::lock(tx.conn(), id, whose(access)).await?.ok_or(Problem::NotFound)?;
    if !job.state.is_under_way() && job.state != JobState::Checked {
        return Err(Problem::Changed.into());
    }
    sql::end(tx.conn(), id, JobState::Cancelled, access.request().now).await?;
    tx.commit(access.request(), entry(access, CANCELLED, id, job.kind)).await?;
    Ok(job)
}

/// Puts back what a job has changed, where it still is as the job has left it: a job of its own, by the same rules.
///
/// # Errors
/// Forbidden; not found; it cannot be put back, or not any more ([`Problem::Changed`]); a step-up is needed to give rights
/// back.
pub async fn undo(access: &Access, id: JobId) -> Result<JobId, Error> {
    access.require(needs(lookup(access, id).await?.kind), UNDONE).await?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let job = sql::lock(tx.conn(), id, whose(access)).await?.ok_or(Problem::NotFound)?;
    let inverse = job.kind.inverse().filter(|_| job.can_be_undone(request.now)).ok_or(Problem::Changed)?;
    let gives_rights = matches!(inverse, JobKind::Role | JobKind::Resume | JobKind::Join);
    if gives_rights {
        access.require_fresh()?;
    }
    let undoing = NewJob { undoes: Some(id), ..NewJob::of(access, inverse, gives_rights) };
    add(&mut tx, &undoing).await?;
    rows::reverse(tx.conn(), undoing.id, id).await?;
    let counts = enqueue(&mut tx, access, &undoing).await?;
    let entry = entry(access, UNDONE, undoing.id, inverse)
        .added("rows", Public(counts.total.to_string()))
        .added("undoes", Public(id.to_string()));
    tx.commit(request, entry).await?;
    Ok(undoing.id)
}
