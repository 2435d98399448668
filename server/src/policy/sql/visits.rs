//! Queries on what was known of members when they came by.

use std::collections::HashMap;

use domain::factors::Factors;
use domain::ids::AccountId;
use domain::password::{PasswordNote, Strength};
use domain::policy::{Facts, Replay, SignInMethod, Visit};
use domain::roles::{RoleId, codes};
use futures::TryStreamExt as _;
use sqlx::PgConnection;
use sqlx::types::ipnet::IpNet;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::error::Error;
use crate::passwords::noted;

/// For how long visits are kept.
pub(in crate::policy) const KEPT: Duration = Duration::days(90);
/// Stands for an address that is not known.
const NOWHERE: IpNet = IpNet::V4(ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::UNSPECIFIED, 32));

/// Notes that somebody has come by with a session, and forgets some visits of long ago.
pub(in crate::policy) async fn note(
    conn: &mut PgConnection,
    (account, session): (AccountId, Uuid),
    facts: &Facts<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query!(
        "WITH gone AS (
             DELETE FROM visits WHERE (account_id, session_id, authenticated_at, ip, day) IN (
                 SELECT account_id, session_id, authenticated_at, ip, day FROM visits WHERE last_at < $12
                 ORDER BY last_at LIMIT 200 FOR UPDATE SKIP LOCKED)
         )
         INSERT INTO visits AS v (account_id, session_id, authenticated_at, ip, day, last_at, pause_seconds,
                                  newer_sessions, older_sessions, roles, authenticator, passkey, times,
                                  method, password_length, password_score, password_changed_at)
         SELECT account_id, $2, $3, $4, $5::timestamptz::date, $5, $6, $7, $8, $9, $10, $11, 1, $13, $14, $15, $16
         FROM members WHERE account_id = $1
         ON CONFLICT (account_id, session_id, authenticated_at, ip, day) DO UPDATE
         SET last_at = greatest(v.last_at, EXCLUDED.last_at),
             pause_seconds = greatest(v.pause_seconds, EXCLUDED.pause_seconds),
             newer_sessions = greatest(v.newer_sessions, EXCLUDED.newer_sessions),
             older_sessions = greatest(v.older_sessions, EXCLUDED.older_sessions),
             roles = EXCLUDED.roles, authenticator = v.authenticator AND EXCLUDED.authenticator,
             passkey = v.passkey AND EXCLUDED.passkey, times = v.times + 1, method = EXCLUDED.method,
             password_length = EXCLUDED.password_length, password_score = EXCLUDED.password_score,
             password_changed_at = EXCLUDED.password_changed_at",
        account.0,
        session,
        facts.authenticated_at,
        facts.ip.map_or(NOWHERE, IpNet::from),
        now,
        i32::try_from(facts.pause.whole_seconds()).unwrap_or(i32::MAX),
        number(facts.newer_sessions),
        number(facts.older_sessions),
        codes(facts.roles).join(","),
        facts.factors.authenticator,
        facts.factors.passkey,
        now - KEPT,
        facts.method.code(),
        facts.password.and_then(|password| password.length).and_then(|length| i16::try_from(length).ok()),
        facts.password.and_then(|password| password.strength).map(Strength::score),
        facts.password.map(|password| password.changed_at)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What moves whenever somebody has come by, or what was known of somebody goes: how many visits there are, how often, and
/// the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) struct Revision {
    count: i64,
    times: i64,
    last: Option<OffsetDateTime>,
}

/// How far the visits since then have come.
pub(in crate::policy) async fn revision(conn: &mut PgConnection, since: OffsetDateTime) -> Result<Revision, Error> {
    Ok(sqlx::query_as!(
        Revision,
        r#"SELECT count(*) AS "count!", coalesce(sum(times), 0) AS "times!", max(last_at) AS last
           FROM visits WHERE last_at >= $1"#,
        since
    )
    .fetch_one(conn)
    .await?)
}

/// Since when somebody is a member.
pub(in crate::policy) async fn joined_at(
    conn: &mut PgConnection,
    account: AccountId,
) -> Result<Option<OffsetDateTime>, Error> {
    let at = sqlx::query_scalar!("SELECT joined_at FROM members WHERE account_id = $1", account.0);
    Ok(at.fetch_optional(conn).await?)
}

/// Since when each member is one.
pub(in crate::policy) async fn joined(conn: &mut PgConnection) -> Result<HashMap<AccountId, OffsetDateTime>, Error> {
    let rows = sqlx::query!("SELECT account_id, joined_at FROM members").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row.joined_at)).collect())
}

/// Lets a policy go over the visits since then, of one member or of all.
pub(in crate::policy) async fn replay(
    conn: &mut PgConnection,
    replay: &mut Replay<'_>,
    joined: &HashMap<AccountId, OffsetDateTime>,
    since: OffsetDateTime,
) -> Result<(), Error> {
    let mut rows = sqlx::query!(
        "SELECT account_id, authenticated_at, ip, last_at, pause_seconds, newer_sessions, older_sessions, roles,
                authenticator, passkey, times, method, password_length, password_score, password_changed_at
         FROM visits WHERE last_at >= $1",
        since
    )
    .fetch(conn);
    let mut known: HashMap<String, Vec<RoleId>> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let account = AccountId(row.account_id);
        let Some(joined_at) = joined.get(&account) else { continue };
        if !known.contains_key(&row.roles) {
            known.insert(row.roles.clone(), row.roles.split(',').filter_map(RoleId::from_code).collect());
        }
        replay.take(&Visit {
            account,
            at: row.last_at,
            joined_at: *joined_at,
            authenticated_at: row.authenticated_at,
            pause: Duration::seconds(row.pause_seconds.into()),
            newer_sessions: row.newer_sessions.unsigned_abs(),
            older_sessions: row.older_sessions.unsigned_abs(),
            factors: Factors { authenticator: row.authenticator, passkey: row.passkey },
            method: SignInMethod::from_code(&row.method).unwrap_or_default(),
            password: noted(row.password_length, row.password_score, row.password_changed_at),
            roles: known.get(&row.roles).map_or(&[][..], Vec::as_slice),
            ip: Some(row.ip).filter(|ip| *ip != NOWHERE).map(|ip| ip.addr()),
            times: row.times.unsigned_abs(),
        });
    }
    Ok(())
}

/// A visit of somebody's, for those who look at it.
pub(in crate::policy) struct Seen {
    pub(in crate::policy) visit: OwnVisit,
    pub(in crate::policy) ip: Option<std::net::IpAddr>,
}

/// As [`Visit`], with roles of its own.
pub(in crate::policy) struct OwnVisit {
    pub(in crate::policy) at: OffsetDateTime,
    pub(in crate::policy) authenticated_at: OffsetDateTime,
    pub(in crate::policy) pause: Duration,
    pub(in crate::policy) newer_sessions: u32,
    pub(in crate::policy) older_sessions: u32,
    pub(in crate::policy) factors: Factors,
    pub(in crate::policy) method: SignInMethod,
    pub(in crate::policy) password: Option<PasswordNote>,
    pub(in crate::policy) roles: Vec<RoleId>,
    pub(in crate::policy) times: u32,
}

/// The visits of a member since then, the newest first, at most so many.
pub(in crate::policy) async fn of(
    conn: &mut PgConnection,
    account: AccountId,
    since: OffsetDateTime,
    most: i64,
) -> Result<Vec<Seen>, Error> {
    let rows = sqlx::query!(
        "SELECT authenticated_at, ip, last_at, pause_seconds, newer_sessions, older_sessions, roles, authenticator,
                passkey, times, method, password_length, password_score, password_changed_at
         FROM visits WHERE account_id = $1 AND last_at >= $2 ORDER BY last_at DESC, session_id LIMIT $3",
        account.0,
        since,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Seen {
            visit: OwnVisit {
                at: row.last_at,
                authenticated_at: row.authenticated_at,
                pause: Duration::seconds(row.pause_seconds.into()),
                newer_sessions: row.newer_sessions.unsigned_abs(),
                older_sessions: row.older_sessions.unsigned_abs(),
                factors: Factors { authenticator: row.authenticator, passkey: row.passkey },
                method: SignInMethod::from_code(&row.method).unwrap_or_default(),
                password: noted(row.password_length, row.password_score, row.password_changed_at),
                roles: row.roles.split(',').filter_map(RoleId::from_code).collect(),
                times: row.times.unsigned_abs(),
            },
            ip: Some(row.ip).filter(|ip| *ip != NOWHERE).map(|ip| ip.addr()),
        })
        .collect())
}

/// What members are called.
pub(in crate::policy) async fn names(
    conn: &mut PgConnection,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, (String, String)>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!("SELECT account_id, name, email FROM members WHERE account_id = ANY($1)", &ids);
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), (row.name, row.email))).collect())
}
