//! Filters of the list that members keep, each their own.

use domain::audit::{Action, Draft, Public};
use domain::fields::FieldProblem;
use domain::ids::SavedFilterId;
use domain::members::{FilterForm, MemberQuery, SAVED_FILTERS_MAX, SavedFilter};
use domain::problem::Problem;
use domain::roles::Permission;

use super::{VIEWED, require_filter};
use crate::access::Access;
use crate::error::Error;
use crate::filters::{self, Kept, List};

const SAVED: Action = Action::new("filter.saved");
const DELETED: Action = Action::new("filter.deleted");

/// The filters that whoever asks keeps in this organization, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list_filters(access: &Access) -> Result<Vec<SavedFilter>, Error> {
    access.require(Permission::ViewMembers, VIEWED).await?;
    let mut tx = access.begin().await?;
    let filters = filters::list(tx.conn(), access.account(), List::Members).await?;
    tx.close();
    Ok(filters.into_iter().map(read).collect())
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
    let kept = Kept { id: filter.id, name: filter.name.clone(), query: filter.query.to_text() };
    let added = filters::add(tx.conn(), access.account(), List::Members, &kept, SAVED_FILTERS_MAX).await;
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
    let filter = filters::delete(tx.conn(), access.account(), List::Members, id).await?;
    let filter = filter.map(read).ok_or(Problem::NotFound)?;
    tx.commit(access.request(), entry(access, DELETED, &filter)).await?;
    Ok(filter)
}

fn read(kept: Kept) -> SavedFilter {
    SavedFilter { id: kept.id, name: kept.name, query: MemberQuery::from_text(&kept.query) }
}

fn entry(access: &Access, action: Action, filter: &SavedFilter) -> Draft {
    Draft::done(action, access.actor())
        .target("filter", filter.id, Public(filter.name.to_string()))
        .within(access.request().audited())
}
