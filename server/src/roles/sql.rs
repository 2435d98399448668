//! Queries on roles and groups, in the tenant's schema.

use domain::ids::{CustomRoleId, GroupId};
use domain::roles::{CustomRole, Group, Permission, RoleId, codes};
use domain::text::{GroupName, RoleName};
use sqlx::PgConnection;

use crate::error::Error;

/// The revision of the organization's roles and groups.
pub(crate) async fn revision(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT revision FROM role_book").fetch_one(conn).await?)
}

/// As [`revision`], which nobody moves until this transaction ends.
pub(crate) async fn share(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT revision FROM role_book FOR SHARE").fetch_one(conn).await?)
}

/// As [`share`], for whoever is going to change roles or groups: one at a time.
pub(crate) async fn lock(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT revision FROM role_book FOR UPDATE").fetch_one(conn).await?)
}

/// Says that roles or groups are others now.
pub(crate) async fn advance(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("UPDATE role_book SET revision = revision + 1").execute(conn).await?;
    Ok(())
}

/// All roles of the organization's own.
pub(super) async fn roles(conn: &mut PgConnection) -> Result<Vec<CustomRole>, Error> {
    let rows = sqlx::query!("SELECT id, name, description, permissions, parents, revision FROM roles");
    let rows = rows.fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(CustomRole {
                id: CustomRoleId(row.id),
                name: RoleName::stored(row.name),
                description: row.description,
                // What an older or newer program knew, and this one does not, holds nothing.
                permissions: row.permissions.iter().filter_map(|code| Permission::from_code(code)).collect(),
                parents: ids(&row.parents)?,
                revision: row.revision,
            })
        })
        .collect()
}

/// All groups.
pub(super) async fn groups(conn: &mut PgConnection) -> Result<Vec<Group>, Error> {
    let rows = sqlx::query!("SELECT id, name, description, roles, revision FROM groups").fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Group {
                id: GroupId(row.id),
                name: GroupName::stored(row.name),
                description: row.description,
                roles: ids(&row.roles)?,
                revision: row.revision,
            })
        })
        .collect()
}

fn ids(codes: &[String]) -> Result<Vec<RoleId>, Error> {
    let broken = || Error::internal("a role or group names a role that is none");
    codes.iter().map(|code| RoleId::from_code(code).ok_or_else(broken)).collect()
}

/// Writes a role down, in place of the one with its id if there is one. A name that another has violates `roles_name`.
pub(crate) async fn put_role(conn: &mut PgConnection, role: &CustomRole) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO roles (id, name, description, permissions, parents, revision) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE
         SET name = EXCLUDED.name, description = EXCLUDED.description, permissions = EXCLUDED.permissions,
             parents = EXCLUDED.parents, revision = EXCLUDED.revision",
        role.id.0,
        role.name.as_str(),
        role.description,
        &role.permissions.iter().map(|permission| permission.code().to_owned()).collect::<Vec<_>>(),
        &codes(&role.parents),
        role.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a role. One that somebody has violates `members_role`.
pub(super) async fn delete_role(conn: &mut PgConnection, id: CustomRoleId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM roles WHERE id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// How many members have each of these roles, and in how many open invitations each stands.
pub(super) async fn count_holders(conn: &mut PgConnection, roles: &[RoleId]) -> Result<Vec<(i64, i64)>, Error> {
    let codes = codes(roles);
    let rows = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM members m WHERE m.role = code) AS "members!",
                  (SELECT count(*) FROM invitations i WHERE i.role = code AND i.state = 'pending') AS "invitations!"
           FROM unnest($1::text[]) WITH ORDINALITY AS wanted (code, place) ORDER BY place"#,
        &codes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.members, row.invitations)).collect())
}

/// How many members have one of these roles, or are in one of these groups.
pub(super) async fn count_people(conn: &mut PgConnection, roles: &[RoleId], groups: &[GroupId]) -> Result<u64, Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM members m
           WHERE m.role = ANY($1)
              OR EXISTS (SELECT FROM group_members g WHERE g.account_id = m.account_id AND g.group_id = ANY($2))"#,
        &codes(roles),
        &groups
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
