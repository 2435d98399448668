//! Queries on what an organization asks of its members' sign-in, in its schema.

use domain::ids::AccountId;
use domain::policy::{GRACE_DAYS_DEFAULT, Limit, Methods, MfaRequirement, SignInPolicy};
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
