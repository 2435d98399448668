//! Queries on the rows of jobs.

use domain::ids::{AccountId, JobId};
use domain::jobs::{JobRow, RowOutcome, RowProblem};
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;

struct RowRecord {
    seq: i32,
    line: Option<i32>,
    member_id: Option<Uuid>,
    name: String,
    email: String,
    wish: Option<String>,
    before: Option<String>,
    outcome: String,
    problem: Option<String>,
}

impl TryFrom<RowRecord> for JobRow {
    type Error = Error;

    fn try_from(row: RowRecord) -> Result<Self, Error> {
        let broken = || Error::internal("a row of a job has an unknown outcome");
        Ok(Self {
            seq: row.seq,
            line: row.line,
            member: row.member_id.map(AccountId),
            name: row.name,
            email: row.email,
            wish: row.wish,
            before: row.before,
            outcome: RowOutcome::from_code(&row.outcome).ok_or_else(broken)?,
            problem: row.problem.as_deref().and_then(RowProblem::from_code),
        })
    }
}

/// The row beyond which a page begins.
fn edge(cursor: Option<&Cursor>) -> (bool, i32) {
    let of = |id: &str| id.parse().ok();
    match cursor {
        Some(Cursor::Before(_, id)) => (true, of(id).unwrap_or(i32::MAX)),
        Some(Cursor::After(_, id)) => (false, of(id).unwrap_or(0)),
        None => (false, 0),
    }
}

/// A page of rows and one more, in their order.
pub(super) async fn list(
    conn: &mut PgConnection,
    job: JobId,
    outcome: Option<RowOutcome>,
    cursor: Option<&Cursor>,
) -> Result<Vec<JobRow>, Error> {
    let (backwards, edge) = edge(cursor);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                RowRecord,
                "SELECT seq, line, member_id, name, email, wish, before, outcome, problem FROM job_rows
                 WHERE job_id = $1 AND ($2::text IS NULL OR outcome = $2) AND seq "
                    + $beyond
                    + " $3 ORDER BY seq "
                    + $direction
                    + " LIMIT $4",
                job.0,
                outcome.map(RowOutcome::code),
                edge,
                limit
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("DESC", "<") } else { select!("ASC", ">") };
    rows.into_iter().map(JobRow::try_from).collect()
}

/// A row that is to be done.
pub(crate) struct Pending {
    pub(crate) seq: i32,
    pub(crate) member: Option<AccountId>,
    pub(crate) email: String,
    pub(crate) wish: Option<String>,
    /// It is done only to whoever has this.
    pub(crate) expected: Option<String>,
}

/// The next rows that are to be done.
pub(super) async fn next(conn: &mut PgConnection, job: JobId, position: i32, most: i64) -> Result<Vec<Pending>, Error> {
    let rows = sqlx::query!(
        "SELECT seq, member_id, email, wish, expected FROM job_rows
         WHERE job_id = $1 AND outcome = 'pending' AND seq > $2 ORDER BY seq LIMIT $3",
        job.0,
        position,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Pending {
            seq: row.seq,
            member: row.member_id.map(AccountId),
            email: row.email,
            wish: row.wish,
            expected: row.expected,
        })
        .collect())
}

/// What became of a row.
pub(crate) struct Settled {
    pub(crate) seq: i32,
    pub(crate) outcome: RowOutcome,
    /// What was before.
    pub(crate) before: Option<String>,
    pub(crate) problem: Option<RowProblem>,
}

impl Settled {
    /// It was done.
    pub(crate) fn changed(row: &Pending, before: impl Into<String>) -> Self {
        Self { seq: row.seq, outcome: RowOutcome::Changed, before: Some(before.into()), problem: None }
    }

    /// It was done, to somebody of whom there was nothing before.
    pub(crate) fn added(row: &Pending) -> Self {
        Self { seq: row.seq, outcome: RowOutcome::Changed, before: None, problem: None }
    }

    /// It was so already.
    pub(crate) fn unchanged(row: &Pending) -> Self {
        Self { seq: row.seq, outcome: RowOutcome::Unchanged, before: None, problem: None }
    }

    /// It was not done.
    pub(crate) fn refused(row: &Pending, problem: RowProblem) -> Self {
        Self { seq: row.seq, outcome: RowOutcome::Refused, before: None, problem: Some(problem) }
    }
}

/// Notes what became of rows.
pub(super) async fn settle(conn: &mut PgConnection, job: JobId, rows: &[Settled]) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE job_rows r SET outcome = s.outcome, before = s.before, problem = s.problem
         FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[]) AS s (seq, outcome, before, problem)
         WHERE r.job_id = $1 AND r.seq = s.seq",
        job.0,
        &rows.iter().map(|row| row.seq).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.outcome.code().to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.before.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.problem.map(|problem| problem.code().to_owned())).collect::<Vec<_>>()
            as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Refuses what is not done yet: how many rows that were.
pub(super) async fn refuse_rest(conn: &mut PgConnection, job: JobId, problem: RowProblem) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE job_rows SET outcome = 'refused', problem = $2 WHERE job_id = $1 AND outcome = 'pending'",
        job.0,
        problem.code()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Takes over what another job has changed, to put it back in the order in which it was done.
pub(super) async fn reverse(conn: &mut PgConnection, job: JobId, undone: JobId) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO job_rows (job_id, seq, member_id, name, email, wish, expected, outcome)
         SELECT $1, row_number() OVER (ORDER BY seq), member_id, name, email, before, wish, 'pending'
         FROM job_rows WHERE job_id = $2 AND outcome = 'changed' ORDER BY seq",
        job.0,
        undone.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
