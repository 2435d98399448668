//! What somebody has typed and does not save: it is looked at, and nothing of it is kept.

use domain::policy::PolicyForm;
use domain::roles::Permission;

use super::{Subject, VIEWED, draft};
use crate::access::Access;
use crate::error::Error;

/// What a form says that was begun with a version, to go over the visits with it.
///
/// # Errors
/// Forbidden, as saving it is; settings that are wrong, by their codes.
pub async fn unsaved(access: &Access, base: &str, form: &PolicyForm) -> Result<Subject, Error> {
    access.require(Permission::ManagePolicy, VIEWED).await?;
    let mut tx = access.begin().await?;
    let (base, begun_with) = draft::begun_with(&mut tx, base).await?;
    tx.close();
    let policy = form.parse(&begun_with, &**access.book())?;
    Ok(Subject::Unsaved(base, Box::new(policy)))
}
