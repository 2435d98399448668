//! Statements by which old entries are taken away.

use domain::audit::Retention;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Error;

/// How far the trail was looked through for a class.
#[derive(Clone, Copy, Debug)]
pub(in crate::audit) struct Progress {
    /// Its entries below this index were looked at.
    pub(in crate::audit) until: i64,
    /// What is older than this was taken away, but for what was held.
    pub(in crate::audit) cut_at: Option<OffsetDateTime>,
    /// How many holds had been released by then.
    pub(in crate::audit) released: i64,
    /// When that was done last.
    pub(in crate::audit) looked_at: Option<OffsetDateTime>,
}

/// How far that has come.
pub(in crate::audit) async fn lookup(conn: &mut PgConnection, class: Retention) -> Result<Option<Progress>, Error> {
    let progress = sqlx::query_as!(
        Progress,
        "SELECT until, cut_at, released, looked_at FROM audit_retention WHERE class = $1",
        class.code()
    )
    .fetch_optional(conn)
    .await?;
    Ok(progress)
}

/// As [`lookup`], and nobody else goes on with it until this transaction ends.
pub(in crate::audit) async fn lock(conn: &mut PgConnection, class: Retention) -> Result<Progress, Error> {
    sqlx::query!(
        "INSERT INTO audit_retention (class, until, released) VALUES ($1, 0, 0) ON CONFLICT (class) DO NOTHING",
        class.code()
    )
    .execute(&mut *conn)
    .await?;
    let progress = sqlx::query_as!(
        Progress,
        "SELECT until, cut_at, released, looked_at FROM audit_retention WHERE class = $1 FOR UPDATE",
        class.code()
    )
    .fetch_one(conn)
    .await?;
    Ok(progress)
}

/// Notes how far it has come by now.
pub(in crate::audit) async fn save(
    conn: &mut PgConnection,
    class: Retention,
    progress: &Progress,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE audit_retention SET until = $2, cut_at = $3, released = $4, looked_at = $5 WHERE class = $1",
        class.code(),
        progress.until,
        progress.cut_at,
        progress.released,
        progress.looked_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has all of it looked through once more.
pub(in crate::audit) async fn begin_again(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("UPDATE audit_retention SET until = 0").execute(conn).await?;
    Ok(())
}

/// The first entries of these actions that are empty, and not older than this.
pub(in crate::audit) async fn emptied(
    conn: &mut PgConnection,
    actions: &[String],
    since: Option<OffsetDateTime>,
) -> Result<Vec<u64>, Error> {
    let found = sqlx::query_scalar!(
        "SELECT index FROM audit_entries
         WHERE canonical = '' AND action = ANY($1) AND ($2::timestamptz IS NULL OR at >= $2) ORDER BY index LIMIT 20",
        actions,
        since
    )
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().filter_map(|index| u64::try_from(index).ok()).collect())
}

/// Takes away what these entries say. Their hashes stay, and by what hours are counted.
pub(in crate::audit) async fn empty(conn: &mut PgConnection, indexes: &[i64]) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE audit_entries SET canonical = '', openings = '', terms = '{}', actor_id = NULL, target_id = ''
         WHERE index = ANY($1)",
        indexes
    )
    .execute(conn)
    .await?;
    Ok(())
}
