//! Queries on the list of members.

use domain::members::{Member, MemberQuery, MemberSort};
use domain::paging::Cursor;
use domain::policy::SignInPolicy;
use time::OffsetDateTime;

use super::MemberRow;
use super::matching::{Conditions, matching};
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
    let conditions = Conditions::of(query, policy, &*tx.book().await?, now);
    let count = matching!(
        query_scalar,
        [] [r#"SELECT count(*) AS "count!" FROM members WHERE "#] [] conditions
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// So many members from where the query begins, each with the value that it is sorted by.
pub(in crate::members) async fn list(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
    most: usize,
) -> Result<Vec<(Member, String)>, Error> {
    let book = tx.book().await?;
    let conditions = Conditions::of(query, policy, &book, now);
    let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
    let ascending = query.descending == backwards;
    let key = match query.sort {
        MemberSort::Name | MemberSort::Role => SortKey::Text,
        MemberSort::LastSeen | MemberSort::Joined => SortKey::Time,
    };
    let edge = Edge::new(query.cursor.as_ref(), key, ascending);
    let limit = i64::try_from(most).unwrap_or(i64::MAX);

    // A checked statement for each order: nothing but these fixed texts varies.
    macro_rules! select {
        ($key:tt, $direction:tt, $beyond:tt, $edge:expr) => {
            matching!(
                query_as,
                [MemberRow,]
                [r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                           access_ended_at,
                           ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id)
                               AS "groups!"
                    FROM members
                    WHERE ("#
                    + $key
                    + ", account_id) "
                    + $beyond
                    + " ($12, $13) AND "]
                [+ " ORDER BY "
                    + $key
                    + " "
                    + $direction
                    + ", account_id "
                    + $direction
                    + " LIMIT $14"]
                conditions,
                $edge,
                edge.id,
                limit
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
