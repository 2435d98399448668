//! How often what was done, hour by hour: counted once, when somebody asks or by the hour, and not by whoever writes an
//! entry.

use domain::audit::Outcome;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::search::Wanted;
use crate::error::Error;

/// How many entries one statement counts.
const BATCH: i64 = 20_000;

/// Counts the entries that nobody has counted yet, some thousand at most: up to which one all are counted now. Whoever
/// comes while somebody else counts does not wait.
pub(in crate::audit) async fn count(conn: &mut PgConnection) -> Result<i64, Error> {
    let counted = sqlx::query_scalar!("SELECT counted FROM audit_progress WHERE id = 1 FOR UPDATE SKIP LOCKED")
        .fetch_optional(&mut *conn)
        .await?;
    let Some(counted) = counted else {
        let known = sqlx::query_scalar!("SELECT counted FROM audit_progress WHERE id = 1").fetch_one(conn).await?;
        return Ok(known);
    };
    // The hour of an entry is never before that of the one before it.
    let until = sqlx::query_scalar!(
        r#"WITH latest AS (SELECT coalesce(max(hour), '-infinity') AS hour FROM audit_hours),
         fresh AS (
             SELECT index, at, action, outcome,
                    greatest((SELECT hour FROM latest), max(date_trunc('hour', at, 'UTC')) OVER (ORDER BY index)) AS hour
             FROM audit_entries WHERE index >= $1 AND index < $1 + $2::bigint
         ),
         added AS (
             INSERT INTO audit_hours AS h (hour, action, outcome, times, first_index, last_index, first_at, last_at)
             SELECT hour, action, outcome, count(*), min(index), max(index), min(at), max(at)
             FROM fresh GROUP BY hour, action, outcome
             ON CONFLICT (hour, action, outcome) DO UPDATE
             SET times = h.times + EXCLUDED.times, last_index = EXCLUDED.last_index,
                 first_at = least(h.first_at, EXCLUDED.first_at), last_at = greatest(h.last_at, EXCLUDED.last_at)
         )
         UPDATE audit_progress SET counted = (SELECT coalesce(max(index) + 1, $1) FROM fresh) WHERE id = 1
         RETURNING counted"#,
        counted,
        BATCH
    )
    .fetch_one(conn)
    .await?;
    Ok(until)
}

/// From which entry on nobody has counted yet, if there are such.
pub(in crate::audit) async fn uncounted(conn: &mut PgConnection) -> Result<Option<i64>, Error> {
    let counted = sqlx::query_scalar!(
        "SELECT counted FROM audit_progress, audit_head WHERE audit_progress.id = 1 AND counted < size"
    );
    Ok(counted.fetch_optional(conn).await?)
}

/// What was counted of what is wanted in one hour and of one kind.
pub(in crate::audit) struct Counted {
    pub(in crate::audit) hour: OffsetDateTime,
    pub(in crate::audit) first: i64,
    pub(in crate::audit) last: i64,
    pub(in crate::audit) times: i64,
    pub(in crate::audit) first_at: OffsetDateTime,
    pub(in crate::audit) last_at: OffsetDateTime,
}

/// The hours nearest to a page's edge, in its direction: so many of them at most.
pub(in crate::audit) async fn nearest(
    conn: &mut PgConnection,
    wanted: &Wanted,
    ascending: bool,
    most: i64,
) -> Result<Vec<Counted>, Error> {
    macro_rules! select {
        ($direction:tt) => {
            sqlx::query_as!(
                Counted,
                "SELECT hour, first_index AS first, last_index AS last, times, first_at, last_at FROM audit_hours
                 WHERE ($1::text[] IS NULL OR action = ANY($1)) AND ($2::text IS NULL OR outcome = $2)
                   AND first_index < $3 AND last_index >= $4
                   AND ($5::timestamptz IS NULL OR last_at >= $5) AND ($6::timestamptz IS NULL OR first_at < $6)
                 ORDER BY hour "
                    + $direction
                    + " LIMIT $7",
                wanted.actions.as_deref(),
                wanted.outcome,
                wanted.high,
                wanted.low,
                wanted.from,
                wanted.until,
                most
            )
            .fetch_all(conn)
            .await?
        };
    }
    Ok(if ascending { select!("ASC") } else { select!("DESC") })
}

/// Which entries lie within a time: from the first, if there is one that was counted, to behind the last of them, and maybe
/// others between them.
pub(in crate::audit) async fn range(
    conn: &mut PgConnection,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
) -> Result<(Option<i64>, i64), Error> {
    let row = sqlx::query!(
        "SELECT min(first_index) AS first, max(last_index) AS last FROM audit_hours
         WHERE ($1::timestamptz IS NULL OR last_at >= $1) AND ($2::timestamptz IS NULL OR first_at < $2)",
        from,
        until
    )
    .fetch_one(conn)
    .await?;
    Ok((row.first, row.last.map_or(0, |last| last + 1)))
}

/// The span that the counted entries are from.
pub(in crate::audit) async fn span(conn: &mut PgConnection) -> Result<Option<(OffsetDateTime, OffsetDateTime)>, Error> {
    let row = sqlx::query!("SELECT min(hour) AS first, max(hour) AS last FROM audit_hours").fetch_one(conn).await?;
    Ok(row.first.zip(row.last).map(|(first, last)| (first, last + Duration::HOUR)))
}

/// What was counted between two times: how often it was done, and how often not.
pub(in crate::audit) struct Tally {
    pub(in crate::audit) at: OffsetDateTime,
    pub(in crate::audit) done: i64,
    pub(in crate::audit) other: i64,
    /// Some of the entries are outside of the time that is asked for.
    pub(in crate::audit) is_cut: bool,
}

/// What was counted of what is wanted, in steps that begin at `origin`.
pub(in crate::audit) async fn tally(
    conn: &mut PgConnection,
    wanted: &Wanted,
    (origin, step): (OffsetDateTime, Duration),
) -> Result<Vec<Tally>, Error> {
    let rows = sqlx::query_as!(
        Tally,
        r#"SELECT date_bin(make_interval(secs => $1), hour, $2) AS "at!",
                  coalesce(sum(times) FILTER (WHERE outcome = $3), 0)::bigint AS "done!",
                  coalesce(sum(times) FILTER (WHERE outcome <> $3), 0)::bigint AS "other!",
                  bool_or(first_at < $6 OR last_at >= $7) IS TRUE AS "is_cut!"
           FROM audit_hours
           WHERE ($4::text[] IS NULL OR action = ANY($4)) AND ($5::text IS NULL OR outcome = $5)
             AND ($6::timestamptz IS NULL OR last_at >= $6) AND ($7::timestamptz IS NULL OR first_at < $7)
           GROUP BY 1 ORDER BY 1"#,
        step.as_seconds_f64(),
        origin,
        Outcome::Done.code(),
        wanted.actions.as_deref(),
        wanted.outcome,
        wanted.from,
        wanted.until
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The hour of the first entry from an index on that was counted.
pub(in crate::audit) async fn first_from(conn: &mut PgConnection, index: i64) -> Result<Option<OffsetDateTime>, Error> {
    let hour = sqlx::query_scalar!("SELECT min(hour) FROM audit_hours WHERE last_index >= $1", index).fetch_one(conn);
    Ok(hour.await?)
}

/// The index behind the last entry that counts as written before a full hour.
pub(in crate::audit) async fn end_of(conn: &mut PgConnection, before: OffsetDateTime) -> Result<i64, Error> {
    let end = sqlx::query_scalar!(
        r#"SELECT coalesce(max(last_index) + 1, 0) AS "end!" FROM audit_hours WHERE hour < $1"#,
        before
    )
    .fetch_one(conn)
    .await?;
    Ok(end)
}
