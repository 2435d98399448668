//! What the policy was, and the way back to it.

use domain::fields::{FieldErrors, FieldProblem};
use domain::paging::{Cursor, Page};
use domain::policy::{PolicyVersion, parse_change_reason};
use domain::problem::Problem;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};

use super::{CHANGED, Change, VIEWED, put, require_view, sql};
use crate::access::Access;
use crate::error::Error;

/// One page of the versions, the newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn versions(access: &Access, cursor: Option<&Cursor>) -> Result<Page<PolicyVersion>, Error> {
    require_view(access, VIEWED).await?;
    let mut tx = access.begin().await?;
    let total = sql::count_versions(tx.conn()).await?;
    let rows = sql::list_versions(tx.conn(), cursor).await?;
    tx.close();
    Ok(Page::assemble(rows, cursor, total, |version| (String::new(), version.number.to_string())))
}

/// One version, and the number of the newest.
///
/// # Errors
/// Forbidden; not found.
pub async fn version(access: &Access, number: i64) -> Result<(PolicyVersion, i64), Error> {
    require_view(access, VIEWED).await?;
    let mut tx = access.begin().await?;
    let version = sql::lookup_version(tx.conn(), number).await?;
    let newest = sql::revision(tx.conn()).await?;
    tx.close();
    Ok((version.ok_or(Problem::NotFound)?, newest))
}

/// The form that rolls back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RollBackForm {
    /// The newest version, when the form was shown.
    #[serde(default)]
    pub revision: String,
    /// Why, if somebody says so.
    #[serde(default)]
    pub reason: String,
}

/// Puts an earlier version back, which makes a version of its own.
///
/// # Errors
/// As [`super::change`]; not found.
pub async fn roll_back(access: &Access, number: i64, form: &RollBackForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let (version, _) = version(access, number).await?;
    let reason = parse_change_reason(&form.reason)
        .map_err(|problem: FieldProblem| Error::from(FieldErrors::one("reason", problem)))?;
    put(access, &form.revision, &Change { settings: version.settings, reason, restores: Some(number) }).await
}
