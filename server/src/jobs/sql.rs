//! Queries on an organization's jobs, in its schema.

use domain::ids::{AccountId, JobId};
use domain::jobs::{Job, JobCounts, JobKind, JobState};
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::NewJob;
use crate::error::Error;
use crate::paging::{Edge, SortKey};

struct JobRecord {
    id: Uuid,
    kind: String,
    state: String,
    undoes: Option<Uuid>,
    undone_by: Option<Uuid>,
    all_or_nothing: bool,
    created_by: Uuid,
    creator_name: String,
    created_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
    total: i32,
    changed: i32,
    unchanged: i32,
    refused: i32,
}

impl TryFrom<JobRecord> for Job {
    type Error = Error;

    fn try_from(row: JobRecord) -> Result<Self, Error> {
        Ok(Self {
            id: JobId(row.id),
            kind: kind(&row.kind)?,
            state: state(&row.state)?,
            undoes: row.undoes.map(JobId),
            undone_by: row.undone_by.map(JobId),
            all_or_nothing: row.all_or_nothing,
            created_by: AccountId(row.created_by),
            creator: row.creator_name,
            created_at: row.created_at,
            finished_at: row.finished_at,
            counts: JobCounts {
                total: number(row.total),
                changed: number(row.changed),
                unchanged: number(row.unchanged),
                refused: number(row.refused),
            },
        })
    }
}

fn kind(code: &str) -> Result<JobKind, Error> {
    JobKind::from_code(code).ok_or_else(|| Error::internal("a job is of an unknown kind"))
}

fn state(code: &str) -> Result<JobState, Error> {
    JobState::from_code(code).ok_or_else(|| Error::internal("a job is in an unknown state"))
}

fn number(count: i32) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// Adds a job, whose rows follow.
pub(super) async fn add(conn: &mut PgConnection, job: &NewJob<'_>) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO jobs (id, kind, state, undoes, proven, created_by, creator_name, created_at, kept_until, total)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        job.id.0,
        job.kind.code(),
        job.state.code(),
        job.undoes.map(|id| id.0),
        job.proven,
        job.created_by.0,
        job.creator,
        job.created_at,
        job.kept_until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts a job's rows, when all of them are there.
pub(super) async fn count_rows(conn: &mut PgConnection, id: JobId) -> Result<JobCounts, Error> {
    let row = sqlx::query!(
        "UPDATE jobs SET total = counted.total, unchanged = counted.unchanged, refused = counted.refused
         FROM (SELECT count(*)::integer AS total, (count(*) FILTER (WHERE outcome = 'unchanged'))::integer AS unchanged,
                      (count(*) FILTER (WHERE outcome = 'refused'))::integer AS refused
               FROM job_rows WHERE job_id = $1) counted
         WHERE id = $1 RETURNING jobs.total, jobs.unchanged, jobs.refused",
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(JobCounts {
        total: number(row.total),
        changed: 0,
        unchanged: number(row.unchanged),
        refused: number(row.refused),
    })
}

/// How many jobs of the organization are not over.
pub(super) async fn count_open(conn: &mut PgConnection) -> Result<i64, Error> {
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM jobs WHERE state IN ('checked', 'queued', 'running')"#)
            .fetch_one(conn)
            .await?;
    Ok(count)
}

/// One job: of anybody's, or of this person's.
pub(super) async fn lookup(conn: &mut PgConnection, id: JobId, of: Option<AccountId>) -> Result<Option<Job>, Error> {
    sqlx::query_as!(
        JobRecord,
        r#"SELECT j.id, j.kind, j.state, j.undoes, u.id AS "undone_by?", j.all_or_nothing, j.created_by, j.creator_name,
                  j.created_at, j.finished_at, j.total, j.changed, j.unchanged, j.refused
           FROM jobs j LEFT JOIN jobs u ON u.undoes = j.id
           WHERE j.id = $1 AND ($2::uuid IS NULL OR j.created_by = $2)"#,
        id.0,
        of.map(|account| account.0)
    )
    .fetch_optional(conn)
    .await?
    .map(Job::try_from)
    .transpose()
}

/// As [`lookup`], with the job's row locked: nothing goes on with it until this transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, id: JobId, of: Option<AccountId>) -> Result<Option<Job>, Error> {
    sqlx::query!("SELECT id FROM jobs WHERE id = $1 FOR UPDATE", id.0).fetch_optional(&mut *conn).await?;
    lookup(conn, id, of).await
}

/// How many jobs are listed: of anybody's, or of this person's.
pub(super) async fn count(conn: &mut PgConnection, of: Option<AccountId>) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM jobs WHERE $1::uuid IS NULL OR created_by = $1"#,
        of.map(|account| account.0)
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page of jobs and one more, newest first.
pub(super) async fn list(
    conn: &mut PgConnection,
    cursor: Option<&Cursor>,
    of: Option<AccountId>,
) -> Result<Vec<Job>, Error> {
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(cursor, SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                JobRecord,
                r#"SELECT j.id, j.kind, j.state, j.undoes, u.id AS "undone_by?", j.all_or_nothing, j.created_by,
                          j.creator_name, j.created_at, j.finished_at, j.total, j.changed, j.unchanged, j.refused
                   FROM jobs j LEFT JOIN jobs u ON u.undoes = j.id
                   WHERE ($4::uuid IS NULL OR j.created_by = $4) AND (j.created_at, j.id) "#
                    + $beyond
                    + " ($1, $2) ORDER BY j.created_at "
                    + $direction
                    + ", j.id "
                    + $direction
                    + " LIMIT $3",
                edge.time,
                edge.id,
                limit,
                of.map(|account| account.0)
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    rows.into_iter().map(Job::try_from).collect()
}

/// What a worker has to know of a job.
pub(crate) struct Work {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) state: JobState,
    pub(crate) proven: bool,
    pub(crate) all_or_nothing: bool,
    pub(crate) created_by: AccountId,
    pub(crate) creator: String,
    pub(crate) position: i32,
    pub(crate) kept_until: OffsetDateTime,
}

/// A job that somebody goes on with: nobody else does until this transaction ends.
pub(super) async fn take(conn: &mut PgConnection, id: JobId) -> Result<Option<Work>, Error> {
    let row = sqlx::query!(
        "SELECT id, kind, state, proven, all_or_nothing, created_by, creator_name, position, kept_until
         FROM jobs WHERE id = $1 FOR UPDATE",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Work {
        id: JobId(row.id),
        kind: kind(&row.kind)?,
        state: state(&row.state)?,
        proven: row.proven,
        all_or_nothing: row.all_or_nothing,
        created_by: AccountId(row.created_by),
        creator: row.creator_name,
        position: row.position,
        kept_until: row.kept_until,
    }))
}

/// Starts a job that was only checked.
pub(super) async fn queue(
    conn: &mut PgConnection,
    id: JobId,
    all_or_nothing: bool,
    proven: bool,
    kept_until: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE jobs SET state = 'queued', all_or_nothing = $2, proven = $3, kept_until = $4 WHERE id = $1",
        id.0,
        all_or_nothing,
        proven,
        kept_until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes how far a job has come: up to this row, with so many more that were changed, so already, or refused.
pub(super) async fn advance(
    conn: &mut PgConnection,
    id: JobId,
    state: JobState,
    position: i32,
    more: JobCounts,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let count = |count: u64| i32::try_from(count).map_err(Error::internal);
    sqlx::query!(
        "UPDATE jobs SET state = $2, position = $3, changed = changed + $4, unchanged = unchanged + $5,
                refused = refused + $6, started_at = coalesce(started_at, $7),
                finished_at = CASE WHEN $2 = 'running' THEN NULL ELSE $7 END
         WHERE id = $1",
        id.0,
        state.code(),
        position,
        count(more.changed)?,
        count(more.unchanged)?,
        count(more.refused)?,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a job before all of its rows are done.
pub(super) async fn end(conn: &mut PgConnection, id: JobId, state: JobState, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE jobs SET state = $2, finished_at = $3 WHERE id = $1", id.0, state.code(), now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a job away, with its rows.
pub(super) async fn remove(conn: &mut PgConnection, id: JobId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM jobs WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}
