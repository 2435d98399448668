//! Which keys a list shows: what its address says.

use crate::codes::codes;
use crate::ids::{AccountId, ServiceAccountId};
use crate::paging::Cursor;

codes! {
    /// Which keys are listed.
    #[derive(Default)]
    KeyFilter {
        /// Those that work, as far as their time and their revocation say.
        #[default]
        Active = "active" => "Active",
        /// Those of them that end soon.
        Expiring = "expiring" => "Ending soon",
        /// Those of them that nobody uses.
        Unused = "unused" => "Unused",
        /// Those that were revoked, or whose time is over.
        Over = "revoked" => "Revoked or expired",
        /// All of them.
        All = "all" => "All",
    }
}

/// Which keys are listed, and from where on. Comes from the address and goes back into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyQuery {
    /// Which of them.
    pub filter: KeyFilter,
    /// Only those that a member answers for.
    pub member: Option<AccountId>,
    /// Only those of a service account.
    pub account: Option<ServiceAccountId>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
}

impl KeyQuery {
    /// Reads an address' query. What makes no sense is left out: a list is always shown.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            match key {
                "state" => query.filter = KeyFilter::from_code(value).unwrap_or_default(),
                "member" => query.member = value.parse().ok(),
                "account" => query.account = value.parse().ok(),
                "page" => query.cursor = Cursor::decode(value),
                _ => {}
            }
        }
        query
    }

    /// The address' query, without what is the default.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let filter = (self.filter != KeyFilter::default()).then(|| ("state", self.filter.code().to_owned()));
        let member = self.member.map(|member| ("member", member.to_string()));
        let account = self.account.map(|account| ("account", account.to_string()));
        let page = self.cursor.as_ref().map(|cursor| ("page", cursor.encode()));
        [filter, member, account, page].into_iter().flatten().collect()
    }
}
