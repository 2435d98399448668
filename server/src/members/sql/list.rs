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

/// So many of those whom a search finds are counted. To count all of fifty thousand takes longer than the rest of a page.
pub(in crate::members) const COUNTED: u64 = 1_000;

/// A member, and the value that they are sorted by.
pub(in crate::members) type Sorted = (Member, String);

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
    Ok(number(count))
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// Where a page begins, and how it is sorted.
struct Place {
    edge: Edge,
    ascending: bool,
    limit: i64,
}

impl Place {
    fn of(query: &MemberQuery, most: usize) -> Self {
        let backwards = matches!(query.cursor, Some(Cursor::Before(..)));
        let ascending = query.descending == backwards;
        let key = match query.sort {
            MemberSort::Name | MemberSort::Role => SortKey::Text,
            MemberSort::LastSeen | MemberSort::Joined => SortKey::Time,
        };
        let edge = Edge::new(query.cursor.as_ref(), key, ascending);
        Self { edge, ascending, limit: i64::try_from(most).unwrap_or(i64::MAX) }
    }
}

/// A checked statement for each order: nothing but these fixed texts varies.
macro_rules! in_order {
    ($select:ident, $query:expr, $place:expr) => {
        match ($query.sort, $place.ascending) {
            (MemberSort::Name, true) => $select!(r#"name COLLATE "und-x-icu""#, "ASC", ">", $place.edge.text),
            (MemberSort::Name, false) => $select!(r#"name COLLATE "und-x-icu""#, "DESC", "<", $place.edge.text),
            (MemberSort::Role, true) => $select!("role", "ASC", ">", $place.edge.text),
            (MemberSort::Role, false) => $select!("role", "DESC", "<", $place.edge.text),
            (MemberSort::LastSeen, true) => $select!("coalesce(last_seen_at, 'epoch')", "ASC", ">", $place.edge.time),
            (MemberSort::LastSeen, false) => $select!("coalesce(last_seen_at, 'epoch')", "DESC", "<", $place.edge.time),
            (MemberSort::Joined, true) => $select!("joined_at", "ASC", ">", $place.edge.time),
            (MemberSort::Joined, false) => $select!("joined_at", "DESC", "<", $place.edge.time),
        }
    };
}

/// So many members from where the query begins.
pub(in crate::members) async fn list(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
    most: usize,
) -> Result<Vec<Sorted>, Error> {
    let book = tx.book().await?;
    let conditions = Conditions::of(query, policy, &book, now);
    let place = Place::of(query, most);
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
                place.edge.id,
                place.limit
            )
            .fetch_all(tx.conn())
            .await?
        };
    }
    let rows = in_order!(select, query, place);
    rows.into_iter().map(|row| Ok(sorted(row.member(&book)?, query))).collect()
}

/// As [`list`], for what may be found seldom or often: all that match are looked for once, [`COUNTED`] of them and one
/// more, and nothing walks through the others to sort them. Tells how many that were, too.
pub(in crate::members) async fn search(
    tx: &mut TenantTx,
    query: &MemberQuery,
    policy: &SignInPolicy,
    now: OffsetDateTime,
    most: usize,
) -> Result<(Vec<Sorted>, u64), Error> {
    let book = tx.book().await?;
    let conditions = Conditions::of(query, policy, &book, now);
    let place = Place::of(query, most);
    let enough = i64::try_from(COUNTED).unwrap_or(i64::MAX).saturating_add(1);
    macro_rules! select {
        ($key:tt, $direction:tt, $beyond:tt, $edge:expr) => {
            matching!(
                query,
                [] ["WITH found AS MATERIALIZED (SELECT * FROM members WHERE "]
                [+ r#" LIMIT $15)
                    SELECT account_id AS "account_id!", name AS "name!", email AS "email!", role AS "role!",
                           status AS "status!", joined_at AS "joined_at!", source AS "source!", last_seen_at,
                           authenticator AS "authenticator!", passkey AS "passkey!", access_ended_at,
                           ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = found.account_id)
                               AS "groups!",
                           (SELECT count(*) FROM found) AS "found!"
                    FROM found
                    WHERE ("#
                    + $key
                    + ", account_id) "
                    + $beyond
                    + " ($12, $13) ORDER BY "
                    + $key
                    + " "
                    + $direction
                    + ", account_id "
                    + $direction
                    + " LIMIT $14"]
                conditions,
                $edge,
                place.edge.id,
                place.limit,
                enough
            )
            .fetch_all(tx.conn())
            .await?
            .into_iter()
            .map(|row| {
                let member = MemberRow {
                    account_id: row.account_id,
                    name: row.name,
                    email: row.email,
                    role: row.role,
                    groups: row.groups,
                    status: row.status,
                    joined_at: row.joined_at,
                    source: row.source,
                    last_seen_at: row.last_seen_at,
                    authenticator: row.authenticator,
                    passkey: row.passkey,
                    access_ended_at: row.access_ended_at,
                };
                (member, row.found)
            })
            .collect::<Vec<_>>()
        };
    }
    let rows = in_order!(select, query, place);
    let found = rows.first().map_or(0, |(_, found)| number(*found));
    let members =
        rows.into_iter().map(|(row, _)| Ok(sorted(row.member(&book)?, query))).collect::<Result<_, Error>>()?;
    Ok((members, found))
}

/// A member with what they are sorted by, as a cursor holds it.
fn sorted(member: Member, query: &MemberQuery) -> Sorted {
    let key = match query.sort {
        MemberSort::Name => member.name.clone(),
        MemberSort::Role => member.role.code(),
        MemberSort::LastSeen => time_value(member.last_seen_at.unwrap_or(OffsetDateTime::UNIX_EPOCH)),
        MemberSort::Joined => time_value(member.joined_at),
    };
    (member, key)
}
