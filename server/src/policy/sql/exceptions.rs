//! Queries on exceptions from the policy.

use domain::ids::{AccountId, ExceptionId};
use domain::policy::{Author, Exception, Rule};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Error;

/// How many are looked at: all that count come first.
const LOOKED_AT: i64 = 200;

/// An exception to be.
pub(in crate::policy) struct NewException<'a> {
    pub(in crate::policy) id: ExceptionId,
    pub(in crate::policy) account: AccountId,
    pub(in crate::policy) rule: Rule,
    pub(in crate::policy) reason: &'a str,
    pub(in crate::policy) until: OffsetDateTime,
    pub(in crate::policy) by: AccountId,
}

/// Adds one.
pub(in crate::policy) async fn add(
    conn: &mut PgConnection,
    exception: &NewException<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO policy_exceptions (id, account_id, rule, reason, until, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        exception.id.0,
        exception.account.0,
        exception.rule.code(),
        exception.reason,
        exception.until,
        exception.by.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose one is.
pub(in crate::policy) async fn whose(conn: &mut PgConnection, id: ExceptionId) -> Result<Option<AccountId>, Error> {
    let account = sqlx::query_scalar!("SELECT account_id FROM policy_exceptions WHERE id = $1", id.0);
    Ok(account.fetch_optional(conn).await?.map(AccountId))
}

/// Ends those of a member and a rule that count.
pub(in crate::policy) async fn end_former(
    conn: &mut PgConnection,
    account: AccountId,
    rule: Rule,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE policy_exceptions SET ended_at = $3
         WHERE account_id = $1 AND rule = $2 AND ended_at IS NULL AND until > $3",
        account.0,
        rule.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a member has one that counts.
pub(in crate::policy) async fn any_of(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let any = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM policy_exceptions
                          WHERE account_id = $1 AND ended_at IS NULL AND until > $2) AS "any!""#,
        account.0,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(any)
}

/// Ends all of a member's that count: of which rules they were.
pub(in crate::policy) async fn end_all_of(
    conn: &mut PgConnection,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<Vec<String>, Error> {
    let rules = sqlx::query_scalar!(
        "UPDATE policy_exceptions SET ended_at = $2
         WHERE account_id = $1 AND ended_at IS NULL AND until > $2 RETURNING rule",
        account.0,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rules)
}

/// Ends one that counts: of which rule it was.
pub(in crate::policy) async fn end(
    conn: &mut PgConnection,
    id: ExceptionId,
    now: OffsetDateTime,
) -> Result<Option<String>, Error> {
    let rule = sqlx::query_scalar!(
        "UPDATE policy_exceptions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL AND until > $2 RETURNING rule",
        id.0,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(rule)
}

/// Those that count, the next to end first, and then those that do not any more, the last to end first.
pub(in crate::policy) async fn list(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Exception>, Error> {
    let rows = sqlx::query!(
        r#"SELECT x.id, x.account_id, m.name, x.rule, x.reason, x.until, x.created_by, b.name AS "by_name?", x.created_at,
                  x.ended_at
           FROM policy_exceptions x JOIN members m USING (account_id) LEFT JOIN members b ON b.account_id = x.created_by
           ORDER BY (x.ended_at IS NULL AND x.until > $1) DESC,
                    CASE WHEN x.ended_at IS NULL AND x.until > $1 THEN x.until END,
                    coalesce(x.ended_at, x.until) DESC
           LIMIT $2"#,
        now,
        LOOKED_AT
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Exception {
                id: ExceptionId(row.id),
                account: AccountId(row.account_id),
                name: row.name,
                rule: Rule::from_code(&row.rule).ok_or_else(|| Error::internal("an exception from no rule"))?,
                reason: row.reason,
                until: row.until,
                by: Author { id: AccountId(row.created_by), name: row.by_name },
                created_at: row.created_at,
                ended_at: row.ended_at,
            })
        })
        .collect()
}
