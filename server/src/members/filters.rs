//! Filters of the list that members keep, each their own.

use domain::audit::Action;
use domain::ids::SavedFilterId;
use domain::members::{FilterForm, MemberQuery, SavedFilter};
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
    Ok(filters::of(access, List::Members).await?.into_iter().map(read).collect())
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
    Ok(read(filters::keep(access, List::Members, (name, query.to_text()), SAVED).await?))
}

/// Gives a filter up.
///
/// # Errors
/// Forbidden; not found, also when it is somebody else's.
pub async fn delete_filter(access: &Access, id: SavedFilterId) -> Result<SavedFilter, Error> {
    access.require(Permission::ViewMembers, DELETED).await?;
    Ok(read(filters::give_up(access, List::Members, id, DELETED).await?))
}

fn read(kept: Kept) -> SavedFilter {
    SavedFilter { id: kept.id, name: kept.name, query: MemberQuery::from_text(&kept.query) }
}
