//! Queries on those who may do something.

use domain::ids::AccountId;
use domain::roles::{Permission, RoleId};

use crate::error::Error;
use crate::store::TenantTx;

/// The most people who are told of something, or asked to look after it.
const HOLDERS: i64 = 200;

/// The active members who may do something, by name.
pub(crate) async fn holders(tx: &mut TenantTx, permission: Permission) -> Result<Vec<(AccountId, String)>, Error> {
    let (roles, groups) = tx.book().await?.who_can(permission);
    let roles: Vec<_> = roles.into_iter().map(RoleId::code).collect();
    let groups: Vec<_> = groups.into_iter().map(|group| group.0).collect();
    let rows = sqlx::query!(
        r#"SELECT account_id, name FROM members
           WHERE status = 'active'
             AND (role = ANY($1) OR EXISTS (SELECT FROM group_members g
                                            WHERE g.account_id = members.account_id AND g.group_id = ANY($2)))
           ORDER BY name COLLATE "und-x-icu", account_id LIMIT $3"#,
        &roles,
        &groups,
        HOLDERS
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row.name)).collect())
}
