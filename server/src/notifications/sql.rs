//! Queries on notifications.

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, NotificationId, TenantId};
use domain::notifications::{MailChoices, News, Topic};
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Notification;
use crate::error::Error;
use crate::paging::{Edge, SortKey, time_value};

struct NotificationRow {
    id: Uuid,
    details: serde_json::Value,
    created_at: OffsetDateTime,
    read_at: Option<OffsetDateTime>,
    /// The organization's, for who is in it.
    slug: Option<String>,
}

impl TryFrom<NotificationRow> for Notification {
    type Error = Error;

    fn try_from(row: NotificationRow) -> Result<Self, Error> {
        let news: News = serde_json::from_value(row.details).map_err(Error::internal)?;
        Ok(Self {
            id: NotificationId(row.id),
            path: news.kind.path(row.slug.as_deref()),
            news,
            created_at: row.created_at,
            read: row.read_at.is_some(),
        })
    }
}

/// Adds the same for each of these accounts that is there, under these ids.
pub(super) async fn add(
    conn: &mut PgConnection,
    ids: &[Uuid],
    to: &[AccountId],
    tenant: Option<TenantId>,
    news: &News,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let accounts: Vec<_> = to.iter().map(|account| account.0).collect();
    sqlx::query!(
        "INSERT INTO platform.notifications (id, account_id, tenant_id, kind, details, created_at, actor_id)
         SELECT n.id, a.id, $3, $4, $5, $6, $7
         FROM unnest($1::uuid[], $2::uuid[]) AS n (id, account) JOIN platform.accounts a ON a.id = n.account",
        ids,
        &accounts,
        tenant.map(|tenant| tenant.0),
        news.kind.code(),
        serde_json::to_value(news).map_err(Error::internal)?,
        now,
        news.actor.map(|actor| actor.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody who is told by mail, too.
pub(crate) struct Mailed {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// Those of these accounts who want mail about a topic.
pub(super) async fn list_mailed(conn: &mut PgConnection, of: &[AccountId], topic: Topic) -> Result<Vec<Mailed>, Error> {
    let accounts: Vec<_> = of.iter().map(|account| account.0).collect();
    let rows = sqlx::query!(
        "SELECT id, name, email FROM platform.accounts
         WHERE id = ANY($1) AND CASE $2 WHEN 'membership' THEN mail_membership
             WHEN 'organizations' THEN mail_organizations WHEN 'jobs' THEN mail_jobs
             WHEN 'alerts' THEN mail_alerts ELSE mail_lesser_alerts END",
        &accounts,
        topic.code()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Mailed { account: AccountId(row.id), name: row.name, email: row.email }).collect())
}

/// The account of an address that its person has proven: nobody else is told what its mail says.
pub(crate) async fn find(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<AccountId>, Error> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM platform.accounts WHERE email = $1 AND email_proven_at IS NOT NULL",
        email.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(AccountId))
}

/// As [`find`], of many addresses.
pub(crate) async fn find_all(conn: &mut PgConnection, emails: &[String]) -> Result<HashMap<String, AccountId>, Error> {
    let rows = sqlx::query!(
        "SELECT email, id FROM platform.accounts WHERE email = ANY($1) AND email_proven_at IS NOT NULL",
        emails
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.email, AccountId(row.id))).collect())
}

/// The accounts of everybody in an organization.
pub(crate) async fn list_members(conn: &mut PgConnection, of: TenantId) -> Result<Vec<AccountId>, Error> {
    let ids = sqlx::query_scalar!("SELECT account_id FROM platform.memberships WHERE tenant_id = $1", of.0)
        .fetch_all(conn)
        .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}

pub(super) async fn count(conn: &mut PgConnection, of: AccountId) -> Result<u64, Error> {
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM platform.notifications WHERE account_id = $1"#, of.0)
            .fetch_one(conn)
            .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What the list is sorted by, as a cursor holds it.
pub(super) fn sort_value(row: &Notification) -> String {
    time_value(row.created_at)
}

/// A page and one more, newest first. What this program does not know, because another has told it, is left out.
pub(super) async fn list(
    conn: &mut PgConnection,
    of: AccountId,
    cursor: Option<&Cursor>,
) -> Result<Vec<Notification>, Error> {
    let backwards = matches!(cursor, Some(Cursor::Before(..)));
    let mut edge = Edge::new(cursor, SortKey::Time, backwards);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! select {
        ($direction:tt, $beyond:tt) => {
            sqlx::query_as!(
                NotificationRow,
                r#"SELECT n.id, n.details, n.created_at, n.read_at, t.slug AS "slug?"
                   FROM platform.notifications n
                   LEFT JOIN (platform.memberships m JOIN platform.tenants t ON t.id = m.tenant_id)
                        ON m.account_id = n.account_id AND m.tenant_id = n.tenant_id
                   WHERE n.account_id = $1 AND (n.created_at, n.id) "#
                    + $beyond
                    + " ($2, $3)
                   ORDER BY n.created_at "
                    + $direction
                    + ", n.id "
                    + $direction
                    + " LIMIT $4",
                of.0,
                edge.time,
                edge.id,
                limit
            )
            .fetch_all(&mut *conn)
            .await?
        };
    }
    let mut known = Vec::new();
    loop {
        let rows = if backwards { select!("ASC", ">") } else { select!("DESC", "<") };
        let is_last = rows.len() <= PAGE_SIZE;
        if let Some(last) = rows.last() {
            (edge.time, edge.id) = (last.created_at, last.id);
        }
        known.extend(rows.into_iter().filter_map(|row| {
            let id = row.id;
            let read = Notification::try_from(row);
            read.inspect_err(|error| tracing::error!(%error, notification = %id, "a notification is not known")).ok()
        }));
        if is_last || known.len() > PAGE_SIZE {
            known.truncate(PAGE_SIZE + 1);
            return Ok(known);
        }
    }
}

pub(super) async fn lookup(
    conn: &mut PgConnection,
    of: AccountId,
    id: NotificationId,
) -> Result<Option<Notification>, Error> {
    sqlx::query_as!(
        NotificationRow,
        r#"SELECT n.id, n.details, n.created_at, n.read_at, t.slug AS "slug?"
           FROM platform.notifications n
           LEFT JOIN (platform.memberships m JOIN platform.tenants t ON t.id = m.tenant_id)
                ON m.account_id = n.account_id AND m.tenant_id = n.tenant_id
           WHERE n.account_id = $1 AND n.id = $2"#,
        of.0,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Notification::try_from)
    .transpose()
}

pub(super) async fn read(
    conn: &mut PgConnection,
    of: AccountId,
    id: NotificationId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.notifications SET read_at = $3 WHERE account_id = $1 AND id = $2 AND read_at IS NULL",
        of.0,
        id.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn read_all(
    conn: &mut PgConnection,
    of: AccountId,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.notifications SET read_at = $3
         WHERE account_id = $1 AND read_at IS NULL AND created_at <= $2",
        of.0,
        until,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn mail_choices(conn: &mut PgConnection, of: AccountId) -> Result<MailChoices, Error> {
    let row = sqlx::query!(
        "SELECT mail_membership, mail_organizations, mail_jobs, mail_alerts, mail_lesser_alerts
         FROM platform.accounts WHERE id = $1 FOR UPDATE",
        of.0
    )
    .fetch_one(conn)
    .await?;
    Ok(MailChoices {
        membership: row.mail_membership,
        organizations: row.mail_organizations,
        jobs: row.mail_jobs,
        alerts: row.mail_alerts,
        lesser_alerts: row.mail_lesser_alerts,
    })
}

pub(super) async fn change_mail(conn: &mut PgConnection, of: AccountId, choices: MailChoices) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.accounts SET mail_membership = $2, mail_organizations = $3, mail_jobs = $4, mail_alerts = $5,
             mail_lesser_alerts = $6
         WHERE id = $1",
        of.0,
        choices.membership,
        choices.organizations,
        choices.jobs,
        choices.alerts,
        choices.lesser_alerts
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes away what an account was told, and its person's name from what others were.
pub(crate) async fn remove_all(conn: &mut PgConnection, of: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.notifications WHERE account_id = $1", of.0).execute(&mut *conn).await?;
    sqlx::query!(
        r#"UPDATE platform.notifications SET actor_id = NULL, details = details || '{"by": "Somebody"}'
           WHERE actor_id = $1"#,
        of.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
