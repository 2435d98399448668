//! Queries on who is to be reminded of a second factor.

use domain::ids::AccountId;
use domain::policy::Methods;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// Somebody who is to be reminded.
pub(in crate::policy) struct Reminded {
    pub(in crate::policy) id: AccountId,
    pub(in crate::policy) name: String,
    pub(in crate::policy) email: String,
    pub(in crate::policy) joined_at: OffsetDateTime,
}

/// Takes active members who have not what is asked for and were not reminded since, at most so many: they count as
/// reminded from now on.
pub(in crate::policy) async fn take_to_remind(
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
pub(in crate::policy) async fn take_these_to_remind(
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
pub(in crate::policy) async fn count_missing(
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
