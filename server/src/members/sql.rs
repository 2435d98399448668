//! Queries on members, in the tenant's schema.

use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::members::{Member, MemberQuery, MemberSort, MemberStatus};
use domain::paging::{Cursor, PAGE_SIZE};
use domain::roles::Role;
use domain::text::PersonName;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::paging::{Edge, SortKey, time_value};

struct MemberRow {
    account_id: Uuid,
    name: String,
    email: String,
    role: String,
    status: String,
    joined_at: OffsetDateTime,
    last_seen_at: Option<OffsetDateTime>,
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;

    fn try_from(row: MemberRow) -> Result<Self, Error> {
        let broken = || Error::internal("a member's row holds an unknown role or status");
        Ok(Self {
            id: AccountId(row.account_id),
            name: row.name,
            email: row.email,
            role: Role::from_code(&row.role).ok_or_else(broken)?,
            status: MemberStatus::from_code(&row.status).ok_or_else(broken)?,
            joined_at: row.joined_at,
            last_seen_at: row.last_seen_at,
        })
    }
}

/// One member.
pub(crate) async fn lookup(conn: &mut PgConnection, id: AccountId) -> Result<Option<Member>, Error> {
    sqlx::query_as!(
        MemberRow,
        "SELECT account_id, name, email, role, status, joined_at, last_seen_at FROM members WHERE account_id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Member::try_from)
    .transpose()
}

/// What the gate asks of one member, and the organization's revision.
pub(crate) async fn enter(conn: &mut PgConnection, id: AccountId) -> Result<Option<(Member, u64)>, Error> {
    let row = sqlx::query!(
        "SELECT account_id, name, email, role, status, joined_at, last_seen_at, size
         FROM members, audit_head WHERE account_id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let revision = u64::try_from(row.size).map_err(Error::internal)?;
    let member = Member::try_from(MemberRow {
        account_id: row.account_id,
        name: row.name,
        email: row.email,
        role: row.role,
        status: row.status,
        joined_at: row.joined_at,
        last_seen_at: row.last_seen_at,
    })?;
    Ok(Some((member, revision)))
}

/// Whether an address belongs to a member.
pub(crate) async fn has_email(conn: &mut PgConnection, email: &EmailAddress) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(r#"SELECT true AS "found!" FROM members WHERE email = $1 LIMIT 1"#, email.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// These members and every active owner, locked in one order for everybody.
pub(super) async fn lock(conn: &mut PgConnection, ids: &[AccountId]) -> Result<Vec<Member>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        MemberRow,
        "SELECT account_id, name, email, role, status, joined_at, last_seen_at FROM members
         WHERE account_id = ANY($1) OR (role = 'owner' AND status = 'active')
         ORDER BY account_id FOR UPDATE",
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Member::try_from)
    .collect()
}

/// Adds a member. One who is there already violates `members_pkey`.
pub(crate) async fn add(
    conn: &mut PgConnection,
    id: AccountId,
    name: &PersonName,
    email: &EmailAddress,
    role: Role,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO members (account_id, name, email, role, status, joined_at) VALUES ($1, $2, $3, $4, 'active', $5)",
        id.0,
        name.as_str(),
        email.as_str(),
        role.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn set_role(conn: &mut PgConnection, id: AccountId, role: Role) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET role = $2 WHERE account_id = $1", id.0, role.code()).execute(conn).await?;
    Ok(())
}

pub(super) async fn set_status(conn: &mut PgConnection, id: AccountId, status: MemberStatus) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET status = $2 WHERE account_id = $1", id.0, status.code()).execute(conn).await?;
    Ok(())
}

/// A member's name and address as they are kept here, which nobody else renews until this transaction ends.
pub(crate) async fn lock_copies(conn: &mut PgConnection, id: AccountId) -> Result<Option<(String, String)>, Error> {
    let row = sqlx::query!("SELECT name, email FROM members WHERE account_id = $1 FOR UPDATE", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.name, row.email)))
}

pub(crate) async fn renew_copies(
    conn: &mut PgConnection,
    id: AccountId,
    name: &PersonName,
    email: &EmailAddress,
) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET name = $2, email = $3 WHERE account_id = $1", id.0, name.as_str(), email.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether somebody is an active owner, and nobody else is.
pub(super) async fn is_only_owner(conn: &mut PgConnection, id: AccountId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM members m
           WHERE m.account_id = $1 AND m.role = 'owner' AND m.status = 'active' AND NOT EXISTS
               (SELECT FROM members o WHERE o.account_id <> $1 AND o.role = 'owner' AND o.status = 'active')"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

pub(super) async fn remove(conn: &mut PgConnection, id: AccountId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM members WHERE account_id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// The platform's side of a membership's end.
pub(super) async fn remove_membership(conn: &mut PgConnection, id: AccountId, tenant: TenantId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.memberships WHERE account_id = $1 AND tenant_id = $2", id.0, tenant.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that a member was here.
pub(crate) async fn seen(conn: &mut PgConnection, id: AccountId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET last_seen_at = $2 WHERE account_id = $1", id.0, now).execute(conn).await?;
    Ok(())
}

/// How many members match.
pub(super) async fn count(conn: &mut PgConnection, query: &MemberQuery, now: OffsetDateTime) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM members
           WHERE ($1::text IS NULL OR strpos(search, $1) > 0)
             AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)
             AND ($4::timestamptz IS NULL OR coalesce(last_seen_at, joined_at) <= $4)"#,
        search(query),
        query.role.map(Role::code),
        query.status.map(MemberStatus::code),
        seen_until(query, now)
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page's members and one more, each with the value that it is sorted by.
pub(super) async fn list(
    conn: &mut PgConnection,
    query: &MemberQuery,
    now: OffsetDateTime,
) -> Result<Vec<(Member, String)>, Error> {
    let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
    let ascending = query.descending == backwards;
    let key = match query.sort {
        MemberSort::Name | MemberSort::Role => SortKey::Text,
        MemberSort::LastSeen | MemberSort::Joined => SortKey::Time,
    };
    let edge = Edge::new(query.cursor.as_ref(), key, ascending);
    let (search, seen_until) = (search(query), seen_until(query, now));
    let (role, status) = (query.role.map(Role::code), query.status.map(MemberStatus::code));
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);

    // A checked statement for each order: nothing but these fixed texts varies.
    macro_rules! select {
        ($key:tt, $direction:tt, $beyond:tt, $edge:expr) => {
            sqlx::query_as!(
                MemberRow,
                "SELECT account_id, name, email, role, status, joined_at, last_seen_at FROM members
                 WHERE ("
                    + $key
                    + ", account_id) "
                    + $beyond
                    + " ($4, $5)
                   AND ($1::text IS NULL OR strpos(search, $1) > 0)
                   AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)
                   AND ($7::timestamptz IS NULL OR coalesce(last_seen_at, joined_at) <= $7)
                 ORDER BY "
                    + $key
                    + " "
                    + $direction
                    + ", account_id "
                    + $direction
                    + " LIMIT $6",
                search,
                role,
                status,
                $edge,
                edge.id,
                limit,
                seen_until
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = match (query.sort, ascending) {
        (MemberSort::Name, true) => select!(r#"name COLLATE "und-x-icu""#, "ASC", ">", edge.text),
        (MemberSort::Name, false) => select!(r#"name COLLATE "und-x-icu""#, "DESC", "<", edge.text),
        (MemberSort::Role, true) => select!("role", "ASC", ">", edge.text),
        (MemberSort::Role, false) => select!("role", "DESC", "<", edge.text),
        (MemberSort::LastSeen, true) => select!("coalesce(last_seen_at, 'epoch')", "ASC", ">", edge.time),
        (MemberSort::LastSeen, false) => select!("coalesce(last_seen_at, 'epoch')", "DESC", "<", edge.time),
        (MemberSort::Joined, true) => select!("joined_at", "ASC", ">", edge.time),
        (MemberSort::Joined, false) => select!("joined_at", "DESC", "<", edge.time),
    };
    rows.into_iter()
        .map(|row| {
            let member = Member::try_from(row)?;
            let key = sort_value(&member, query.sort);
            Ok((member, key))
        })
        .collect()
}

/// What a member is sorted by, as a cursor holds it.
fn sort_value(member: &Member, sort: MemberSort) -> String {
    match sort {
        MemberSort::Name => member.name.clone(),
        MemberSort::Role => member.role.code().to_owned(),
        MemberSort::LastSeen => time_value(member.last_seen_at.unwrap_or(OffsetDateTime::UNIX_EPOCH)),
        MemberSort::Joined => time_value(member.joined_at),
    }
}

/// When whoever is listed was seen last, if that matters.
fn seen_until(query: &MemberQuery, now: OffsetDateTime) -> Option<OffsetDateTime> {
    query.inactive.map(|inactive| inactive.seen_until(now))
}

/// What is searched for, in the lower case that the column `search` is in.
fn search(query: &MemberQuery) -> Option<String> {
    query.search.as_ref().map(|text| text.to_lowercase())
}
