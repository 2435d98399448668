//! Queries on service accounts.

use domain::api_keys::{NewServiceAccount, ServiceAccount};
use domain::ids::{AccountId, ServiceAccountId};
use domain::policy::Author;
use domain::roles::{Permissions, RoleBook};
use domain::text::ServiceAccountName;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{held, permissions};
use crate::error::Error;
use crate::store::TenantTx;

struct AccountRow {
    id: Uuid,
    name: String,
    description: String,
    sponsor_id: Uuid,
    sponsor_name: Option<String>,
    sponsor_role: Option<String>,
    sponsor_status: Option<String>,
    sponsor_groups: Vec<Uuid>,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
    keys: i64,
}

impl AccountRow {
    /// The service account, by the organization's roles and groups.
    fn account(self, book: &RoleBook) -> ServiceAccount {
        let who = (self.sponsor_role.as_deref(), self.sponsor_status.as_deref());
        ServiceAccount {
            held: held(who, self.sponsor_groups, book),
            id: ServiceAccountId(self.id),
            name: ServiceAccountName::stored(self.name),
            description: self.description,
            sponsor: Author { id: AccountId(self.sponsor_id), name: self.sponsor_name },
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            keys: u64::try_from(self.keys).unwrap_or(0),
        }
    }
}

macro_rules! select_accounts {
    ($rest:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            AccountRow,
            r#"SELECT a.id, a.name, a.description, a.sponsor_id, m.name AS "sponsor_name?", m.role AS "sponsor_role?",
                      m.status AS "sponsor_status?",
                      ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = a.sponsor_id) AS "sponsor_groups!",
                      a.created_at, a.disabled_at,
                      (SELECT count(*) FROM api_keys k
                       WHERE k.service_account_id = a.id AND k.revoked_at IS NULL) AS "keys!"
               FROM service_accounts a LEFT JOIN members m ON m.account_id = a.sponsor_id "#
                + $rest
            $(, $value)*
        )
    };
}

/// All of them, by name.
pub(in crate::api_keys) async fn list(tx: &mut TenantTx) -> Result<Vec<ServiceAccount>, Error> {
    let book = tx.book().await?;
    let rows = select_accounts!(r#"ORDER BY a.name COLLATE "und-x-icu", a.id"#).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.account(&book)).collect())
}

/// One of them.
pub(in crate::api_keys) async fn lookup(
    tx: &mut TenantTx,
    id: ServiceAccountId,
) -> Result<Option<ServiceAccount>, Error> {
    let book = tx.book().await?;
    let row = select_accounts!("WHERE a.id = $1", id.0).fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| row.account(&book)))
}

/// As [`lookup`], with its row locked.
pub(in crate::api_keys) async fn lock(
    tx: &mut TenantTx,
    id: ServiceAccountId,
) -> Result<Option<ServiceAccount>, Error> {
    sqlx::query!("SELECT id FROM service_accounts WHERE id = $1 FOR UPDATE", id.0).fetch_optional(tx.conn()).await?;
    lookup(tx, id).await
}

/// All scopes of a service account's keys that may work.
pub(in crate::api_keys) async fn scopes_of(
    conn: &mut PgConnection,
    id: ServiceAccountId,
    now: OffsetDateTime,
) -> Result<Permissions, Error> {
    let codes = sqlx::query_scalar!(
        r#"SELECT DISTINCT s.code AS "code!" FROM api_keys k CROSS JOIN LATERAL unnest(k.scopes) AS s (code)
           WHERE k.service_account_id = $1 AND k.revoked_at IS NULL AND k.expires_at > $2"#,
        id.0,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(permissions(&codes))
}

/// How many there are.
pub(in crate::api_keys) async fn count(conn: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM service_accounts"#).fetch_one(conn).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Adds one. A name that another has violates `service_accounts_name`.
pub(crate) async fn add(
    conn: &mut PgConnection,
    id: ServiceAccountId,
    new: &NewServiceAccount,
    sponsor: AccountId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO service_accounts (id, name, description, sponsor_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        new.name.as_str(),
        new.description,
        sponsor.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives one another name and description, as [`add`].
pub(in crate::api_keys) async fn change(
    conn: &mut PgConnection,
    id: ServiceAccountId,
    name: &ServiceAccountName,
    description: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE service_accounts SET name = $2, description = $3 WHERE id = $1",
        id.0,
        name.as_str(),
        description
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Disables or enables one.
pub(in crate::api_keys) async fn set_disabled(
    conn: &mut PgConnection,
    id: ServiceAccountId,
    at: Option<OffsetDateTime>,
) -> Result<(), Error> {
    sqlx::query!("UPDATE service_accounts SET disabled_at = $2 WHERE id = $1", id.0, at).execute(conn).await?;
    Ok(())
}

/// Lets another member stand for one.
pub(in crate::api_keys) async fn set_sponsor(
    conn: &mut PgConnection,
    id: ServiceAccountId,
    sponsor: AccountId,
) -> Result<(), Error> {
    sqlx::query!("UPDATE service_accounts SET sponsor_id = $2 WHERE id = $1", id.0, sponsor.0).execute(conn).await?;
    Ok(())
}
