//! Queries on the outbox.

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::invitations::MailState;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Details;
use crate::error::Error;

/// A mail to be.
pub(super) struct NewMail<'a> {
    pub(super) id: Uuid,
    pub(super) tenant: Option<TenantId>,
    pub(super) subject: Uuid,
    pub(super) to: &'a str,
    pub(super) details: Details,
    pub(super) expires_at: Option<OffsetDateTime>,
}

pub(super) async fn add(conn: &mut PgConnection, mail: NewMail<'_>, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.outbox
             (id, tenant_id, kind, subject, recipient, details, state, next_attempt_at, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, $8)",
        mail.id,
        mail.tenant.map(|tenant| tenant.0),
        mail.details.kind(),
        mail.subject,
        mail.to,
        serde_json::to_value(&mail.details).map_err(Error::internal)?,
        now,
        mail.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// As [`add`], many in one statement.
pub(super) async fn add_all(
    conn: &mut PgConnection,
    mails: Vec<NewMail<'_>>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let details: Result<Vec<_>, _> = mails.iter().map(|mail| serde_json::to_value(&mail.details)).collect();
    sqlx::query!(
        "INSERT INTO platform.outbox
             (id, tenant_id, kind, subject, recipient, details, state, next_attempt_at, created_at, expires_at)
         SELECT id, tenant, kind, subject, recipient, details, 'waiting', $8, $8, expires_at
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::jsonb[], $7::timestamptz[])
              AS mail (id, tenant, kind, subject, recipient, details, expires_at)",
        &mails.iter().map(|mail| mail.id).collect::<Vec<_>>(),
        &mails.iter().map(|mail| mail.tenant.map(|tenant| tenant.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &mails.iter().map(|mail| mail.details.kind().to_owned()).collect::<Vec<_>>(),
        &mails.iter().map(|mail| mail.subject).collect::<Vec<_>>(),
        &mails.iter().map(|mail| mail.to.to_owned()).collect::<Vec<_>>(),
        &details.map_err(Error::internal)?,
        &mails.iter().map(|mail| mail.expires_at).collect::<Vec<_>>() as &[Option<OffsetDateTime>],
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn cancel(conn: &mut PgConnection, subject: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET state = 'cancelled', details = '{}'
         WHERE subject = $1 AND state IN ('waiting', 'failed')",
        subject
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn cancel_resets(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET state = 'cancelled', details = '{}'
         WHERE subject = $1 AND kind IN ('reset', 'provisioned') AND state IN ('waiting', 'failed')",
        account.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a sign-in to the mail that tells an account's owner of one and was never tried yet: false when there is none.
pub(super) async fn tell_of_another_device(conn: &mut PgConnection, account: AccountId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.outbox
         SET details = jsonb_set(details, '{more}', to_jsonb(coalesce((details ->> 'more')::integer, 0) + 1))
         WHERE kind = 'notice' AND state = 'waiting' AND attempts = 0 AND subject IN
             (SELECT id FROM platform.notices WHERE account_id = $1 AND kind = 'new_device')",
        account.0
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn erase(conn: &mut PgConnection, account: AccountId, email: &EmailAddress) -> Result<(), Error> {
    // An invitation that waits to be sent is its organization's.
    sqlx::query!(
        "DELETE FROM platform.outbox
         WHERE subject = $1 OR ((tenant_id IS NULL OR state NOT IN ('waiting', 'failed')) AND recipient IN
             (SELECT $2 UNION SELECT n.former_email FROM platform.notices n
              WHERE n.account_id = $1 AND NOT EXISTS
                  (SELECT FROM platform.accounts a WHERE a.email = n.former_email AND a.id <> $1)))",
        account.0,
        email.as_str()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a mail that was about to be written still is. Nobody can cancel it until this transaction ends.
pub(super) async fn is_wanted(conn: &mut PgConnection, id: Uuid) -> Result<bool, Error> {
    let state = sqlx::query_scalar!("SELECT state FROM platform.outbox WHERE id = $1 FOR UPDATE", id)
        .fetch_optional(conn)
        .await?;
    Ok(state.is_some_and(|state| state == MailState::Waiting.code() || state == MailState::Failed.code()))
}

/// Ends a mail that is not to be sent.
pub(super) async fn end(conn: &mut PgConnection, id: Uuid, state: MailState) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET state = $2, details = '{}' WHERE id = $1 AND state = 'waiting'",
        id,
        state.code()
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn states(conn: &mut PgConnection, subjects: &[Uuid]) -> Result<HashMap<Uuid, MailState>, Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (subject) subject, state FROM platform.outbox
         WHERE subject = ANY($1) ORDER BY subject, created_at DESC, id DESC",
        subjects
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.subject, MailState::from_code(&row.state)?))).collect())
}

/// A mail that is due, taken by one worker: nobody else sees it until `until`.
pub(super) struct Due {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) tenant: Option<TenantId>,
    pub(super) subject: Uuid,
    pub(super) recipient: String,
    pub(super) details: serde_json::Value,
    pub(super) attempts: i32,
    pub(super) expires_at: Option<OffsetDateTime>,
}

/// Takes the next mail that is due and counts the attempt, so that a worker that dies while it
/// sends is a failed attempt and not a lost mail. Who has got fewer mails since `recently`, from an organization that has
/// sent fewer, comes first: a flood for one, or a thousand invitations of one organization, keep nobody else waiting.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
    recently: OffsetDateTime,
) -> Result<Option<Due>, Error> {
    let row = sqlx::query!(
        "UPDATE platform.outbox SET attempts = attempts + 1, next_attempt_at = $2
         WHERE id = (SELECT o.id FROM platform.outbox o
                     LEFT JOIN (SELECT recipient, count(*) AS mails FROM platform.outbox WHERE sent_at > $3
                                GROUP BY recipient) got USING (recipient)
                     LEFT JOIN (SELECT tenant_id, count(*) AS mails FROM platform.outbox WHERE sent_at > $3
                                GROUP BY tenant_id) gave USING (tenant_id)
                     WHERE o.state = 'waiting' AND o.next_attempt_at <= $1
                     ORDER BY coalesce(got.mails, 0) + coalesce(gave.mails, 0), o.next_attempt_at
                     LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
         RETURNING id, kind, tenant_id, subject, recipient, details, attempts, expires_at",
        now,
        until,
        recently
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Due {
        id: row.id,
        kind: row.kind,
        tenant: row.tenant_id.map(TenantId),
        subject: row.subject,
        recipient: row.recipient,
        details: row.details,
        attempts: row.attempts,
        expires_at: row.expires_at,
    }))
}

pub(super) async fn sent(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET state = 'sent', sent_at = $2, details = '{}', last_error = NULL WHERE id = $1",
        id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes a failed attempt: the mail waits until `next`, or is given up.
pub(super) async fn failed(
    conn: &mut PgConnection,
    id: Uuid,
    why: &str,
    next: Option<OffsetDateTime>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET last_error = $2, next_attempt_at = coalesce($3, next_attempt_at),
                state = CASE WHEN $3::timestamptz IS NULL THEN 'failed' ELSE state END
         WHERE id = $1 AND state = 'waiting'",
        id,
        why,
        next
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Mail that waits or was given up, and is of use yet, the newest first.
pub(super) struct Waiting {
    pub(super) due: Due,
    pub(super) state: String,
    pub(super) last_error: Option<String>,
    pub(super) created_at: OffsetDateTime,
}

pub(super) async fn list(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Waiting>, Error> {
    let rows = sqlx::query!(
        "SELECT id, kind, tenant_id, subject, recipient, details, attempts, expires_at, state, last_error, created_at
         FROM platform.outbox WHERE state IN ('waiting', 'failed') AND (expires_at IS NULL OR expires_at > $1)
         ORDER BY created_at DESC, id DESC LIMIT 200",
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Waiting {
            due: Due {
                id: row.id,
                kind: row.kind,
                tenant: row.tenant_id.map(TenantId),
                subject: row.subject,
                recipient: row.recipient,
                details: row.details,
                attempts: row.attempts,
                expires_at: row.expires_at,
            },
            state: row.state,
            last_error: row.last_error,
            created_at: row.created_at,
        })
        .collect())
}
