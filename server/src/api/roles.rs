//! The roles, as programs read them.

use domain::roles::Permission;

use crate::callers::Caller;
use crate::error::Error;
use crate::roles::{RoleView, VIEWED, views};

/// Every role, from the most powerful built-in one to the organization's own, these by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn roles(caller: &Caller) -> Result<Vec<RoleView>, Error> {
    caller.require(Permission::ViewOrganization, VIEWED).await?;
    views(caller.begin().await?, caller.book(), caller.book().all().collect()).await
}
