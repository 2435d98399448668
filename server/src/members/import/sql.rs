//! Queries on the lines of files, as rows of jobs.

use domain::ids::JobId;
use domain::jobs::RowOutcome;
use sqlx::PgConnection;
use uuid::Uuid;

use super::check::NewRow;
use crate::error::Error;

/// What a file that was checked would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Review {
    /// People who would be invited.
    pub invitations: u64,
    /// Members, and people who are invited already, who would get another role.
    pub changes: u64,
}

/// Writes down the lines of a file, in their order.
pub(super) async fn note(conn: &mut PgConnection, job: JobId, rows: &[NewRow]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO job_rows (job_id, seq, line, member_id, name, email, wish, expected, outcome, problem)
         SELECT $1, seq, line, member_id, name, email, wish, expected, outcome, problem
         FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
              WITH ORDINALITY AS row (line, member_id, name, email, wish, expected, outcome, problem, seq)",
        job.0,
        &rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.member.as_ref().map(|member| member.id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &rows
            .iter()
            .map(|row| row.member.as_ref().map(|member| member.name.clone()).unwrap_or_default())
            .collect::<Vec<_>>(),
        &rows.iter().map(|row| row.email.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.wish.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.expected.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.outcome.unwrap_or(RowOutcome::Pending).code().to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.problem.map(|problem| problem.code().to_owned())).collect::<Vec<_>>()
            as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn review(conn: &mut PgConnection, job: JobId) -> Result<Review, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE expected IS NULL) AS "invitations!",
                  count(*) FILTER (WHERE expected IS NOT NULL) AS "changes!"
           FROM job_rows WHERE job_id = $1 AND outcome = 'pending'"#,
        job.0
    )
    .fetch_one(conn)
    .await?;
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(Review { invitations: number(row.invitations), changes: number(row.changes) })
}

/// The changes of members' roles that a file comes to, each once: from which role to which.
pub(super) async fn changes(conn: &mut PgConnection, job: JobId) -> Result<Vec<(String, String)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT expected AS "from!", wish AS "to!" FROM job_rows
           WHERE job_id = $1 AND outcome = 'pending' AND member_id IS NOT NULL AND expected IS NOT NULL
             AND wish IS NOT NULL"#,
        job.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.from, row.to)).collect())
}
