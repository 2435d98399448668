//! Queries on those who call: in the platform's tables where a secret stands, and in the organization's what it opens.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use domain::ids::{AccountId, ApiKeyId, GroupId, TenantId};
use domain::members::MemberStatus;
use domain::organizations::TenantStatus;
use domain::policy::Networks;
use domain::roles::{Permission, Permissions, RoleId};
use sqlx::types::ipnet::IpNet;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Hash, Standing};
use crate::error::Error;
use crate::store::TenantRef;

/// Where secrets stand, as far as there are such.
pub(super) async fn standings(pool: &PgPool, hashes: &[Hash]) -> Result<HashMap<Hash, Arc<Standing>>, Error> {
    let rows = sqlx::query!(
        "SELECT k.hash, k.key_id, k.ends_at, e.epoch, t.id, t.name, t.slug, t.status, t.lane, t.schema_version
         FROM platform.api_keys k JOIN platform.key_epochs e ON e.tenant_id = k.tenant_id
              JOIN platform.tenants t ON t.id = k.tenant_id
         WHERE k.hash = ANY($1)",
        &hashes.iter().map(|hash| hash.to_vec()).collect::<Vec<_>>()
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let hash = row.hash.try_into().map_err(|_| Error::internal("a key's hash is not as long as one"))?;
            let tenant = TenantRef {
                id: TenantId(row.id),
                name: row.name,
                slug: row.slug,
                status: TenantStatus::from_code(&row.status).unwrap_or(TenantStatus::Suspended),
                lane: u16::try_from(row.lane).unwrap_or(0),
                schema_version: row.schema_version,
            };
            let standing = Standing { key: ApiKeyId(row.key_id), tenant, ends_at: row.ends_at, epoch: row.epoch };
            Ok((hash, Arc::new(standing)))
        })
        .collect()
}

/// A member on whom a key depends, as far as they are one.
pub(super) struct Behind {
    pub(super) role: Option<RoleId>,
    pub(super) status: Option<MemberStatus>,
    pub(super) groups: Vec<GroupId>,
}

/// A key, who answers for it and has made its secret, and where the organization's roles and policy stand.
pub(super) struct KeyRow {
    pub(super) name: String,
    pub(super) scopes: Permissions,
    pub(super) networks: Networks,
    pub(super) requests_per_minute: Option<u32>,
    pub(super) secret: Vec<u8>,
    pub(super) former: Option<Vec<u8>>,
    pub(super) former_until: Option<OffsetDateTime>,
    pub(super) created_at: OffsetDateTime,
    pub(super) issued_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
    pub(super) is_revoked: bool,
    /// Whether it is disabled, or its service account.
    pub(super) is_disabled: bool,
    /// Whoever answers for it.
    pub(super) holder: Behind,
    /// Whoever has made the secret that was asked about.
    pub(super) issuer: Behind,
    pub(super) enforced: i64,
    pub(super) role_revision: i64,
}

/// One key, with this secret. The tables of one row are asked for it by its key, as the gate does.
pub(super) async fn lookup(conn: &mut PgConnection, id: ApiKeyId, hash: &Hash) -> Result<Option<KeyRow>, Error> {
    let row = sqlx::query!(
        r#"SELECT k.name AS "name!", k.scopes AS "scopes!", k.networks AS "networks!", k.requests_per_minute,
                  k.secret AS "secret!", k.former, k.former_until, k.created_at AS "created_at!",
                  k.issued_at AS "issued_at!", k.expires_at AS "expires_at!", k.revoked_at IS NOT NULL AS "is_revoked!",
                  (a.disabled_at IS NOT NULL OR k.disabled_by IS NOT NULL) AS "is_disabled!",
                  m.role AS "role?", m.status AS "status?",
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = m.account_id) AS "groups!",
                  i.role AS "issuer_role?", i.status AS "issuer_status?",
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = i.account_id) AS "issuer_groups!",
                  enforced, role_book.revision AS role_revision
           FROM api_keys k LEFT JOIN service_accounts a ON a.id = k.service_account_id
                LEFT JOIN members m ON m.account_id = coalesce(a.sponsor_id, k.created_by)
                LEFT JOIN members i
                       ON i.account_id = CASE WHEN k.former = $2 THEN k.former_issued_by ELSE k.issued_by END,
                policy_head, role_book
           WHERE k.id = $1 AND policy_head.id = 1 AND role_book.id = 1"#,
        id.0,
        &hash[..]
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KeyRow {
        name: row.name,
        // What an older or newer program knew, and this one does not, is no scope.
        scopes: row.scopes.iter().filter_map(|code| Permission::from_code(code)).collect(),
        networks: serde_json::from_str(&row.networks).map_err(Error::internal)?,
        requests_per_minute: row.requests_per_minute.and_then(|limit| limit.try_into().ok()),
        secret: row.secret,
        former: row.former,
        former_until: row.former_until,
        created_at: row.created_at,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        is_revoked: row.is_revoked,
        is_disabled: row.is_disabled,
        holder: behind((row.role, row.status), row.groups),
        issuer: behind((row.issuer_role, row.issuer_status), row.issuer_groups),
        enforced: row.enforced,
        role_revision: row.role_revision,
    }))
}

fn behind((role, status): (Option<String>, Option<String>), groups: Vec<Uuid>) -> Behind {
    Behind {
        role: role.as_deref().and_then(RoleId::from_code),
        status: status.as_deref().and_then(MemberStatus::from_code),
        groups: groups.into_iter().map(GroupId).collect(),
    }
}

/// What was known of a key's use before.
pub(crate) struct Before {
    /// The networks from which it was used, the latest last.
    pub(super) networks: Vec<IpNet>,
    /// The member for whom it acts; none for a service account's.
    pub(super) account: Option<AccountId>,
}

/// Notes when and from where a key was used last, and which permissions it has used since that was noted before.
/// Gives what is known of its networks; nothing, when there is no such key any more.
pub(crate) async fn note_use(
    conn: &mut PgConnection,
    id: ApiKeyId,
    at: OffsetDateTime,
    ip: Option<IpAddr>,
    used: Permissions,
) -> Result<Option<Before>, Error> {
    let row = sqlx::query!(
        r#"UPDATE api_keys
         SET last_used_at = greatest(last_used_at, $2), last_used_ip = $3::inet,
             used = ARRAY(SELECT DISTINCT code FROM unnest(used || $4::text[]) AS u (code) ORDER BY code)
         WHERE id = $1
         RETURNING used_from AS "networks!", CASE WHEN service_account_id IS NULL THEN created_by END AS "account?""#,
        id.0,
        at,
        ip.map(IpNet::from),
        &used.iter().map(|permission| permission.code().to_owned()).collect::<Vec<_>>()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Before { networks: row.networks, account: row.account.map(AccountId) }))
}

/// Notes from which networks a key, whose row is locked, was used.
pub(super) async fn note_networks(conn: &mut PgConnection, id: ApiKeyId, networks: &[IpNet]) -> Result<(), Error> {
    sqlx::query!("UPDATE api_keys SET used_from = $2 WHERE id = $1", id.0, networks).execute(conn).await?;
    Ok(())
}
