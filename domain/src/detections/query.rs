//! Which alerts a list shows, and over how long a dashboard looks: what their addresses say.

use super::{AlertState, Rule};
use crate::codes::codes;
use crate::paging::Cursor;

/// Which alerts are listed, and from where on. Comes from the address and goes back into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertQuery {
    /// Only this state; those that are not resolved, if there is none.
    pub state: Option<AlertState>,
    /// Whatever their state.
    pub all: bool,
    /// Only of this rule.
    pub rule: Option<Rule>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
}

impl AlertQuery {
    /// Reads an address' query. What makes no sense is left out: a list is always shown.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            match key {
                "state" => {
                    query.all = value == "all";
                    query.state = AlertState::from_code(value);
                }
                "rule" => query.rule = Rule::from_code(value),
                "page" => query.cursor = Cursor::decode(value),
                _ => {}
            }
        }
        query
    }

    /// The address' query, without what is the default.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.all {
            pairs.push(("state", "all".to_owned()));
        } else if let Some(state) = self.state {
            pairs.push(("state", state.code().to_owned()));
        }
        if let Some(rule) = self.rule {
            pairs.push(("rule", rule.code().to_owned()));
        }
        if let Some(cursor) = &self.cursor {
            pairs.push(("page", cursor.encode()));
        }
        pairs
    }

    /// The states that it asks for.
    pub fn states(&self) -> &'static [AlertState] {
        match self.state {
            _ if self.all => AlertState::ALL,
            None => &[AlertState::Open, AlertState::Acknowledged],
            Some(AlertState::Open) => &[AlertState::Open],
            Some(AlertState::Acknowledged) => &[AlertState::Acknowledged],
            Some(AlertState::Resolved) => &[AlertState::Resolved],
        }
    }

    /// The same, from the first page on.
    #[must_use]
    pub fn from_the_start(self) -> Self {
        Self { cursor: None, ..self }
    }
}

codes! {
    /// Over how long a dashboard looks.
    #[derive(Default)]
    Span {
        /// 24 hours.
        Day = "24h" => "Last 24 hours",
        /// 7 days.
        #[default]
        Week = "7d" => "Last 7 days",
        /// 30 days.
        Month = "30d" => "Last 30 days",
        /// 90 days.
        Quarter = "90d" => "Last 90 days",
    }
}

impl Span {
    /// How many days.
    pub const fn days(self) -> u16 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// Reads an address' query.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut ranges = pairs.into_iter().filter(|(key, _)| *key == "range");
        ranges.find_map(|(_, value)| Self::from_code(value)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_whole_state_of_the_list() {
        let cursor = Some(Cursor::After("x".into(), "y".into()));
        let resolved = AlertQuery { state: Some(AlertState::Resolved), cursor, ..AlertQuery::default() };
        let all = AlertQuery { all: true, rule: Some(Rule::Spraying), ..AlertQuery::default() };
        for query in [AlertQuery::default(), resolved, all] {
            let pairs = query.to_pairs();
            assert_eq!(AlertQuery::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))), query);
        }
        assert_eq!(AlertQuery::default().states().len(), 2);
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let pairs = [("state", "gone"), ("rule", "'; --"), ("page", "%%%"), ("z", "")];
        assert_eq!(AlertQuery::from_pairs(pairs), AlertQuery::default());
        assert_eq!(Span::from_pairs([("range", "1000y")]), Span::Week);
        assert_eq!(Span::from_pairs([("range", "90d")]).days(), 90);
    }
}
