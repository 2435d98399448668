//! Queries on quotas.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AccountId, TenantId};
use domain::organizations::TenantStatus;
use domain::quotas::{Counter, Item, Metric, Own, PlanTerms, ReservationState};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::error::Error;
use crate::store::TenantRef;

/// The most rows of a table that are taken away at once, so that nobody waits for it.
const BATCH: u16 = 1_000;
/// How long hours are kept: they are shown for a day, and looked at for some weeks.
const HOURS_KEPT: time::Duration = time::Duration::days(40);
/// How long days are kept: a year and the rest of a month.
const DAYS_KEPT: time::Duration = time::Duration::days(400);

/// What was used, by metric and hour: how much, and the most at one time.
pub(super) type HourUse = BTreeMap<(Metric, OffsetDateTime), (i64, i64)>;
/// The same by metric, day and consumer.
pub(super) type DayUse = BTreeMap<(Metric, Date, String), (i64, i64)>;

/// A reservation, or an event that was recorded, which has no state.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) state: Option<ReservationState>,
    pub(super) items: Vec<Item>,
    /// The items as they are stored, where this program does not understand them all, or one of their counters.
    pub(super) unread: Option<String>,
    pub(super) subject: String,
    pub(super) body: Vec<u8>,
    pub(super) created_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
    pub(super) due_at: OffsetDateTime,
    pub(super) is_new: bool,
    pub(super) is_changed: bool,
}

/// How many rows were written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) counters: usize,
    pub(super) added: usize,
}

/// An organization with the code of its plan, what is changed of that, and its time zone.
pub(super) async fn terms(
    conn: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<(TenantRef, String, String, String)>, Error> {
    let row = sqlx::query!(
        "SELECT t.id, t.name, t.slug, t.status, t.lane, t.schema_version, t.plan, t.time_zone, p.terms
         FROM platform.tenants t JOIN platform.plans p ON p.code = t.plan WHERE t.id = $1",
        tenant.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let tenant = TenantRef {
            id: TenantId(row.id),
            name: row.name,
            slug: row.slug,
            status: TenantStatus::from_code(&row.status).unwrap_or(TenantStatus::Suspended),
            lane: u16::try_from(row.lane).unwrap_or(0),
            schema_version: row.schema_version,
        };
        (tenant, row.plan, row.terms, row.time_zone)
    }))
}

/// The rows of these ids, and of those that hold something although their time is over so many, the oldest of them. Nobody
/// changes them until this transaction is over; they are locked in the order of their ids, and before any counter.
pub(super) async fn lock_reservations(
    conn: &mut PgConnection,
    ids: &[Uuid],
    now: OffsetDateTime,
    overdue: usize,
) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query!(
        "SELECT id, state, items, subject, body, created_at, expires_at, due_at FROM quota_reservations
         WHERE id = ANY($1::uuid[] || ARRAY(SELECT id FROM quota_reservations WHERE state = 'held' AND due_at <= $2
                                            ORDER BY due_at LIMIT $3))
         ORDER BY id FOR UPDATE",
        ids,
        now,
        i64::try_from(overdue).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await?;
    let read = rows.into_iter().map(|row| {
        let items = read_items(row.id, &row.items);
        Row {
            id: row.id,
            state: ReservationState::from_code(&row.state),
            unread: items.is_none().then_some(row.items),
            items: items.unwrap_or_default(),
            subject: row.subject,
            body: row.body,
            created_at: row.created_at,
            expires_at: row.expires_at,
            due_at: row.due_at,
            is_new: false,
            is_changed: false,
        }
    });
    Ok(read.collect())
}

/// The items of a reservation; nothing, if there is one among them that this program does not understand: then another
/// has written it, and nobody here does anything with it.
fn read_items(id: Uuid, items: &str) -> Option<Vec<Item>> {
    let read = serde_json::from_str(items);
    read.inspect_err(|error| tracing::error!(%error, reservation = %id, "a reservation cannot be read")).ok()
}

/// What is held although its time is over, for whoever only looks: of so many reservations, the oldest of them. Where there
/// are more, some are given back soon.
pub(super) async fn overdue(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Item>, Error> {
    let rows = sqlx::query!(
        "SELECT id, items FROM quota_reservations WHERE state = 'held' AND due_at <= $1 ORDER BY due_at LIMIT $2",
        now,
        i64::from(BATCH)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| read_items(row.id, &row.items)).flatten().collect())
}

struct CounterRow {
    metric: String,
    own: String,
    revision: i64,
    opened_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    used: i64,
    held: i64,
    told: i16,
    told_until: OffsetDateTime,
}

impl CounterRow {
    /// The counter, and what the organization has decided of it at which revision; nothing of a metric that this program does
    /// not know, or of which something was decided that it does not understand: then nothing is given out of that.
    fn read(self, plan: &PlanTerms) -> Option<(Counter, Own, i64)> {
        let metric = Metric::from_code(&self.metric)?;
        let own = serde_json::from_str::<Own>(&self.own)
            .inspect_err(|error| tracing::error!(%error, metric = metric.code(), "a quota cannot be read"))
            .ok()?;
        let counter = Counter {
            metric,
            rule: own.rule(metric, &plan.terms(metric)),
            opened_at: self.opened_at,
            ends_at: self.ends_at,
            used: self.used,
            held: self.held,
            told: u8::try_from(self.told).unwrap_or(0),
            told_until: self.told_until,
        };
        Some((counter, own, self.revision))
    }
}

/// The counters of these metrics, which nobody changes until this transaction is over: locked in one order.
pub(super) async fn lock_counters(
    conn: &mut PgConnection,
    metrics: &BTreeSet<Metric>,
    plan: &PlanTerms,
) -> Result<Vec<Counter>, Error> {
    let codes: Vec<_> = metrics.iter().map(|metric| metric.code().to_owned()).collect();
    let rows = sqlx::query_as!(
        CounterRow,
        "SELECT metric, own, revision, opened_at, ends_at, used, held, told, told_until FROM quotas
         WHERE metric = ANY($1) ORDER BY metric FOR UPDATE",
        &codes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.read(plan)).map(|(counter, ..)| counter).collect())
}

/// All counters, for whoever only looks, each with what the organization has decided of it at which revision.
pub(super) async fn counters(conn: &mut PgConnection, plan: &PlanTerms) -> Result<Vec<(Counter, Own, i64)>, Error> {
    let rows = sqlx::query_as!(
        CounterRow,
        "SELECT metric, own, revision, opened_at, ends_at, used, held, told, told_until FROM quotas"
    )
    .fetch_all(conn)
    .await?;
    let mut all: Vec<_> = rows.into_iter().filter_map(|row| row.read(plan)).collect();
    all.sort_by_key(|(counter, ..)| counter.metric);
    Ok(all)
}

/// A counter with what the organization has decided of it at which revision; nobody counts or decides until this is over.
pub(super) async fn lock_quota(
    conn: &mut PgConnection,
    metric: Metric,
    plan: &PlanTerms,
) -> Result<Option<(Counter, Own, i64)>, Error> {
    let row = sqlx::query_as!(
        CounterRow,
        "SELECT metric, own, revision, opened_at, ends_at, used, held, told, told_until FROM quotas
         WHERE metric = $1 FOR UPDATE",
        metric.code()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| row.read(plan)))
}

/// Keeps what an organization has decided of a metric, and of which threshold people were told by that.
pub(super) async fn set_own(conn: &mut PgConnection, counter: &Counter, own: &Own, revision: i64) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE quotas SET own = $2, revision = $3, told = $4, told_until = $5 WHERE metric = $1",
        counter.metric.code(),
        serde_json::to_string(own).map_err(Error::internal)?,
        revision,
        i16::from(counter.told),
        counter.told_until
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn column<T, R>(rows: &[T], value: impl FnMut(&T) -> R) -> Vec<R> {
    rows.iter().map(value).collect()
}

/// Writes all of it with one statement. A counter is only changed if it is what it was judged by, and a row only added if
/// there is none of its id: how many of both it was is told.
pub(super) async fn write(
    conn: &mut PgConnection,
    counters: &[(&Counter, &Counter)],
    rows: &[&Row],
    (hours, days): (&HourUse, &DayUse),
) -> Result<Written, Error> {
    let stored = |row: &&Row| row.unread.clone().map_or_else(|| serde_json::to_string(&row.items), Ok);
    let items = rows.iter().map(stored).collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    let (hours, days): (Vec<_>, Vec<_>) = (hours.iter().collect(), days.iter().collect());
    let written = sqlx::query!(
        r#"WITH counted AS (
               UPDATE quotas q SET opened_at = n.opened_at, ends_at = n.ends_at, used = n.used, held = n.held,
                      told = n.told, told_until = n.told_until
               FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::smallint[],
                           $7::timestamptz[], $8::bigint[], $9::bigint[])
                    AS n (metric, opened_at, ends_at, used, held, told, told_until, was_used, was_held)
               WHERE q.metric = n.metric AND q.used = n.was_used AND q.held = n.was_held
               RETURNING q.metric),
           given AS (
               SELECT * FROM unnest($10::uuid[], $11::text[], $12::text[], $13::text[], $14::bytea[], $15::timestamptz[],
                                    $16::timestamptz[], $17::timestamptz[], $18::boolean[])
                    AS n (id, state, items, subject, body, created_at, expires_at, due_at, is_new)),
           added AS (
               INSERT INTO quota_reservations (id, state, items, subject, body, created_at, expires_at, due_at)
               SELECT id, state, items, subject, body, created_at, expires_at, due_at FROM given WHERE is_new
               ON CONFLICT (id) DO NOTHING RETURNING id),
           changed AS (
               UPDATE quota_reservations r SET state = n.state, items = n.items, due_at = n.due_at
               FROM given n WHERE r.id = n.id AND NOT n.is_new),
           hours AS (
               INSERT INTO usage_hours AS u (metric, hour, amount, peak)
               SELECT * FROM unnest($19::text[], $20::timestamptz[], $21::bigint[], $22::bigint[])
               ON CONFLICT (metric, hour) DO UPDATE
               SET amount = least(u.amount::numeric + excluded.amount, 9223372036854775807)::bigint, peak = greatest(u.peak, excluded.peak)),
           days AS (
               INSERT INTO usage_days AS u (metric, day, subject, amount, peak)
               SELECT * FROM unnest($23::text[], $24::date[], $25::text[], $26::bigint[], $27::bigint[])
               ON CONFLICT (metric, subject, day) DO UPDATE
               SET amount = least(u.amount::numeric + excluded.amount, 9223372036854775807)::bigint, peak = greatest(u.peak, excluded.peak))
           SELECT (SELECT count(*) FROM counted) AS "counters!", (SELECT count(*) FROM added) AS "added!""#,
        &column(counters, |(_, after)| after.metric.code().to_owned()),
        &column(counters, |(_, after)| after.opened_at),
        &column(counters, |(_, after)| after.ends_at),
        &column(counters, |(_, after)| after.used),
        &column(counters, |(_, after)| after.held),
        &column(counters, |(_, after)| i16::from(after.told)),
        &column(counters, |(_, after)| after.told_until),
        &column(counters, |(before, _)| before.used),
        &column(counters, |(before, _)| before.held),
        &column(rows, |row| row.id),
        &column(rows, |row| row.state.map_or("recorded", ReservationState::code).to_owned()),
        &items,
        &column(rows, |row| row.subject.clone()),
        &column(rows, |row| row.body.clone()),
        &column(rows, |row| row.created_at),
        &column(rows, |row| row.expires_at),
        &column(rows, |row| row.due_at),
        &column(rows, |row| row.is_new),
        &column(&hours, |((metric, _), _)| metric.code().to_owned()),
        &column(&hours, |((_, hour), _)| *hour),
        &column(&hours, |(_, (amount, _))| *amount),
        &column(&hours, |(_, (_, peak))| *peak),
        &column(&days, |((metric, ..), _)| metric.code().to_owned()),
        &column(&days, |((_, day, _), _)| *day),
        &column(&days, |((.., subject), _)| subject.clone()),
        &column(&days, |(_, (amount, _))| *amount),
        &column(&days, |(_, (_, peak))| *peak)
    )
    .fetch_one(conn)
    .await?;
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    Ok(Written { counters: count(written.counters), added: count(written.added) })
}

/// Takes away some of what nobody asks for any more: whether there may be more of it.
pub(super) async fn tidy(conn: &mut PgConnection, now: OffsetDateTime) -> Result<bool, Error> {
    let most = i64::from(BATCH);
    let reservations = sqlx::query!(
        "DELETE FROM quota_reservations WHERE id IN
             (SELECT id FROM quota_reservations WHERE due_at <= $1 AND state <> 'held'
              ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now,
        most
    )
    .execute(&mut *conn)
    .await?;
    let hours = sqlx::query!(
        "DELETE FROM usage_hours WHERE (metric, hour) IN
             (SELECT metric, hour FROM usage_hours WHERE hour < $1 ORDER BY hour LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now - HOURS_KEPT,
        most
    )
    .execute(&mut *conn)
    .await?;
    let days = sqlx::query!(
        "DELETE FROM usage_days WHERE (metric, subject, day) IN
             (SELECT metric, subject, day FROM usage_days WHERE day < $1 ORDER BY day LIMIT $2 FOR UPDATE SKIP LOCKED)",
        (now - DAYS_KEPT).date(),
        most
    )
    .execute(conn)
    .await?;
    Ok([reservations, hours, days].iter().any(|taken| taken.rows_affected() >= u64::from(BATCH)))
}

/// When something is overdue or may be taken away next: of reservations. Usage is looked at anyhow.
pub(super) async fn due(conn: &mut PgConnection) -> Result<Option<OffsetDateTime>, Error> {
    let due = sqlx::query_scalar!(
        "SELECT least((SELECT min(due_at) FROM quota_reservations WHERE state = 'held'),
                      (SELECT min(due_at) FROM quota_reservations WHERE state <> 'held')) AS due_at"
    )
    .fetch_one(conn)
    .await?;
    Ok(due)
}

/// Owners and admins who may come in.
pub(super) async fn administrators(conn: &mut PgConnection) -> Result<Vec<AccountId>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT account_id FROM members WHERE role IN ('owner', 'admin') AND status = 'active' ORDER BY account_id"
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// What a metric came to in each hour since then.
pub(super) async fn hours(
    conn: &mut PgConnection,
    metric: Metric,
    from: OffsetDateTime,
) -> Result<Vec<(OffsetDateTime, i64, i64)>, Error> {
    let rows = sqlx::query!(
        "SELECT hour, amount, peak FROM usage_hours WHERE metric = $1 AND hour >= $2 ORDER BY hour",
        metric.code(),
        from
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.hour, row.amount, row.peak)).collect())
}

/// What metrics came to on each day since then: one of them, or all.
pub(super) async fn days(
    conn: &mut PgConnection,
    metric: Option<Metric>,
    from: Date,
) -> Result<Vec<(Metric, Date, i64, i64)>, Error> {
    let metrics = metric.map_or_else(|| Metric::ALL.to_vec(), |metric| vec![metric]);
    let codes: Vec<_> = metrics.iter().map(|metric| metric.code().to_owned()).collect();
    let rows = sqlx::query!(
        "SELECT metric, day, amount, peak FROM usage_days
         WHERE metric = ANY($1) AND subject = '' AND day >= $2 ORDER BY day",
        &codes,
        from
    )
    .fetch_all(conn)
    .await?;
    let known =
        rows.into_iter().filter_map(|row| Some((Metric::from_code(&row.metric)?, row.day, row.amount, row.peak)));
    Ok(known.collect())
}

/// Who has used most of a metric since then.
pub(super) async fn top(
    conn: &mut PgConnection,
    metric: Metric,
    from: Date,
    most: i64,
) -> Result<Vec<(String, i64)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT subject, least(sum(amount), 9223372036854775807)::bigint AS "amount!" FROM usage_days
           WHERE metric = $1 AND subject <> '' AND day >= $2
           GROUP BY subject ORDER BY sum(amount) DESC, subject LIMIT $3"#,
        metric.code(),
        from,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.subject, row.amount)).collect())
}
