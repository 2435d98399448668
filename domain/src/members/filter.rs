//! Filters of the list that somebody keeps under a name.

use serde::{Deserialize, Serialize};

use super::MemberQuery;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::SavedFilterId;
use crate::text::FilterName;

/// The most filters that one person keeps in an organization.
pub const SAVED_FILTERS_MAX: u16 = 50;

/// A filter that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its id.
    pub id: SavedFilterId,
    /// What its owner calls it.
    pub name: FilterName,
    /// What it asks for: without a place in the list.
    pub query: MemberQuery,
}

/// A filter as a form says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FilterForm {
    /// What it is to be called.
    #[serde(default)]
    pub name: String,
    /// What it asks for, as in the list's address.
    #[serde(default)]
    pub query: String,
}

impl FilterForm {
    /// The name, and what is asked for.
    ///
    /// # Errors
    /// No name, at the field `name`; the query asks for nothing, at the field `query`.
    pub fn parse(&self) -> Result<(FilterName, MemberQuery), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", FilterName::parse(&self.name));
        let query = MemberQuery::from_text(&self.query).from_the_start();
        let asks = query.is_filtered() || query.is_sorted();
        let query = errors.check("query", if asks { Ok(query) } else { Err(FieldProblem::NothingFiltered) });
        name.zip(query).ok_or(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_kept_as_it_is_read_back_and_without_a_place_in_the_list() {
        let form = FilterForm { name: " Away ".into(), query: "inactive=90&x=1&sort=-seen&page=zzz&q=a%20b".into() };
        let (name, query) = form.parse().unwrap();
        assert_eq!((name.as_str(), query.to_text().as_str()), ("Away", "q=a+b&inactive=90&sort=-seen"));
        assert_eq!(MemberQuery::from_text(&query.to_text()), query);
    }

    #[test]
    fn what_asks_for_nothing_or_has_no_name_is_refused() {
        let errors = FilterForm { name: " ".into(), query: "page=1&role=king".into() }.parse().unwrap_err();
        assert_eq!(errors.of("name"), Some(FieldProblem::Required));
        assert_eq!(errors.of("query"), Some(FieldProblem::NothingFiltered));
    }
}
