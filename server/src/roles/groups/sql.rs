//! Queries on groups, in the tenant's schema.

use domain::ids::{AccountId, GroupId};
use domain::roles::{Group, RoleId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;

fn codes(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(|role| role.code()).collect()
}

/// How many are in each group; none for those that are not named.
pub(super) async fn count_members(conn: &mut PgConnection) -> Result<Vec<(GroupId, u64)>, Error> {
    let rows = sqlx::query!(r#"SELECT group_id, count(*) AS "count!" FROM group_members GROUP BY group_id"#);
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (GroupId(row.group_id), u64::try_from(row.count).unwrap_or(0))).collect())
}

/// Adds a group. A name that another has violates `groups_name`.
pub(super) async fn add(conn: &mut PgConnection, group: &Group) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO groups (id, name, description, roles, revision) VALUES ($1, $2, $3, $4, $5)",
        group.id.0,
        group.name.as_str(),
        group.description,
        &codes(&group.roles),
        group.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves a group in place of the one with its id. A name that another has violates `groups_name`.
pub(super) async fn save(conn: &mut PgConnection, group: &Group) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE groups SET name = $2, description = $3, roles = $4, revision = $5 WHERE id = $1",
        group.id.0,
        group.name.as_str(),
        group.description,
        &codes(&group.roles),
        group.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a group, and tells who was in it.
pub(super) async fn delete(conn: &mut PgConnection, id: GroupId) -> Result<Vec<Uuid>, Error> {
    let members = sqlx::query_scalar!("DELETE FROM group_members WHERE group_id = $1 RETURNING account_id", id.0)
        .fetch_all(&mut *conn)
        .await?;
    sqlx::query!("DELETE FROM groups WHERE id = $1", id.0).execute(conn).await?;
    Ok(members)
}

/// Puts somebody into a group.
pub(super) async fn join(conn: &mut PgConnection, id: GroupId, account: AccountId) -> Result<(), Error> {
    sqlx::query!("INSERT INTO group_members (account_id, group_id) VALUES ($1, $2)", account.0, id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes somebody out of a group; false when they are not in it.
pub(super) async fn leave(conn: &mut PgConnection, id: GroupId, account: AccountId) -> Result<bool, Error> {
    let gone = sqlx::query!("DELETE FROM group_members WHERE account_id = $1 AND group_id = $2", account.0, id.0)
        .execute(conn)
        .await?;
    Ok(gone.rows_affected() > 0)
}
