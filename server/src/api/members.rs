//! The members, as programs read them.

use domain::ids::AccountId;
use domain::members::{Member, MemberQuery};
use domain::paging::Cursor;
use domain::problem::Problem;
use domain::roles::Permission;

use super::Part;
use crate::callers::Caller;
use crate::error::Error;
use crate::members::{self, VIEWED};

/// So many of the members that are asked for.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn members(caller: &Caller, query: &MemberQuery, most: usize) -> Result<Part<Member>, Error> {
    caller.require(Permission::ViewMembers, VIEWED).await?;
    let policy = caller.enforced().sign_in(None);
    let mut tx = caller.begin().await?;
    let mut rows = members::some(&mut tx, query, &policy, caller.request().now, most + 1).await?;
    tx.close();
    let more = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().filter(|_| more);
    let next = last.map(|(member, key)| Cursor::After(key.clone(), member.id.to_string()).encode());
    Ok(Part { rows: rows.into_iter().map(|(member, _)| member).collect(), next })
}

/// One member.
///
/// # Errors
/// Forbidden; not found.
pub async fn member(caller: &Caller, id: AccountId) -> Result<Member, Error> {
    caller.require(Permission::ViewMembers, VIEWED).await?;
    let mut tx = caller.begin().await?;
    let member = members::sql::lookup(&mut tx, id).await?;
    tx.close();
    member.ok_or_else(|| Problem::NotFound.into())
}
