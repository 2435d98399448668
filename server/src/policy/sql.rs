//! Queries on what an organization asks of its members' sign-in, in its schema.

use domain::ids::AccountId;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::policy::{
    Author, GRACE_DAYS_DEFAULT, Limit, Methods, MfaRequirement, PolicySettings, PolicyVersion, SignInPolicy,
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Current;
use crate::error::Error;

/// The policy's columns.
pub(crate) struct PolicyRow {
    pub(crate) mfa_required: bool,
    pub(crate) mfa_passkey: bool,
    pub(crate) mfa_authenticator: bool,
    pub(crate) mfa_since: Option<OffsetDateTime>,
    pub(crate) mfa_grace_days: i32,
    pub(crate) idle_minutes: i32,
    pub(crate) absolute_minutes: i32,
    pub(crate) session_cap: Option<i32>,
}

impl TryFrom<PolicyRow> for SignInPolicy {
    type Error = Error;

    fn try_from(row: PolicyRow) -> Result<Self, Error> {
        let limit = |minutes: i32| u32::try_from(minutes).map(Limit::stored).map_err(Error::internal);
        let mfa = match row.mfa_since.filter(|_| row.mfa_required) {
            Some(since) => Some(MfaRequirement {
                methods: Methods { passkey: row.mfa_passkey, authenticator: row.mfa_authenticator },
                grace_days: u16::try_from(row.mfa_grace_days).map_err(Error::internal)?,
                since,
            }),
            None => None,
        };
        Ok(Self {
            mfa,
            idle: limit(row.idle_minutes)?,
            absolute: limit(row.absolute_minutes)?,
            sessions: row.session_cap.map(u16::try_from).transpose().map_err(Error::internal)?,
        })
    }
}

/// The policy and its revision, which nobody else can change until this transaction ends.
pub(super) async fn lock(conn: &mut PgConnection) -> Result<Current, Error> {
    let row = sqlx::query!(
        "SELECT revision, mfa_required, mfa_passkey, mfa_authenticator, mfa_since, mfa_grace_days, idle_minutes,
                absolute_minutes, session_cap
         FROM sign_in_policy FOR UPDATE"
    )
    .fetch_one(conn)
    .await?;
    let policy = SignInPolicy::try_from(PolicyRow {
        mfa_required: row.mfa_required,
        mfa_passkey: row.mfa_passkey,
        mfa_authenticator: row.mfa_authenticator,
        mfa_since: row.mfa_since,
        mfa_grace_days: row.mfa_grace_days,
        idle_minutes: row.idle_minutes,
        absolute_minutes: row.absolute_minutes,
        session_cap: row.session_cap,
    })?;
    Ok(Current { policy, revision: row.revision })
}

/// The policy's revision.
pub(super) async fn revision(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT revision FROM sign_in_policy").fetch_one(conn).await?)
}

/// Puts a policy in place of the one before, and counts the change.
pub(super) async fn save(conn: &mut PgConnection, policy: &SignInPolicy) -> Result<(), Error> {
    let mfa = policy.mfa.as_ref();
    let methods = mfa.map_or(Methods::ALL, |mfa| mfa.methods);
    let minutes = |limit: Limit| i32::try_from(limit.minutes()).map_err(Error::internal);
    sqlx::query!(
        "UPDATE sign_in_policy
         SET revision = revision + 1, mfa_required = $1, mfa_passkey = $2, mfa_authenticator = $3, mfa_since = $4,
             mfa_grace_days = $5, idle_minutes = $6, absolute_minutes = $7, session_cap = $8",
        mfa.is_some(),
        methods.passkey,
        methods.authenticator,
        mfa.map(|mfa| mfa.since),
        i32::from(mfa.map_or(GRACE_DAYS_DEFAULT, |mfa| mfa.grace_days)),
        minutes(policy.idle)?,
        minutes(policy.absolute)?,
        policy.sessions.map(i32::from)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A version to be.
pub(super) struct NewVersion<'a> {
    pub(super) number: i64,
    pub(super) settings: PolicySettings,
    pub(super) author: AccountId,
    pub(super) reason: Option<&'a str>,
    pub(super) restores: Option<i64>,
}

/// Keeps a version.
pub(super) async fn add_version(
    conn: &mut PgConnection,
    version: &NewVersion<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO policy_versions (version, settings, author_id, reason, restores, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        version.number,
        serde_json::to_string(&version.settings).map_err(Error::internal)?,
        version.author.0,
        version.reason,
        version.restores,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct VersionRow {
    version: i64,
    settings: String,
    before: Option<String>,
    author_id: Option<Uuid>,
    author_name: Option<String>,
    reason: Option<String>,
    restores: Option<i64>,
    created_at: OffsetDateTime,
}

impl TryFrom<VersionRow> for PolicyVersion {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self, Error> {
        let read = |text: &str| serde_json::from_str(text).map_err(Error::internal);
        Ok(Self {
            number: row.version,
            settings: read(&row.settings)?,
            before: row.before.as_deref().map(read).transpose()?,
            author: row.author_id.map(|id| Author { id: AccountId(id), name: row.author_name }),
            reason: row.reason,
            restores: row.restores,
            created_at: row.created_at,
        })
    }
}

/// How many versions are kept.
pub(super) async fn count_versions(conn: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM policy_versions"#).fetch_one(conn).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page of versions and one more, the newest first.
pub(super) async fn list_versions(
    conn: &mut PgConnection,
    cursor: Option<&Cursor>,
) -> Result<Vec<PolicyVersion>, Error> {
    let number = |id: &str| id.parse().ok();
    let (backwards, edge) = match cursor {
        Some(Cursor::Before(_, id)) => (true, number(id).unwrap_or(i64::MIN)),
        Some(Cursor::After(_, id)) => (false, number(id).unwrap_or(i64::MAX)),
        None => (false, i64::MAX),
    };
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                VersionRow,
                r#"SELECT version, settings, author_id, reason, restores, created_at, m.name AS "author_name?",
                          (SELECT b.settings FROM policy_versions b WHERE b.version < v.version
                           ORDER BY b.version DESC LIMIT 1) AS before
                   FROM policy_versions v LEFT JOIN members m ON m.account_id = v.author_id WHERE version "#
                    + $beyond
                    + " $1 ORDER BY version "
                    + $direction
                    + " LIMIT $2",
                edge,
                i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX)
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
    rows.into_iter().map(PolicyVersion::try_from).collect()
}

/// One version.
pub(super) async fn lookup_version(conn: &mut PgConnection, number: i64) -> Result<Option<PolicyVersion>, Error> {
    let row = sqlx::query_as!(
        VersionRow,
        r#"SELECT version, settings, author_id, reason, restores, created_at, m.name AS "author_name?",
                (SELECT b.settings FROM policy_versions b WHERE b.version < v.version
                 ORDER BY b.version DESC LIMIT 1) AS before
         FROM policy_versions v LEFT JOIN members m ON m.account_id = v.author_id WHERE version = $1"#,
        number
    )
    .fetch_optional(conn)
    .await?;
    row.map(PolicyVersion::try_from).transpose()
}

/// Somebody who is to be reminded.
pub(super) struct Reminded {
    pub(super) id: AccountId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) joined_at: OffsetDateTime,
}

/// Takes active members who have not what is asked for and were not reminded since, at most so many: they count as
/// reminded from now on.
pub(super) async fn take_to_remind(
    conn: &mut PgConnection,
    methods: Methods,
    since: OffsetDateTime,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<Reminded>, Error> {
    let rows = sqlx::query_as!(
        Reminded,
        "UPDATE members SET reminded_at = $4
         WHERE account_id IN (
             SELECT account_id FROM members
             WHERE status = 'active' AND NOT (passkey AND $1 OR authenticator AND $2)
               AND (reminded_at IS NULL OR reminded_at <= $3)
             ORDER BY account_id LIMIT $5 FOR UPDATE)
         RETURNING account_id AS id, name, email, joined_at",
        methods.passkey,
        methods.authenticator,
        since,
        now,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// As [`take_to_remind`], of these alone.
pub(super) async fn take_these_to_remind(
    conn: &mut PgConnection,
    ids: &[AccountId],
    methods: Methods,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Vec<Reminded>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Reminded,
        "UPDATE members SET reminded_at = $4
         WHERE account_id = ANY($5) AND status = 'active' AND NOT (passkey AND $1 OR authenticator AND $2)
           AND (reminded_at IS NULL OR reminded_at <= $3)
         RETURNING account_id AS id, name, email, joined_at",
        methods.passkey,
        methods.authenticator,
        since,
        now,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// How many active members have not what is asked for: those who were reminded since, and the others.
pub(super) async fn count_missing(
    conn: &mut PgConnection,
    methods: Methods,
    since: OffsetDateTime,
) -> Result<(u64, u64), Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE reminded_at > $3) AS "reminded!",
                  count(*) FILTER (WHERE reminded_at IS NULL OR reminded_at <= $3) AS "others!"
           FROM members WHERE status = 'active' AND NOT (passkey AND $1 OR authenticator AND $2)"#,
        methods.passkey,
        methods.authenticator,
        since
    )
    .fetch_one(conn)
    .await?;
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok((number(row.reminded), number(row.others)))
}
