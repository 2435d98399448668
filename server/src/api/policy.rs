//! The security policy, as programs read it.

use domain::roles::Permission;

use crate::access::note_read;
use crate::callers::Caller;
use crate::error::Error;
pub use crate::policy::PolicyText;
use crate::policy::{VIEWED, written};

/// The policy that is in force.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn policy(caller: &Caller) -> Result<PolicyText, Error> {
    if !caller.may(Permission::ManagePolicy) {
        caller.require(Permission::ViewAudit, VIEWED).await?;
    }
    note_read(caller, VIEWED, "organization", caller.tenant()).await?;
    written(caller.begin().await?, caller.book()).await
}
