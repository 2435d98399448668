//! Filters of the list that members keep, each their own.

use domain::audit::{Action, Draft, Public};
use domain::fields::FieldProblem;
use domain::ids::SavedFilterId;
use domain::members::{FilterForm, SAVED_FILTERS_MAX, SavedFilter};
use domain::problem::Problem;
use domain::roles::Permission;

use super::{VIEWED, require_filter, sql};
use crate::access::Access;
use crate::error::Error;

const SAVED: Action = Action::new("filter.saved");
const DELETED: Action = Action::new("filter.deleted");

/// The filters that whoever asks keeps in this organization, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list_filters(access: &Access) -> Result<Vec<SavedFilter>, Error> {
    access.require(Permission::ViewMembers, VIEWED).await?;
    let mut tx = access.begin().await?;
    let filters = sql::list_filters(tx.conn(), access.account()).await?;
    tx.close();
    Ok(filters)
}

/// Keeps a filter.
///
/// # Errors
/// Forbidden; a name that is none, or one that another of theirs has, and a query that asks for nothing; so many are
/// there already, which is the most.
pub async fn save_filter(access: &Access, form: &FilterForm) -> Result<SavedFilter, Error> {
    access.require(Permission::ViewMembers, SAVED).await?;
    let (name, query) = form.parse()?;
    require_filter(access, &query, SAVED).await?;
    let request = access.request();
    let filter = SavedFilter { id: SavedFilterId(request.portal().uuid(request.now)), name, query };
    let mut tx = access.begin().await?;
    let added = sql::add_filter(tx.conn(), access.account(), &filter, SAVED_FILTERS_MAX).await;
    if !added.map_err(|error| error.at("saved_filters_name", "name", FieldProblem::Taken))? {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(SAVED_FILTERS_MAX)));
    }
    tx.commit(request, entry(access, SAVED, &filter)).await?;
    Ok(filter)
}

/// Gives a filter up.
///
/// # Errors
/// Forbidden; not found, also when it is somebody else's.
pub async fn delete_filter(access: &Access, id: SavedFilterId) -> Result<SavedFilter, Error> {
    access.require(Permission::ViewMembers, DELETED).await?;
    let mut tx = access.begin().await?;
    let filter = sql::delete_filter(tx.conn(), access.account(), id).await?.ok_or(Problem::NotFound)?;
    tx.commit(access.request(), entry(access, DELETED, &filter)).await?;
    Ok(filter)
}

fn entry(access: &Access, action: Action, filter: &SavedFilter) -> Draft {
    Draft::done(action, access.actor())
        .target("filter", filter.id, Public(filter.name.to_string()))
        .within(access.request().audited())
}
