//! What somebody looks for in the trail again and again, kept under a name.

use domain::audit::{Action, AuditQuery, Draft, Public};
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::SavedFilterId;
use domain::members::SAVED_FILTERS_MAX;
use domain::problem::Problem;
use domain::roles::Permission;
use domain::text::FilterName;
use serde::{Deserialize, Serialize};

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

/// A view as a form says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SaveView {
    /// What it is to be called.
    #[serde(default)]
    pub name: String,
    /// What it asks for, as in the list's address.
    #[serde(default)]
    pub query: String,
}

impl SaveView {
    fn parse(&self) -> Result<(FilterName, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", FilterName::parse(&self.name));
        let query = AuditQuery::from_text(&self.query);
        let query = if query.is_filtered() { Ok(query.describe()) } else { Err(FieldProblem::NothingFiltered) };
        name.zip(errors.check("query", query)).ok_or(errors)
    }
}

/// The views that whoever asks keeps in this organization, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access) -> Result<Vec<SavedView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let mut tx = access.begin().await?;
    let views = filters::list(tx.conn(), access.account(), List::Audit).await?;
    tx.close();
    Ok(views.into_iter().map(SavedView::from).collect())
}

/// Keeps a view.
///
/// # Errors
/// Forbidden; a name that is none, or one that another of theirs has, and a query that asks for nothing; so many are
/// there already, which is the most.
pub async fn save(access: &Access, form: &SaveView) -> Result<SavedView, Error> {
    access.require(Permission::ViewAudit, SAVED).await?;
    let (name, query) = form.parse()?;
    let request = access.request();
    let view = Kept { id: SavedFilterId(request.portal().uuid(request.now)), name, query };
    let mut tx = access.begin().await?;
    let added = filters::add(tx.conn(), access.account(), List::Audit, &view, SAVED_FILTERS_MAX).await;
    if !added.map_err(|error| error.at("saved_filters_name", "name", FieldProblem::Taken))? {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(SAVED_FILTERS_MAX)));
    }
    tx.commit(request, entry(access, SAVED, &view)).await?;
    Ok(view.into())
}

/// Gives a view up.
///
/// # Errors
/// Forbidden; not found, also when it is somebody else's.
pub async fn delete(access: &Access, id: SavedFilterId) -> Result<SavedView, Error> {
    access.require(Permission::ViewAudit, DELETED).await?;
    let mut tx = access.begin().await?;
    let view = filters::delete(tx.conn(), access.account(), List::Audit, id).await?.ok_or(Problem::NotFound)?;
    tx.commit(access.request(), entry(access, DELETED, &view)).await?;
    Ok(view.into())
}

fn entry(access: &Access, action: Action, view: &Kept) -> Draft {
    Draft::done(action, access.actor())
        .target("view", view.id, Public(view.name.to_string()))
        .within(access.request().audited())
}
