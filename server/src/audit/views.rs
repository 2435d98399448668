//! What somebody looks for in the trail again and again, kept under a name.

use domain::audit::{Action, AuditQuery};
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::SavedFilterId;
use domain::members::FilterForm;
use domain::roles::Permission;
use domain::text::FilterName;

use super::VIEWED;
use crate::access::Access;
use crate::error::Error;
use crate::filters::{self, Kept, List};

const SAVED: Action = Action::new("audit.view_saved");
const DELETED: Action = Action::new("audit.view_deleted");

/// A view that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: SavedFilterId,
    /// What its owner calls it.
    pub name: String,
    /// What it asks for, as in the list's address.
    pub query: String,
}

impl From<Kept> for SavedView {
    fn from(kept: Kept) -> Self {
        Self { id: kept.id, name: kept.name.to_string(), query: AuditQuery::from_text(&kept.query).describe() }
    }
}

/// The name of a view, and what it asks for.
fn parse(form: &FilterForm) -> Result<(FilterName, String), FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = errors.check("name", FilterName::parse(&form.name));
    let query = AuditQuery::from_text(&form.query);
    let query = if query.is_filtered() { Ok(query.describe()) } else { Err(FieldProblem::NothingFiltered) };
    name.zip(errors.check("query", query)).ok_or(errors)
}

/// The views that whoever asks keeps in this organization, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access) -> Result<Vec<SavedView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    Ok(filters::of(access, List::Audit).await?.into_iter().map(SavedView::from).collect())
}

/// Keeps a view.
///
/// # Errors
/// Forbidden; a name that is none, or one that another of theirs has, and a query that asks for nothing; so many are
/// there already, which is the most.
pub async fn save(access: &Access, form: &FilterForm) -> Result<SavedView, Error> {
    access.require(Permission::ViewAudit, SAVED).await?;
    Ok(filters::keep(access, List::Audit, parse(form)?, SAVED).await?.into())
}

/// Gives a view up.
///
/// # Errors
/// Forbidden; not found, also when it is somebody else's.
pub async fn delete(access: &Access, id: SavedFilterId) -> Result<SavedView, Error> {
    access.require(Permission::ViewAudit, DELETED).await?;
    Ok(filters::give_up(access, List::Audit, id, DELETED).await?.into())
}
