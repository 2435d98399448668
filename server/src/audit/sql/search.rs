//! Queries for the entries that somebody looks for.

use domain::audit::Outcome;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::EntryRow;
use crate::error::Error;

/// Which entries are looked for: those from one index up to another that all of this is true of.
#[derive(Clone, Debug)]
pub(in crate::audit) struct Wanted {
    pub(in crate::audit) low: i64,
    pub(in crate::audit) high: i64,
    pub(in crate::audit) from: Option<OffsetDateTime>,
    pub(in crate::audit) until: Option<OffsetDateTime>,
    pub(in crate::audit) actions: Option<Vec<String>>,
    pub(in crate::audit) outcome: Option<&'static str>,
    pub(in crate::audit) actor: Option<Uuid>,
    pub(in crate::audit) target: Option<String>,
    pub(in crate::audit) terms: Option<Vec<i64>>,
}

impl Wanted {
    /// Whether the hours tell where such entries are: what they are counted by is all that is asked for.
    pub(in crate::audit) fn is_counted(&self) -> bool {
        self.actor.is_none() && self.target.is_none() && self.terms.is_none()
    }

    /// Whether an index holds all of it and nothing else, but for what is at the edges of a time.
    pub(in crate::audit) fn is_indexed(&self) -> bool {
        let narrowed = self.actions.is_some() || self.outcome.is_some() || self.terms.is_some();
        !narrowed && (self.actor.is_none() || self.target.is_none())
    }

    /// Whether every entry of a time is meant.
    pub(in crate::audit) fn is_everything(&self) -> bool {
        self.is_counted() && self.actions.is_none() && self.outcome.is_none()
    }
}

/// Has every statement of this transaction planned for what it binds, and given up when that takes too long: which index
/// serves a search depends on what is looked for.
pub(in crate::audit) async fn prepare(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::raw_sql("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL statement_timeout = '10s'")
        .execute(conn)
        .await?;
    Ok(())
}

/// As [`prepare`], where a transaction has a time limit of its own.
pub(in crate::audit) async fn plan(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::raw_sql("SET LOCAL plan_cache_mode = force_custom_plan").execute(conn).await?;
    Ok(())
}

/// A checked statement on the entries that are wanted: the macro of sqlx, its row, what stands before and behind the
/// condition, and what else is bound, from `$10` on.
macro_rules! wanted {
    ($query:ident, [$($row:ty,)?] [$($before:tt)+] [$($after:tt)*] $wanted:expr $(, $more:expr)*) => {
        sqlx::$query!(
            $($row,)?
            $($before)+
                + " index >= $1 AND index < $2
                   AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
                   AND ($5::text[] IS NULL OR action = ANY($5)) AND ($6::text IS NULL OR outcome = $6)
                   AND ($7::uuid IS NULL OR actor_id = $7) AND ($8::text IS NULL OR target_id = $8)
                   AND ($9::bigint[] IS NULL OR terms @> $9)"
                $($after)*,
            $wanted.low,
            $wanted.high,
            $wanted.from,
            $wanted.until,
            $wanted.actions.as_deref(),
            $wanted.outcome,
            $wanted.actor,
            $wanted.target,
            $wanted.terms.as_deref()
            $(, $more)*
        )
    };
}

/// So many entries that are wanted, from one end or the other.
pub(in crate::audit) async fn find(
    conn: &mut PgConnection,
    wanted: &Wanted,
    ascending: bool,
    most: i64,
) -> Result<Vec<EntryRow>, Error> {
    macro_rules! select {
        ($direction:tt) => {
            wanted!(
                query_as,
                [EntryRow,]
                ["SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries WHERE "]
                [+ " ORDER BY index " + $direction + " LIMIT $10"]
                wanted,
                most
            )
            .fetch_all(conn)
            .await?
        };
    }
    Ok(if ascending { select!("ASC") } else { select!("DESC") })
}

/// As [`find`], within some ranges that have nothing in common: from the first up to the last index of each.
pub(in crate::audit) async fn find_within(
    conn: &mut PgConnection,
    wanted: &Wanted,
    ranges: &[(i64, i64)],
    ascending: bool,
    most: i64,
) -> Result<Vec<EntryRow>, Error> {
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = ranges.iter().copied().unzip();
    macro_rules! select {
        ($direction:tt) => {
            wanted!(
                query_as,
                [EntryRow,]
                ["SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings
                  FROM unnest($10::bigint[], $11::bigint[]) AS range (first, last)
                  JOIN audit_entries ON index BETWEEN range.first AND range.last WHERE "]
                [+ " ORDER BY index " + $direction + " LIMIT $12"]
                wanted,
                &firsts,
                &lasts,
                most
            )
            .fetch_all(conn)
            .await?
        };
    }
    Ok(if ascending { select!("ASC") } else { select!("DESC") })
}

/// When something was done, and whether it was.
pub(in crate::audit) struct Moment {
    pub(in crate::audit) at: OffsetDateTime,
    pub(in crate::audit) is_done: bool,
}

/// The newest of what is wanted, so many at most.
pub(in crate::audit) async fn moments(
    conn: &mut PgConnection,
    wanted: &Wanted,
    most: i64,
) -> Result<Vec<Moment>, Error> {
    let rows = wanted!(
        query_as,
        [Moment,]
        [r#"SELECT at, outcome = $10 AS "is_done!" FROM audit_entries WHERE "#]
        [+ " ORDER BY index DESC LIMIT $11"]
        wanted,
        Outcome::Done.code(),
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// How many of what is wanted there are, so many at most.
pub(in crate::audit) async fn count(conn: &mut PgConnection, wanted: &Wanted, most: i64) -> Result<i64, Error> {
    let count = wanted!(
        query_scalar,
        []
        [r#"SELECT count(*) AS "count!" FROM (SELECT FROM audit_entries WHERE "#]
        [+ " LIMIT $10) found"]
        wanted,
        most
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Which of these entries are wanted.
pub(in crate::audit) async fn among(
    conn: &mut PgConnection,
    wanted: &Wanted,
    indexes: &[i64],
) -> Result<Vec<i64>, Error> {
    let found = wanted!(
        query_scalar,
        []
        ["SELECT index FROM audit_entries WHERE index = ANY($10) AND "]
        []
        wanted,
        indexes
    )
    .fetch_all(conn)
    .await?;
    Ok(found)
}
