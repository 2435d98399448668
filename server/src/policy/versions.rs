//! What the policy was, and the way back to it.

use domain::paging::{Cursor, Page};
use domain::policy::{PolicyVersion, parse_change_reason};
use domain::problem::Problem;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};

use super::enforce::{CHANGED, Change, put};
use super::sql::NewVersion;
use super::{VIEWED, require_view, sql};
use crate::access::Access;
use crate::error::Error;

/// One page of the versions, the newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn versions(access: &Access, cursor: Option<&Cursor>) -> Result<Page<PolicyVersion>, Error> {
    require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let total = sql::count_versions(tx.conn()).await?;
    let rows = sql::list_versions(tx.conn(), cursor).await?;
    tx.close();
    Ok(Page::assemble(rows, cursor, total, |version| (String::new(), version.number.to_string())))
}

/// One version, and the number of the one in force.
///
/// # Errors
/// Forbidden; not found.
pub async fn version(access: &Access, number: i64) -> Result<(PolicyVersion, i64), Error> {
    require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let version = sql::lookup_version(tx.conn(), number).await?;
    let head = sql::head(tx.conn()).await?;
    tx.close();
    Ok((version.ok_or(Problem::NotFound)?, head.enforced))
}

/// The form that rolls back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RollBackForm {
    /// The version that was in force when the form was shown.
    #[serde(default)]
    pub revision: String,
    /// Why, if somebody says so.
    #[serde(default)]
    pub reason: String,
}

/// Puts an earlier version back, which makes a version of its own. A draft stays as it is.
///
/// # Errors
/// As [`super::enforce`]; not found.
pub async fn roll_back(access: &Access, number: i64, form: &RollBackForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let reason = parse_change_reason(&form.reason).map_err(|problem| Error::field("reason", problem))?;
    let mut tx = access.begin().await?;
    let policy = sql::document(tx.conn(), number).await?.ok_or(Problem::NotFound)?;
    access.require_fresh()?;
    let head = sql::lock(tx.conn()).await?;
    if form.revision != head.enforced.to_string() {
        tx.close();
        return Err(Problem::Changed.into());
    }
    if sql::document(tx.conn(), head.enforced).await?.as_ref() == Some(&policy) {
        tx.close();
        return Ok(());
    }
    let version =
        NewVersion { number: head.newest + 1, policy: &policy, author: Some(access.account()), restores: Some(number) };
    sql::add_version(tx.conn(), &version, access.request().now).await?;
    let change = Change { version: version.number, policy: &policy, reason, restores: Some(number), alarm: None };
    put(access, tx, head, change).await
}
