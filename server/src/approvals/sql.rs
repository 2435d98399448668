//! Queries on requests and on what owners have said, in the organization's schema.

use domain::approvals::{Change, Quorum, ReplaySummary, Risk, Standing, State, Verdict};
use domain::ids::{AccountId, ApprovalId};
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{RequestView, VoteView};
use crate::error::Error;
use crate::paging::{Edge, SortKey};

/// The most requests that wait and are shown.
const WAITING: i64 = 100;

struct RequestRow {
    id: Uuid,
    change: serde_json::Value,
    subject: Option<String>,
    base: String,
    replay: Option<serde_json::Value>,
    risk: String,
    approvals: i16,
    runs_at: Option<OffsetDateTime>,
    requested_by: Uuid,
    requester: Option<String>,
    requester_status: Option<String>,
    reason: String,
    requested_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    state: String,
    decided_at: Option<OffsetDateTime>,
    now: String,
    given: i64,
}

impl RequestRow {
    /// The request as it stands then.
    fn view(self, now: OffsetDateTime) -> Result<RequestView, Error> {
        let broken = || Error::internal("a request for approval holds what this program does not know");
        let change: Change = serde_json::from_value(self.change).map_err(Error::internal)?;
        let replay: Option<ReplaySummary> =
            self.replay.map(serde_json::from_value).transpose().map_err(Error::internal)?;
        let state = State::from_code(&self.state).ok_or_else(broken)?;
        let is_as_it_was = self.now == self.base && self.requester_status.as_deref() == Some("active");
        Ok(RequestView {
            id: ApprovalId(self.id),
            change,
            subject: self.subject,
            base: self.base,
            replay,
            risk: Risk::from_code(&self.risk).ok_or_else(broken)?,
            quorum: match self.runs_at {
                Some(at) => Quorum::Delay(at - self.requested_at),
                None => Quorum::Approvals(u8::try_from(self.approvals).map_err(Error::internal)?),
            },
            given: usize::try_from(self.given).unwrap_or(0),
            requested_by: (AccountId(self.requested_by), self.requester),
            reason: self.reason,
            requested_at: self.requested_at,
            expires_at: self.expires_at,
            runs_at: self.runs_at,
            standing: Standing::of(state, (self.expires_at, now), is_as_it_was),
            decided_at: self.decided_at,
        })
    }
}

/// The requests of a condition, with what they are about as it is now, and how many approvals count: of those who are
/// active owners still, and have not asked themselves.
macro_rules! select_requests {
    ($condition:literal, $($value:expr),+) => {
        sqlx::query_as!(
            RequestRow,
            r#"SELECT r.id, r.change, s.name AS "subject?", r.base, r.replay, r.risk, r.approvals, r.runs_at, r.requested_by,
                      a.name AS "requester?", a.status AS "requester_status?", r.reason, r.requested_at, r.expires_at,
                      r.state, r.decided_at,
                      CASE WHEN r.act = 'role' THEN coalesce(s.role, '')
                          WHEN r.act IN ('enforce', 'roll_back') THEN (SELECT enforced::text FROM policy_head WHERE id = 1)
                          ELSE '' END AS "now!",
                      (SELECT count(*) FROM approval_votes v JOIN members o ON o.account_id = v.account_id
                       WHERE v.request_id = r.id AND v.verdict = 'approve' AND o.role = 'owner' AND o.status = 'active'
                         AND o.account_id <> r.requested_by) AS "given!"
               FROM approval_requests r LEFT JOIN members a ON a.account_id = r.requested_by
                    LEFT JOIN members s ON s.account_id = r.subject_id
               WHERE "#
                + $condition,
            $($value),+
        )
    };
}

/// One request, as it stands then.
pub(super) async fn lookup(
    conn: &mut PgConnection,
    id: ApprovalId,
    now: OffsetDateTime,
) -> Result<Option<RequestView>, Error> {
    let row = select_requests!("r.id = $1", id.0).fetch_optional(conn).await?;
    row.map(|row| row.view(now)).transpose()
}

/// What a request asks for and who, which nobody else decides until this transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, id: ApprovalId) -> Result<Option<(Change, AccountId)>, Error> {
    let row = sqlx::query!("SELECT change, requested_by FROM approval_requests WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok((serde_json::from_value(row.change).map_err(Error::internal)?, AccountId(row.requested_by))))
        .transpose()
}

/// Those that wait, or that whoever has asked can use, the newest first: all of them, or those of one person.
pub(super) async fn waiting(
    conn: &mut PgConnection,
    of: Option<AccountId>,
    now: OffsetDateTime,
) -> Result<Vec<RequestView>, Error> {
    let rows = select_requests!(
        "r.state IN ('open', 'granted') AND r.expires_at > $2 AND ($1::uuid IS NULL OR r.requested_by = $1)
         ORDER BY r.requested_at DESC, r.id DESC LIMIT $3",
        of.map(|of| of.0),
        now,
        WAITING
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.view(now)).collect()
}

/// A page of those that are over and one more, the newest first.
pub(super) async fn past(
    conn: &mut PgConnection,
    of: Option<AccountId>,
    now: OffsetDateTime,
    cursor: Option<&Cursor>,
) -> Result<Vec<RequestView>, Error> {
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(cursor, SortKey::Time, backwards);
    let (of, limit) = (of.map(|of| of.0), i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX));
    let rows = if backwards {
        select_requests!(
            "(r.state NOT IN ('open', 'granted') OR r.expires_at <= $2) AND ($1::uuid IS NULL OR r.requested_by = $1)
               AND (r.requested_at, r.id) > ($3, $4)
             ORDER BY r.requested_at, r.id LIMIT $5",
            of,
            now,
            edge.time,
            edge.id,
            limit
        )
        .fetch_all(conn)
        .await?
    } else {
        select_requests!(
            "(r.state NOT IN ('open', 'granted') OR r.expires_at <= $2) AND ($1::uuid IS NULL OR r.requested_by = $1)
               AND (r.requested_at, r.id) < ($3, $4)
             ORDER BY r.requested_at DESC, r.id DESC LIMIT $5",
            of,
            now,
            edge.time,
            edge.id,
            limit
        )
        .fetch_all(conn)
        .await?
    };
    rows.into_iter().map(|row| row.view(now)).collect()
}

/// How many are over.
pub(super) async fn count_past(
    conn: &mut PgConnection,
    of: Option<AccountId>,
    now: OffsetDateTime,
) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM approval_requests
           WHERE (state NOT IN ('open', 'granted') OR expires_at <= $2) AND ($1::uuid IS NULL OR requested_by = $1)"#,
        of.map(|of| of.0),
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How many wait for the word of an owner who has not given it.
pub(super) async fn count_for(conn: &mut PgConnection, owner: AccountId, now: OffsetDateTime) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM approval_requests r LEFT JOIN members s ON s.account_id = r.subject_id
           WHERE r.state = 'open' AND r.expires_at > $2 AND r.requested_by <> $1
             AND r.base = CASE WHEN r.act = 'role' THEN coalesce(s.role, '')
                              WHEN r.act IN ('enforce', 'roll_back') THEN (SELECT enforced::text FROM policy_head WHERE id = 1)
                              ELSE '' END
             AND NOT EXISTS (SELECT FROM approval_votes v WHERE v.request_id = r.id AND v.account_id = $1)"#,
        owner.0,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How many wait.
pub(super) async fn count_waiting(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM approval_requests WHERE state = 'open' AND expires_at > $1"#,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What is asked for.
pub(super) struct NewRequest<'a> {
    pub(super) id: ApprovalId,
    pub(super) change: Change,
    pub(super) base: &'a str,
    pub(super) replay: Option<ReplaySummary>,
    pub(super) risk: Risk,
    pub(super) quorum: Quorum,
    pub(super) by: AccountId,
    pub(super) reason: &'a str,
    pub(super) expires_at: OffsetDateTime,
}

impl NewRequest<'_> {
    /// When it is carried out by itself, if it is.
    pub(super) fn runs_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.quorum {
            Quorum::Delay(delay) => Some(now + delay),
            Quorum::Approvals(_) => None,
        }
    }
}

/// The one that waits, or can be used, and asks for the same, of the same person.
pub(super) async fn find_same(
    conn: &mut PgConnection,
    new: &NewRequest<'_>,
    now: OffsetDateTime,
) -> Result<Option<ApprovalId>, Error> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM approval_requests
         WHERE state IN ('open', 'granted') AND expires_at > $4 AND requested_by = $1 AND change = $2 AND base = $3
         ORDER BY requested_at LIMIT 1",
        new.by.0,
        serde_json::to_value(&new.change).map_err(Error::internal)?,
        new.base,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(ApprovalId))
}

/// Keeps a request.
pub(super) async fn add(conn: &mut PgConnection, new: &NewRequest<'_>, now: OffsetDateTime) -> Result<(), Error> {
    let approvals = match new.quorum {
        Quorum::Approvals(needed) => i16::from(needed),
        Quorum::Delay(_) => 0,
    };
    sqlx::query!(
        "INSERT INTO approval_requests (id, act, change, subject_id, base, replay, risk, approvals, runs_at, requested_by,
             reason, requested_at, expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')",
        new.id.0,
        new.change.code(),
        serde_json::to_value(&new.change).map_err(Error::internal)?,
        new.change.member().map(|member| member.0),
        new.base,
        new.replay.map(serde_json::to_value).transpose().map_err(Error::internal)?,
        new.risk.code(),
        approvals,
        new.runs_at(now),
        new.by.0,
        new.reason,
        now,
        new.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes what has become of a request; false, where it was over already.
pub(super) async fn close(
    conn: &mut PgConnection,
    id: ApprovalId,
    state: State,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let closed = sqlx::query!(
        "UPDATE approval_requests SET state = $2, decided_at = $3 WHERE id = $1 AND state IN ('open', 'granted')",
        id.0,
        state.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(closed.rows_affected() > 0)
}

/// Lets whoever has asked do what they are handed something by, until then.
pub(super) async fn grant(
    conn: &mut PgConnection,
    id: ApprovalId,
    (now, until): (OffsetDateTime, OffsetDateTime),
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE approval_requests SET state = 'granted', decided_at = $2, expires_at = $3 WHERE id = $1 AND state = 'open'",
        id.0,
        now,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was granted to somebody, which is used up by this: nothing, where it is somebody else's, was used, or is over.
pub(super) async fn use_up(
    conn: &mut PgConnection,
    id: ApprovalId,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<Option<Change>, Error> {
    let change = sqlx::query_scalar!(
        "UPDATE approval_requests SET state = 'carried_out'
         WHERE id = $1 AND requested_by = $2 AND state = 'granted' AND expires_at > $3 RETURNING change",
        id.0,
        by.0,
        now
    )
    .fetch_optional(conn)
    .await?;
    change.map(serde_json::from_value).transpose().map_err(Error::internal)
}

/// Notes what an owner says. Who has said something already violates `approval_votes_pkey`.
pub(super) async fn vote(
    conn: &mut PgConnection,
    id: ApprovalId,
    owner: AccountId,
    (verdict, note): (Verdict, Option<&str>),
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO approval_votes (request_id, account_id, verdict, note, at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        owner.0,
        verdict.code(),
        note,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What owners have said, the first of them first.
pub(super) async fn votes(conn: &mut PgConnection, id: ApprovalId) -> Result<Vec<VoteView>, Error> {
    let rows = sqlx::query!(
        r#"SELECT v.account_id, m.name AS "name?", v.verdict, v.note, v.at,
                  coalesce(m.role = 'owner' AND m.status = 'active', false) AS "is_owner!"
           FROM approval_votes v LEFT JOIN members m ON m.account_id = v.account_id
           WHERE v.request_id = $1 ORDER BY v.at, v.account_id"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let unknown = || Error::internal("a vote holds a verdict that this program does not know");
    rows.into_iter()
        .map(|row| {
            Ok(VoteView {
                by: (AccountId(row.account_id), row.name),
                verdict: Verdict::from_code(&row.verdict).ok_or_else(unknown)?,
                note: row.note,
                at: row.at,
                counts: row.is_owner,
            })
        })
        .collect()
}
