//! Queries on groups, in the tenant's schema.

use domain::ids::{AccountId, GroupId};
use domain::roles::{Group, codes};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Error;

/// How many are in each group; none for those that are not named.
pub(super) async fn count_members(conn: &mut PgConnection) -> Result<Vec<(GroupId, u64)>, Error> {
    let rows = sqlx::query!(r#"SELECT group_id, count(*) AS "count!" FROM group_members GROUP BY group_id"#);
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (GroupId(row.group_id), u64::try_from(row.count).unwrap_or(0))).collect())
}

/// Writes a group down, in place of the one with its id if there is one. A name that another has violates `groups_name`.
pub(crate) async fn put(conn: &mut PgConnection, group: &Group) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO groups (id, name, description, roles, revision) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE
         SET name = EXCLUDED.name, description = EXCLUDED.description, roles = EXCLUDED.roles,
             revision = EXCLUDED.revision",
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

/// Deletes a group, and tells who was in it, and what they are called.
pub(super) async fn delete(conn: &mut PgConnection, id: GroupId) -> Result<Vec<(AccountId, String)>, Error> {
    let members = sqlx::query!(
        r#"WITH gone AS (DELETE FROM group_members WHERE group_id = $1 RETURNING account_id)
           SELECT m.account_id, m.name FROM gone JOIN members m USING (account_id) ORDER BY m.account_id"#,
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM groups WHERE id = $1", id.0).execute(conn).await?;
    Ok(members.into_iter().map(|row| (AccountId(row.account_id), row.name)).collect())
}

/// Puts members into a group. Who is in it stays.
pub(crate) async fn join(conn: &mut PgConnection, id: GroupId, members: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO group_members (account_id, group_id) SELECT account_id, $1 FROM unnest($2::uuid[]) AS account_id
         ON CONFLICT DO NOTHING",
        id.0,
        members
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes members out of a group: how many of them were in it.
pub(crate) async fn leave(conn: &mut PgConnection, id: GroupId, members: &[Uuid]) -> Result<u64, Error> {
    let gone = sqlx::query!("DELETE FROM group_members WHERE group_id = $1 AND account_id = ANY($2)", id.0, members)
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
