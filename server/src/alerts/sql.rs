//! Queries on alerts, in the organization's schema.

use std::collections::HashMap;

use domain::detections::{AlertQuery, AlertState, Finding, Resolution, Rule, Severity};
use domain::ids::{AccountId, AlertId, ApiKeyId};
use domain::paging::{Cursor, PAGE_SIZE};
use ipnet::IpNet;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AlertView, Whom};
use crate::error::Error;
use crate::paging::{Edge, SortKey};

/// The newest alert about something, before what was found just now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Former {
    pub(crate) id: AlertId,
    pub(crate) resolved_at: Option<OffsetDateTime>,
    pub(crate) last_at: OffsetDateTime,
}

/// The alerts about the same as these findings: the one that is not resolved, or else the one that was resolved last.
/// Nobody else changes those until this transaction ends that are not resolved, nor the latest of the same rules.
///
/// Alerts are locked in the order of their ids, here as everywhere: two that lock in different orders would wait for each
/// other.
pub(crate) async fn lock_former(
    conn: &mut PgConnection,
    findings: &[Finding],
    lately: OffsetDateTime,
) -> Result<HashMap<(Rule, String), Former>, Error> {
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule.code().to_owned()).collect();
    let subjects: Vec<_> = findings.iter().map(|finding| finding.subject.clone()).collect();
    sqlx::query!(
        "SELECT a.id FROM alerts a
         WHERE a.state <> 'resolved'
           AND (a.rule = ANY($1) AND a.last_at > $3
                OR EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS found (rule, subject)
                           WHERE found.rule = a.rule AND found.subject = a.subject))
         ORDER BY a.id FOR UPDATE OF a",
        &rules,
        &subjects,
        lately
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (a.rule, a.subject) a.id, a.rule, a.subject, a.resolved_at, a.last_at
         FROM alerts a JOIN unnest($1::text[], $2::text[]) AS found (rule, subject) USING (rule, subject)
         ORDER BY a.rule, a.subject, a.resolved_at DESC NULLS FIRST",
        &rules,
        &subjects
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let former = Former { id: AlertId(row.id), resolved_at: row.resolved_at, last_at: row.last_at };
            Ok(((rule(&row.rule)?, row.subject), former))
        })
        .collect()
}

/// How many alerts of each rule are not resolved to which something has come since then.
pub(crate) async fn count_open(conn: &mut PgConnection, since: OffsetDateTime) -> Result<HashMap<Rule, i64>, Error> {
    let rows = sqlx::query!(
        r#"SELECT rule, count(*) AS "count!" FROM alerts WHERE state <> 'resolved' AND last_at > $1 GROUP BY rule"#,
        since
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((rule(&row.rule)?, row.count))).collect()
}

/// Notes at the youngest alert of a rule that there are so many others, unless that is known.
pub(crate) async fn note_more(conn: &mut PgConnection, rule: Rule, count: i64) -> Result<bool, Error> {
    let noted = sqlx::query!(
        "UPDATE alerts SET more = $2
         WHERE more < $2 AND id = (SELECT id FROM alerts WHERE rule = $1 AND state <> 'resolved' ORDER BY id DESC LIMIT 1)",
        rule.code(),
        count
    )
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// Locks an alert about somebody, and with it those that have suspended them.
pub(super) async fn lock_about(conn: &mut PgConnection, id: AlertId, account: AccountId) -> Result<(), Error> {
    sqlx::query!(
        "SELECT id FROM alerts WHERE id = $1 OR account_id = $2 AND suspended ORDER BY id FOR UPDATE",
        id.0,
        account.0
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Adds an alert.
pub(crate) async fn add(conn: &mut PgConnection, id: AlertId, finding: &Finding) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO alerts (id, rule, subject, severity, state, account_id, network, first_at, last_at, times, key_id)
         VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10)",
        id.0,
        finding.rule.code(),
        finding.subject,
        finding.rule.info().severity.number(),
        finding.account.map(|account| account.0),
        finding.network,
        finding.first_at,
        finding.last_at,
        i64::from(finding.count),
        finding.key.map(|key| key.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that there is so much more to an alert.
pub(crate) async fn extend(conn: &mut PgConnection, id: AlertId, finding: &Finding, more: u32) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE alerts SET last_at = greatest(last_at, $2), times = times + $3, network = coalesce($4, network)
         WHERE id = $1 AND state <> 'resolved'",
        id.0,
        finding.last_at,
        i64::from(more),
        finding.network
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct AlertRow {
    id: Uuid,
    rule: String,
    state: String,
    severity: i16,
    account_id: Option<Uuid>,
    account_name: Option<String>,
    key_id: Option<Uuid>,
    key_name: Option<String>,
    key_disabled: bool,
    network: Option<IpNet>,
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
    times: i64,
    more: i64,
    assigned_to: Option<Uuid>,
    assignee: Option<String>,
    suspended: bool,
    sessions_ended_at: Option<OffsetDateTime>,
    resolution: Option<String>,
    resolved_at: Option<OffsetDateTime>,
}

fn broken() -> Error {
    Error::internal("an alert's row holds an unknown rule, state, severity or resolution")
}

fn rule(code: &str) -> Result<Rule, Error> {
    Rule::from_code(code).ok_or_else(broken)
}

fn whom(id: Option<Uuid>, name: Option<String>) -> Option<Whom> {
    id.map(|id| (AccountId(id), name))
}

impl TryFrom<AlertRow> for AlertView {
    type Error = Error;

    fn try_from(row: AlertRow) -> Result<Self, Error> {
        let resolution = row.resolution.map(|code| Resolution::from_code(&code).ok_or_else(broken)).transpose()?;
        Ok(Self {
            id: AlertId(row.id),
            rule: rule(&row.rule)?.info(),
            state: AlertState::from_code(&row.state).ok_or_else(broken)?,
            severity: Severity::from_number(row.severity).ok_or_else(broken)?,
            account: whom(row.account_id, row.account_name),
            key: row.key_id.map(|id| (ApiKeyId(id), row.key_name)),
            network: row.network,
            first_at: row.first_at,
            last_at: row.last_at,
            times: u64::try_from(row.times).unwrap_or(0),
            more: u64::try_from(row.more).unwrap_or(0),
            assigned_to: whom(row.assigned_to, row.assignee),
            suspended: row.suspended,
            key_disabled: row.key_disabled,
            sessions_ended_at: row.sessions_ended_at,
            resolution,
            resolved_at: row.resolved_at,
        })
    }
}

/// The alerts of a condition, in an order.
macro_rules! select_alerts {
    ([$($rest:tt)+], $($value:expr),+) => {
        sqlx::query_as!(
            AlertRow,
            r#"SELECT a.id, a.rule, a.state, a.severity, a.account_id, m.name AS "account_name?", a.network, a.first_at,
                      a.last_at, a.times, a.more, a.assigned_to, o.name AS "assignee?", a.suspended, a.sessions_ended_at,
                      a.resolution, a.resolved_at, a.key_id, k.name AS "key_name?",
                      coalesce(k.disabled_by = a.id AND k.revoked_at IS NULL, false) AS "key_disabled!"
               FROM alerts a LEFT JOIN members m ON m.account_id = a.account_id
                    LEFT JOIN api_keys k ON k.id = a.key_id
                    LEFT JOIN members o ON o.account_id = a.assigned_to
               WHERE "#
                + $($rest)+,
            $($value),+
        )
    };
}

/// The codes of the states and of the rule that a query asks for.
fn asked(query: &AlertQuery) -> (Vec<String>, Option<&'static str>) {
    (query.states().iter().map(|state| state.code().to_owned()).collect(), query.rule.map(Rule::code))
}

/// How many a query asks for.
pub(super) async fn count(conn: &mut PgConnection, query: &AlertQuery) -> Result<u64, Error> {
    let (states, rule) = asked(query);
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM alerts WHERE state = ANY($1) AND ($2::text IS NULL OR rule = $2)"#,
        &states,
        rule
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page and one more, the latest first.
pub(super) async fn list(conn: &mut PgConnection, query: &AlertQuery) -> Result<Vec<AlertView>, Error> {
    let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(query.cursor.as_ref(), SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let (states, rule) = asked(query);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            select_alerts!(
                ["a.state = ANY($1) AND ($2::text IS NULL OR a.rule = $2) AND (a.last_at, a.id) "
                    + $beyond
                    + " ($3, $4) ORDER BY a.last_at "
                    + $direction
                    + ", a.id "
                    + $direction
                    + " LIMIT $5"],
                &states,
                rule,
                edge.time,
                edge.id,
                limit
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    rows.into_iter().map(AlertView::try_from).collect()
}

/// Those that are not resolved, the worst first, at most so many.
pub(super) async fn worst(conn: &mut PgConnection, most: i64) -> Result<Vec<AlertView>, Error> {
    let rows = select_alerts!(["a.state <> 'resolved' ORDER BY a.severity DESC, a.last_at DESC, a.id LIMIT $1"], most);
    rows.fetch_all(conn).await?.into_iter().map(AlertView::try_from).collect()
}

/// One alert.
pub(super) async fn lookup(conn: &mut PgConnection, id: AlertId) -> Result<Option<AlertView>, Error> {
    let row = select_alerts!(["a.id = $1"], id.0);
    row.fetch_optional(conn).await?.map(AlertView::try_from).transpose()
}

/// One alert, which nobody else changes until this transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, id: AlertId) -> Result<Option<AlertView>, Error> {
    let row = select_alerts!(["a.id = $1 FOR UPDATE OF a"], id.0);
    row.fetch_optional(conn).await?.map(AlertView::try_from).transpose()
}

/// Has somebody look after an alert, if nobody does.
pub(super) async fn acknowledge(conn: &mut PgConnection, id: AlertId, by: AccountId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE alerts SET state = 'acknowledged', assigned_to = coalesce(assigned_to, $2) WHERE id = $1",
        id.0,
        by.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has somebody look after an alert.
pub(super) async fn assign(conn: &mut PgConnection, id: AlertId, to: AccountId) -> Result<(), Error> {
    sqlx::query!("UPDATE alerts SET assigned_to = $2 WHERE id = $1", id.0, to.0).execute(conn).await?;
    Ok(())
}

/// Notes what an alert has turned out to be.
pub(super) async fn resolve(
    conn: &mut PgConnection,
    id: AlertId,
    resolution: Resolution,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE alerts SET state = 'resolved', resolution = $2, resolved_by = $3, resolved_at = $4 WHERE id = $1",
        id.0,
        resolution.code(),
        by.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes back that an alert is over. When there is another about the same by now, that violates `alerts_unresolved`.
pub(super) async fn reopen(conn: &mut PgConnection, id: AlertId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE alerts SET state = 'open', resolution = NULL, resolved_by = NULL, resolved_at = NULL WHERE id = $1",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that an alert has suspended its member.
pub(super) async fn note_suspended(conn: &mut PgConnection, id: AlertId) -> Result<(), Error> {
    sqlx::query!("UPDATE alerts SET suspended = true WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// Notes that an alert has ended the sessions of its member.
pub(super) async fn note_ended(conn: &mut PgConnection, id: AlertId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE alerts SET sessions_ended_at = $2 WHERE id = $1", id.0, now).execute(conn).await?;
    Ok(())
}
