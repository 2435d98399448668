//! Queries on many members at once.

use domain::ids::{AccountId, GroupId, JobId, TenantId};
use domain::members::{MemberQuery, MemberStatus};
use domain::policy::SignInPolicy;
use domain::roles::{GrantedRole, Permissions, RoleBook, RoleId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::matching::{Conditions, matching};
use crate::error::Error;
use crate::store::TenantTx;

/// Members who are alike as far as it matters for what may be done to them.
pub(in crate::members) struct Alike {
    pub(in crate::members) role: GrantedRole,
    pub(in crate::members) groups: Vec<GroupId>,
    /// All that they may do.
    pub(in crate::members) permissions: Permissions,
    pub(in crate::members) status: MemberStatus,
    pub(in crate::members) is_oneself: bool,
    pub(in crate::members) count: u64,
}

/// Some members, by their ids, or all that a query asks for.
pub(in crate::members) struct Selected<'a> {
    pub(in crate::members) ids: Option<&'a [AccountId]>,
    pub(in crate::members) query: &'a MemberQuery,
    pub(in crate::members) policy: &'a SignInPolicy,
    pub(in crate::members) now: OffsetDateTime,
}

impl Selected<'_> {
    fn parts(&self, book: &RoleBook) -> (Option<Vec<Uuid>>, Conditions) {
        let ids = self.ids.map(|ids| ids.iter().map(|id| id.0).collect());
        (ids, Conditions::of(self.query, self.policy, book, self.now))
    }
}

/// How many of the selected members there are of each kind.
pub(in crate::members) async fn tally(
    tx: &mut TenantTx,
    selected: &Selected<'_>,
    oneself: AccountId,
) -> Result<Vec<Alike>, Error> {
    let book = tx.book().await?;
    let (ids, conditions) = selected.parts(&book);
    let rows = matching!(
        query,
        [] [r#"SELECT role AS "role!", status AS "status!", is_oneself AS "is_oneself!", groups AS "groups!",
                      count(*) AS "count!"
               FROM (SELECT role, status, account_id = $13 AS is_oneself,
                            ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id
                                  ORDER BY group_id) AS groups
                     FROM members WHERE ($12::uuid[] IS NULL OR account_id = ANY($12)) AND "#]
        [+ ") alike GROUP BY role, status, is_oneself, groups"] conditions,
        ids.as_deref(),
        oneself.0
    )
    .fetch_all(tx.conn())
    .await?;
    let broken = || Error::internal("a member's row holds an unknown role or status");
    rows.into_iter()
        .map(|row| {
            let role = RoleId::from_code(&row.role).ok_or_else(broken)?;
            let groups: Vec<_> = row.groups.into_iter().map(GroupId).collect();
            Ok(Alike {
                permissions: book.effective(role, &groups),
                role: book.role(role),
                groups,
                status: MemberStatus::from_code(&row.status).ok_or_else(broken)?,
                is_oneself: row.is_oneself,
                count: u64::try_from(row.count).unwrap_or(0),
            })
        })
        .collect()
}

/// The first of the selected members by name, for people to see whom they have selected.
pub(in crate::members) async fn first_names(
    tx: &mut TenantTx,
    selected: &Selected<'_>,
    most: i64,
) -> Result<Vec<String>, Error> {
    let book = tx.book().await?;
    let (ids, conditions) = selected.parts(&book);
    let names = matching!(
        query_scalar,
        [] ["SELECT name FROM members WHERE ($12::uuid[] IS NULL OR account_id = ANY($12)) AND "]
        [+ r#" ORDER BY name COLLATE "und-x-icu", account_id LIMIT $13"#] conditions,
        ids.as_deref(),
        most
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(names)
}

/// Writes down the selected members as the rows of a job, in the order in which they are locked.
pub(in crate::members) async fn note(
    tx: &mut TenantTx,
    selected: &Selected<'_>,
    job: JobId,
    wish: Option<&str>,
) -> Result<(), Error> {
    let book = tx.book().await?;
    let (ids, conditions) = selected.parts(&book);
    matching!(
        query,
        [] ["INSERT INTO job_rows (job_id, seq, member_id, name, email, wish, outcome)
             SELECT $13, row_number() OVER (ORDER BY account_id), account_id, name, email, $14, 'pending' FROM members
             WHERE ($12::uuid[] IS NULL OR account_id = ANY($12)) AND "]
        [] conditions,
        ids.as_deref(),
        job.0,
        wish
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What is to become of somebody: the code of a role or of a status.
pub(in crate::members) type Change = (AccountId, String);

fn parts(changes: &[Change]) -> (Vec<Uuid>, Vec<String>) {
    changes.iter().map(|(id, code)| (id.0, code.clone())).unzip()
}

pub(in crate::members) async fn set_roles(conn: &mut PgConnection, changes: &[Change]) -> Result<(), Error> {
    let (ids, roles) = parts(changes);
    sqlx::query!(
        "UPDATE members SET role = change.role FROM unnest($1::uuid[], $2::text[]) AS change (id, role)
         WHERE account_id = change.id",
        &ids,
        &roles
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives members another status. Whom somebody lets in again, no alert has suspended any more.
pub(in crate::members) async fn set_states(conn: &mut PgConnection, changes: &[Change]) -> Result<(), Error> {
    let (ids, states) = parts(changes);
    sqlx::query!(
        "WITH change AS (
             SELECT id, status FROM unnest($1::uuid[], $2::text[]) AS change (id, status)
         ), theirs AS (
             SELECT id FROM alerts
             WHERE suspended AND account_id IN (SELECT change.id FROM change WHERE change.status = 'active')
             ORDER BY id FOR UPDATE
         ), released AS (
             UPDATE alerts SET suspended = false WHERE id IN (SELECT id FROM theirs)
         )
         UPDATE members SET status = change.status FROM change WHERE account_id = change.id",
        &ids,
        &states
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends the access of members for all sessions of now.
pub(in crate::members) async fn end_access_of(
    conn: &mut PgConnection,
    ids: &[Uuid],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET access_ended_at = $2 WHERE account_id = ANY($1)", ids, now).execute(conn).await?;
    Ok(())
}

pub(in crate::members) async fn remove_all(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "WITH theirs AS (SELECT id FROM alerts WHERE account_id = ANY($1) AND suspended ORDER BY id FOR UPDATE),
              released AS (UPDATE alerts SET suspended = false WHERE id IN (SELECT id FROM theirs))
         DELETE FROM members WHERE account_id = ANY($1)",
        ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The platform's side of the end of memberships.
pub(in crate::members) async fn remove_memberships(
    conn: &mut PgConnection,
    ids: &[Uuid],
    tenant: TenantId,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.memberships WHERE account_id = ANY($1) AND tenant_id = $2", ids, tenant.0)
        .execute(conn)
        .await?;
    Ok(())
}
