//! Queries on the list of members.

use domain::members::{Member, MemberQuery, MemberSort, MemberStatus, MfaFilter};
use domain::paging::{Cursor, PAGE_SIZE};
use domain::policy::{Methods, SignInPolicy};
use domain::roles::{RoleBook, RoleId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::MemberRow;
use crate::error::Error;
use crate::paging::{Edge, SortKey, time_value};
use crate::store::TenantTx;

/// How many members match.
pub(in crate::members) async fn count(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
) -> Result<u64, Error> {
    let mfa = MfaCondition::of(query, policy);
    let can = CanCondition::of(query, &*tx.book().await?);
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM members
           WHERE ($1::text IS NULL OR strpos(search, $1) > 0)
             AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)
             AND ($4::timestamptz IS NULL OR coalesce(last_seen_at, joined_at) <= $4)
             AND ($5::boolean IS NULL OR (passkey AND $6 OR authenticator AND $7) = $5)
             AND ($8::uuid IS NULL
                  OR EXISTS (SELECT FROM group_members g WHERE g.account_id = members.account_id AND g.group_id = $8))
             AND ($9::text[] IS NULL OR role = ANY($9)
                  OR EXISTS (SELECT FROM group_members g WHERE g.account_id = members.account_id AND g.group_id = ANY($10)))"#,
        search(query),
        query.role.map(RoleId::code),
        query.status.map(MemberStatus::code),
        seen_until(query, now),
        mfa.has,
        mfa.methods.passkey,
        mfa.methods.authenticator,
        query.group.map(|group| group.0),
        can.roles.as_deref(),
        &can.groups
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page's members and one more, each with the value that it is sorted by.
pub(in crate::members) async fn list(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
) -> Result<Vec<(Member, String)>, Error> {
    let mfa = MfaCondition::of(query, policy);
    let book = tx.book().await?;
    let can = CanCondition::of(query, &book);
    let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
    let ascending = query.descending == backwards;
    let key = match query.sort {
        MemberSort::Name | MemberSort::Role => SortKey::Text,
        MemberSort::LastSeen | MemberSort::Joined => SortKey::Time,
    };
    let edge = Edge::new(query.cursor.as_ref(), key, ascending);
    let (search, seen_until) = (search(query), seen_until(query, now));
    let (role, status) = (query.role.map(RoleId::code), query.status.map(MemberStatus::code));
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);

    // A checked statement for each order: nothing but these fixed texts varies.
    macro_rules! select {
        ($key:tt, $direction:tt, $beyond:tt, $edge:expr) => {
            sqlx::query_as!(
                MemberRow,
                r#"SELECT account_id, name, email, role, status, joined_at, last_seen_at, authenticator, passkey,
                        access_ended_at,
                        ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
                 FROM members
                 WHERE ("#
                    + $key
                    + ", account_id) "
                    + $beyond
                    + " ($4, $5)
                   AND ($1::text IS NULL OR strpos(search, $1) > 0)
                   AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)
                   AND ($7::timestamptz IS NULL OR coalesce(last_seen_at, joined_at) <= $7)
                   AND ($8::boolean IS NULL OR (passkey AND $9 OR authenticator AND $10) = $8)
                   AND ($11::uuid IS NULL
                        OR EXISTS (SELECT FROM group_members g
                                   WHERE g.account_id = members.account_id AND g.group_id = $11))
                   AND ($12::text[] IS NULL OR role = ANY($12)
                        OR EXISTS (SELECT FROM group_members g
                                   WHERE g.account_id = members.account_id AND g.group_id = ANY($13)))
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
                seen_until,
                mfa.has,
                mfa.methods.passkey,
                mfa.methods.authenticator,
                query.group.map(|group| group.0),
                can.roles.as_deref(),
                &can.groups
            )
            .fetch_all(tx.conn())
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
            let member = row.member(&book)?;
            let key = sort_value(&member, query.sort);
            Ok((member, key))
        })
        .collect()
}

/// What a member is sorted by, as a cursor holds it.
fn sort_value(member: &Member, sort: MemberSort) -> String {
    match sort {
        MemberSort::Name => member.name.clone(),
        MemberSort::Role => member.role.code(),
        MemberSort::LastSeen => time_value(member.last_seen_at.unwrap_or(OffsetDateTime::UNIX_EPOCH)),
        MemberSort::Joined => time_value(member.joined_at),
    }
}

/// Whether members are listed who have one of these kinds of factors, or who have none of them; everybody without.
struct MfaCondition {
    has: Option<bool>,
    methods: Methods,
}

impl MfaCondition {
    fn of(query: &MemberQuery, policy: &SignInPolicy) -> Self {
        match query.mfa {
            None => Self { has: None, methods: Methods::ALL },
            Some(MfaFilter::On) => Self { has: Some(true), methods: Methods::ALL },
            Some(MfaFilter::Off) => Self { has: Some(false), methods: Methods::ALL },
            Some(MfaFilter::Missing) => match policy.mfa {
                Some(mfa) => Self { has: Some(false), methods: mfa.methods },
                // Where nothing is asked for, nobody has to have any of nothing: the list is empty.
                None => Self { has: Some(true), methods: Methods::default() },
            },
        }
    }
}

/// Whoever has one of these roles, or is in one of these groups; everybody without.
struct CanCondition {
    roles: Option<Vec<String>>,
    groups: Vec<Uuid>,
}

impl CanCondition {
    fn of(query: &MemberQuery, book: &RoleBook) -> Self {
        let Some(permission) = query.can else { return Self { roles: None, groups: Vec::new() } };
        let (roles, groups) = book.who_can(permission);
        Self {
            roles: Some(roles.into_iter().map(RoleId::code).collect()),
            groups: groups.into_iter().map(|group| group.0).collect(),
        }
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
