//! Queries on keys, in the organization's schema.

pub(crate) mod accounts;
mod ends;

use domain::api_keys::{ApiKey, EXPIRES_SOON, Holder, Issuer, KeyChange, KeyQuery, KeySecret, NEVER_USED, UNUSED};
use domain::ids::{AccountId, AlertId, ApiKeyId, GroupId, ServiceAccountId};
use domain::members::MemberStatus;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::policy::{Author, Networks, SecurityPolicy};
use domain::roles::{Permission, Permissions, RoleBook, RoleId};
use domain::text::{KeyName, ServiceAccountName};
use sqlx::PgConnection;
use sqlx::types::ipnet::IpNet;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use ends::{disown, forget, of_members, revoke, set_disabled, take_of_accounts};

use crate::error::Error;
use crate::paging::{Edge, SortKey};
use crate::store::TenantTx;

struct KeyRow {
    id: Uuid,
    name: String,
    hint: String,
    scopes: Vec<String>,
    networks: String,
    requests_per_minute: Option<i32>,
    created_by: Uuid,
    creator_name: Option<String>,
    created_at: OffsetDateTime,
    issued_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    former_until: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    disabled_by: Option<Uuid>,
    last_used_at: Option<OffsetDateTime>,
    last_used_ip: Option<IpNet>,
    used: Vec<String>,
    account_id: Option<Uuid>,
    account_name: Option<String>,
    account_disabled: bool,
    holder_id: Uuid,
    holder_name: Option<String>,
    holder_role: Option<String>,
    holder_status: Option<String>,
    holder_groups: Vec<Uuid>,
    issuer_id: Uuid,
    issuer_name: Option<String>,
    issuer_role: Option<String>,
    issuer_status: Option<String>,
    issuer_groups: Vec<Uuid>,
    total: i64,
}

impl KeyRow {
    /// The key, by the organization's roles and groups.
    fn key(self, book: &RoleBook) -> Result<ApiKey, Error> {
        let who = (self.holder_role.as_deref(), self.holder_status.as_deref());
        let held = held(who, self.holder_groups, book).filter(|_| !self.account_disabled);
        let account = self.account_id.map(ServiceAccountId).zip(self.account_name.map(ServiceAccountName::stored));
        let member = Author { id: AccountId(self.holder_id), name: self.holder_name };
        let who = (self.issuer_role.as_deref(), self.issuer_status.as_deref());
        let issuer = Issuer {
            held: self::held(who, self.issuer_groups, book),
            member: Author { id: AccountId(self.issuer_id), name: self.issuer_name },
        };
        Ok(ApiKey {
            id: ApiKeyId(self.id),
            name: KeyName::stored(self.name),
            hint: self.hint,
            holder: Holder { account, member, held },
            issuer,
            scopes: permissions(&self.scopes),
            networks: serde_json::from_str::<Networks>(&self.networks).map_err(Error::internal)?,
            requests_per_minute: self.requests_per_minute.and_then(|limit| limit.try_into().ok()),
            created_by: Author { id: AccountId(self.created_by), name: self.creator_name },
            created_at: self.created_at,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            former_until: self.former_until,
            revoked_at: self.revoked_at,
            disabled_by: self.disabled_by.map(AlertId),
            last_used_at: self.last_used_at,
            last_used_ip: self.last_used_ip.map(|ip| ip.addr().to_string()),
            used: permissions(&self.used),
        })
    }
}

/// What a member may do at present, if they may come in.
fn held((role, status): (Option<&str>, Option<&str>), groups: Vec<Uuid>, book: &RoleBook) -> Option<Permissions> {
    let is_active = status == Some(MemberStatus::Active.code());
    let role = role.filter(|_| is_active).and_then(RoleId::from_code)?;
    let groups: Vec<_> = groups.into_iter().map(GroupId).collect();
    Some(book.effective(role, &groups))
}

/// The permissions of these names. What an older or newer program knew, and this one does not, is none.
fn permissions(codes: &[String]) -> Permissions {
    codes.iter().filter_map(|code| Permission::from_code(code)).collect()
}

fn codes(permissions: Permissions) -> Vec<String> {
    permissions.iter().map(|permission| permission.code().to_owned()).collect()
}

/// The keys of some rows, with whoever answers for each and has made its secret.
macro_rules! select_keys {
    ($from:literal, $rest:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            KeyRow,
            $from
                + r#"SELECT k.id AS "id!", k.name AS "name!", k.hint AS "hint!", k.scopes AS "scopes!",
                          k.networks AS "networks!", k.requests_per_minute, k.created_by AS "created_by!",
                          c.name AS "creator_name?", k.created_at AS "created_at!", k.issued_at AS "issued_at!",
                          k.expires_at AS "expires_at!", k.former_until, k.revoked_at, k.disabled_by, k.last_used_at,
                          k.last_used_ip,
                          k.used AS "used!", a.id AS "account_id?", a.name AS "account_name?", a.disabled_at IS NOT NULL AS "account_disabled!",
                          coalesce(a.sponsor_id, k.created_by) AS "holder_id!", m.name AS "holder_name?",
                          m.role AS "holder_role?", m.status AS "holder_status?",
                          ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = m.account_id) AS "holder_groups!",
                          k.issued_by AS "issuer_id!", i.name AS "issuer_name?", i.role AS "issuer_role?",
                          i.status AS "issuer_status?",
                          ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = i.account_id) AS "issuer_groups!",
                          (SELECT count(*) FROM chosen) AS "total!"
                   FROM chosen k LEFT JOIN service_accounts a ON a.id = k.service_account_id
                        LEFT JOIN members m ON m.account_id = coalesce(a.sponsor_id, k.created_by)
                        LEFT JOIN members i ON i.account_id = k.issued_by
                        LEFT JOIN members c ON c.account_id = k.created_by "#
                + $rest,
            $($value),+
        )
    };
}

/// One key.
pub(crate) async fn lookup(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<ApiKey>, Error> {
    let book = tx.book().await?;
    let row = select_keys!("WITH chosen AS (SELECT * FROM api_keys WHERE id = $1) ", "LIMIT 1", id.0)
        .fetch_optional(tx.conn())
        .await?;
    row.map(|row| row.key(&book)).transpose()
}

/// As [`lookup`], with the key's row locked, by roles and groups that stay as they are.
pub(super) async fn lock(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<ApiKey>, Error> {
    tx.share_book().await?;
    sqlx::query!("SELECT id FROM api_keys WHERE id = $1 FOR UPDATE", id.0).fetch_optional(tx.conn()).await?;
    lookup(tx, id).await
}

/// A page of the keys that a query asks for and one more, newest first, and how many there are in all. When a key ends is
/// what `domain::api_keys::key_end` says.
pub(super) async fn list(
    tx: &mut TenantTx,
    query: &KeyQuery,
    policy: &SecurityPolicy,
    now: OffsetDateTime,
) -> Result<(Vec<ApiKey>, u64), Error> {
    let book = tx.book().await?;
    let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
    let edge = Edge::new(query.cursor.as_ref(), SortKey::Time, backwards);
    let hours = |days: u32| i32::try_from(24 * days).unwrap_or(i32::MAX);
    let (life, rotation) = (hours(policy.api_key_max_days), policy.key_rotation_days.map(hours));
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    macro_rules! page {
        ($rest:literal) => {
            select_keys!(
                "WITH chosen AS (
                     SELECT k.* FROM api_keys k LEFT JOIN service_accounts o ON o.id = k.service_account_id
                            CROSS JOIN LATERAL (
                                SELECT least(k.expires_at, k.created_at + make_interval(hours => $8),
                                             k.issued_at + make_interval(hours => $9)) AS at) ends
                     WHERE ($4::uuid IS NULL OR coalesce(o.sponsor_id, k.created_by) = $4)
                       AND ($5::uuid IS NULL OR k.service_account_id = $5)
                       AND CASE $6::text
                           WHEN 'all' THEN true
                           WHEN 'revoked' THEN k.revoked_at IS NOT NULL OR ends.at <= $7
                           WHEN 'expiring' THEN k.revoked_at IS NULL AND ends.at > $7 AND ends.at <= $10
                           WHEN 'unused' THEN k.revoked_at IS NULL AND ends.at > $7
                                AND coalesce(k.last_used_at <= $11, k.created_at <= $12)
                           ELSE k.revoked_at IS NULL AND ends.at > $7 END) ",
                $rest,
                edge.time,
                edge.id,
                limit,
                query.member.map(|member| member.0),
                query.account.map(|account| account.0),
                query.filter.code(),
                now,
                life,
                rotation,
                now + EXPIRES_SOON,
                now - UNUSED,
                now - NEVER_USED
            )
            .fetch_all(tx.conn())
            .await?
        };
    }
    let rows = if backwards {
        page!("WHERE (k.created_at, k.id) > ($1, $2) ORDER BY k.created_at, k.id LIMIT $3")
    } else {
        page!("WHERE (k.created_at, k.id) < ($1, $2) ORDER BY k.created_at DESC, k.id DESC LIMIT $3")
    };
    let total = rows.first().map_or(0, |row| row.total);
    let keys = rows.into_iter().map(|row| row.key(&book)).collect::<Result<_, _>>()?;
    Ok((keys, u64::try_from(total).unwrap_or(0)))
}

/// How many keys were not revoked and are not over.
pub(super) async fn count(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM api_keys WHERE revoked_at IS NULL AND expires_at > $1"#,
        now
    );
    Ok(u64::try_from(count.fetch_one(conn).await?).unwrap_or(0))
}

/// A key to be.
pub(crate) struct NewRow<'a> {
    pub(crate) id: ApiKeyId,
    pub(crate) key: &'a KeyChange,
    pub(crate) account: Option<ServiceAccountId>,
    pub(crate) by: AccountId,
    pub(crate) secret: &'a KeySecret,
    pub(crate) expires_at: OffsetDateTime,
}

/// Adds a key.
pub(crate) async fn add(conn: &mut PgConnection, row: &NewRow<'_>, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO api_keys (id, name, hint, service_account_id, created_by, issued_by, scopes, networks,
                               requests_per_minute, secret, created_at, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $10, $11)",
        row.id.0,
        row.key.name.as_str(),
        row.secret.hint(),
        row.account.map(|account| account.0),
        row.by.0,
        &codes(row.key.scopes),
        serde_json::to_string(&row.key.networks).map_err(Error::internal)?,
        limit(row.key),
        &row.secret.hash(),
        now,
        row.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn limit(key: &KeyChange) -> Option<i32> {
    key.requests_per_minute.and_then(|limit| i32::try_from(limit).ok())
}

/// Changes what of a key can be changed.
pub(super) async fn change(conn: &mut PgConnection, id: ApiKeyId, change: &KeyChange) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE api_keys SET name = $2, scopes = $3, networks = $4, requests_per_minute = $5 WHERE id = $1",
        id.0,
        change.name.as_str(),
        &codes(change.scopes),
        serde_json::to_string(&change.networks).map_err(Error::internal)?,
        limit(change)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a key, whose row is locked, another secret that somebody gets to see, and lets the one of before work until then, if
/// at all: its hash. One that was disabled is so no more.
pub(super) async fn renew(
    conn: &mut PgConnection,
    id: ApiKeyId,
    (secret, by): (&KeySecret, AccountId),
    former_until: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<Vec<u8>, Error> {
    let before = sqlx::query_scalar!("SELECT secret FROM api_keys WHERE id = $1", id.0).fetch_one(&mut *conn).await?;
    sqlx::query!(
        "UPDATE api_keys
         SET secret = $2, hint = $3, former = $4, former_until = $5, issued_at = $6, issued_by = $7, disabled_by = NULL,
             former_issued_by = CASE WHEN $4::bytea IS NOT NULL THEN issued_by END
         WHERE id = $1",
        id.0,
        &secret.hash(),
        secret.hint(),
        former_until.is_some().then_some(before.as_slice()),
        former_until,
        now,
        by.0
    )
    .execute(conn)
    .await?;
    Ok(before)
}
