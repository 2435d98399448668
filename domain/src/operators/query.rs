//! Which organizations a list is about: what its address says.

use crate::members::clean_search;
use crate::organizations::TenantStatus;
use crate::paging::Cursor;
use crate::quotas::Plan;

/// Which organizations are listed, by their names in addresses, and from where on. Comes from the address and goes back
/// into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationQuery {
    /// Part of a name, present or in addresses, or a whole id.
    pub search: Option<String>,
    /// Only this state.
    pub status: Option<TenantStatus>,
    /// Only this plan.
    pub plan: Option<Plan>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
}

impl OrganizationQuery {
    /// Reads an address' query. What makes no sense is left out: a list is always shown.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            match key {
                "q" => query.search = clean_search(value),
                "status" => query.status = TenantStatus::from_code(value),
                "plan" => query.plan = Plan::from_code(value),
                "page" => query.cursor = Cursor::decode(value),
                _ => {}
            }
        }
        query
    }

    /// The address' query, without what is the default.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            self.search.clone().map(|search| ("q", search)),
            self.status.map(|status| ("status", status.code().to_owned())),
            self.plan.map(|plan| ("plan", plan.code().to_owned())),
            self.cursor.as_ref().map(|cursor| ("page", cursor.encode())),
        ];
        pairs.into_iter().flatten().collect()
    }

    /// The query as one text, empty for what everybody gets who asks for nothing.
    pub fn to_text(&self) -> String {
        serde_urlencoded::to_string(self.to_pairs()).unwrap_or_default()
    }

    /// Whether anything but paging is asked for.
    pub const fn is_filtered(&self) -> bool {
        self.search.is_some() || self.status.is_some() || self.plan.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_whole_state_of_the_list() {
        let query = OrganizationQuery {
            search: Some("acme".into()),
            status: Some(TenantStatus::Suspended),
            plan: Some(Plan::Enterprise),
            cursor: Some(Cursor::After("acme".into(), "7".into())),
        };
        let pairs = query.to_pairs();
        assert_eq!(OrganizationQuery::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))), query);
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let pairs = [("q", " \0 "), ("status", "gone"), ("plan", "gold"), ("page", "%%%"), ("sort", "drop table")];
        assert_eq!(OrganizationQuery::from_pairs(pairs), OrganizationQuery::default());
    }
}
