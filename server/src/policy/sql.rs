//! Queries on the policy and its versions, in the organization's schema.

pub(super) mod exceptions;
pub(super) mod owners;
pub(super) mod reminders;
pub(super) mod visits;

use domain::ids::AccountId;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::policy::{Author, PolicyVersion, SecurityPolicy};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// Which version is in force, and which is being worked on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The newest version's number.
    pub(crate) newest: i64,
    pub(crate) enforced: i64,
    pub(crate) draft: Option<i64>,
    pub(crate) mfa_since: Option<OffsetDateTime>,
    /// The version that is tried beside the one in force.
    pub(crate) tried: Option<i64>,
    pub(crate) tried_since: Option<OffsetDateTime>,
    /// When so many members are kept out before that time, that version comes back.
    pub(crate) alarm_people: Option<i32>,
    pub(crate) alarm_until: Option<OffsetDateTime>,
    pub(crate) alarm_back: Option<i64>,
}

/// The head.
pub(super) async fn head(conn: &mut PgConnection) -> Result<Head, Error> {
    Ok(sqlx::query_as!(
        Head,
        "SELECT newest, enforced, draft, mfa_since, tried, tried_since, alarm_people, alarm_until, alarm_back FROM policy_head WHERE id = 1"
    )
    .fetch_one(conn)
    .await?)
}

/// The head, which nobody else can change until this transaction ends.
pub(super) async fn lock(conn: &mut PgConnection) -> Result<Head, Error> {
    Ok(sqlx::query_as!(
        Head,
        "SELECT newest, enforced, draft, mfa_since, tried, tried_since, alarm_people, alarm_until, alarm_back FROM policy_head WHERE id = 1 FOR UPDATE"
    )
    .fetch_one(conn)
    .await?)
}

/// Puts another head in place of the one before.
pub(super) async fn save(conn: &mut PgConnection, head: &Head) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE policy_head
         SET newest = $1, enforced = $2, draft = $3, mfa_since = $4, tried = $5, tried_since = $6,
             alarm_people = $7, alarm_until = $8, alarm_back = $9 WHERE id = 1",
        head.newest,
        head.enforced,
        head.draft,
        head.mfa_since,
        head.tried,
        head.tried_since,
        head.alarm_people,
        head.alarm_until,
        head.alarm_back
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn read(text: &str) -> Result<SecurityPolicy, Error> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// The document of a version.
pub(super) async fn document(conn: &mut PgConnection, version: i64) -> Result<Option<SecurityPolicy>, Error> {
    let text = sqlx::query_scalar!("SELECT settings FROM policy_versions WHERE version = $1", version);
    text.fetch_optional(conn).await?.as_deref().map(read).transpose()
}

/// Notes that somebody was kept out: how many were until now.
pub(super) async fn count_kept_out(conn: &mut PgConnection, account: AccountId) -> Result<i64, Error> {
    sqlx::query!("INSERT INTO policy_alarm (account_id) VALUES ($1) ON CONFLICT DO NOTHING", account.0)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM policy_alarm"#).fetch_one(conn).await?)
}

/// Forgets who was kept out.
pub(super) async fn forget_kept_out(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("DELETE FROM policy_alarm").execute(conn).await?;
    Ok(())
}

/// A version to be.
pub(super) struct NewVersion<'a> {
    pub(super) number: i64,
    pub(super) policy: &'a SecurityPolicy,
    /// Nobody, where it comes back by itself.
    pub(super) author: Option<AccountId>,
    pub(super) restores: Option<i64>,
}

/// Keeps a version.
pub(super) async fn add_version(
    conn: &mut PgConnection,
    version: &NewVersion<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO policy_versions (version, settings, author_id, restores, created_at) VALUES ($1, $2, $3, $4, $5)",
        version.number,
        serde_json::to_string(version.policy).map_err(Error::internal)?,
        version.author.map(|author| author.0),
        version.restores,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a version is in force from now on: by whom, and why.
pub(super) async fn note_enforced(
    conn: &mut PgConnection,
    version: i64,
    by: Option<AccountId>,
    reason: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE policy_versions SET enforced_at = $3, enforced_by = $2, reason = $4 WHERE version = $1",
        version,
        by.map(|by| by.0),
        now,
        reason
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
    enforced_at: Option<OffsetDateTime>,
    enforced_by: Option<Uuid>,
    enforcer_name: Option<String>,
    reason: Option<String>,
    restores: Option<i64>,
    created_at: OffsetDateTime,
}

fn author(id: Option<Uuid>, name: Option<String>) -> Option<Author> {
    id.map(|id| Author { id: AccountId(id), name })
}

impl TryFrom<VersionRow> for PolicyVersion {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self, Error> {
        Ok(Self {
            number: row.version,
            policy: read(&row.settings)?,
            before: row.before.as_deref().map(read).transpose()?,
            author: author(row.author_id, row.author_name),
            created_at: row.created_at,
            enforced_at: row.enforced_at,
            enforced_by: author(row.enforced_by, row.enforcer_name),
            reason: row.reason,
            restores: row.restores,
        })
    }
}

/// How many versions are kept.
pub(super) async fn count_versions(conn: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM policy_versions"#).fetch_one(conn).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The versions of a condition, with what was in force before each: before it was itself, or now. Where short ones are
/// asked for, those with long lists of networks come without.
macro_rules! select_versions {
    ($condition:literal, $($value:expr),+) => {
        sqlx::query_as!(
            VersionRow,
            r#"SELECT version, author_id, a.name AS "author_name?", enforced_at, enforced_by,
                      e.name AS "enforcer_name?", reason, restores, created_at,
                      CASE WHEN $1 AND large THEN (v.settings::jsonb - 'networks')::text ELSE v.settings END AS "settings!",
                      CASE WHEN $1 AND large THEN (b.settings::jsonb - 'networks')::text ELSE b.settings END AS before
               FROM policy_versions v LEFT JOIN members a ON a.account_id = v.author_id
                    LEFT JOIN members e ON e.account_id = v.enforced_by
                    LEFT JOIN LATERAL (
                        SELECT settings FROM policy_versions o
                        WHERE o.enforced_at IS NOT NULL AND o.version <> v.version
                          AND (v.enforced_at IS NULL OR (o.enforced_at, o.version) < (v.enforced_at, v.version))
                        ORDER BY o.enforced_at DESC, o.version DESC LIMIT 1) b ON true
                    CROSS JOIN LATERAL (
                        SELECT greatest(length(v.settings), length(b.settings)) > 16384 AS large) l
               WHERE "#
                + $condition,
            $($value),+
        )
    };
}

/// A page of versions and one more, the newest first.
pub(super) async fn list_versions(
    conn: &mut PgConnection,
    cursor: Option<&Cursor>,
) -> Result<Vec<PolicyVersion>, Error> {
    let number = |id: &str| id.parse().ok();
    let most = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let rows = match cursor {
        Some(Cursor::Before(_, id)) => {
            let edge = number(id).unwrap_or(i64::MIN);
            select_versions!("version > $2 ORDER BY version LIMIT $3", true, edge, most).fetch_all(conn).await?
        }
        cursor => {
            let edge = match cursor {
                Some(Cursor::After(_, id)) => number(id).unwrap_or(i64::MAX),
                _ => i64::MAX,
            };
            select_versions!("version < $2 ORDER BY version DESC LIMIT $3", true, edge, most).fetch_all(conn).await?
        }
    };
    rows.into_iter().map(PolicyVersion::try_from).collect()
}

/// One version.
pub(super) async fn lookup_version(conn: &mut PgConnection, number: i64) -> Result<Option<PolicyVersion>, Error> {
    let row = select_versions!("version = $2", false, number).fetch_optional(conn).await?;
    row.map(PolicyVersion::try_from).transpose()
}
