//! Addresses of the list, and what they ask for in words.

use domain::audit::{Act, AuditQuery, moment};
use domain::ids::AccountId;
use domain::text::isolated;
use server::audit::EntryView;
use time::OffsetDateTime;

use crate::context::Organization;

/// What the page's address asks for.
pub(super) fn asked(org: &Organization) -> AuditQuery {
    let pairs = org.page.query();
    AuditQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The list's address with this query.
pub(crate) fn address(org: &Organization, query: &AuditQuery) -> String {
    below(org, "", query)
}

/// An address below the list's with this query.
pub(super) fn below(org: &Organization, rest: &str, query: &AuditQuery) -> String {
    let path = org.path(&format!("/audit{rest}"));
    let query = query.to_text();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The list's first page with something changed in its query.
pub(super) fn changed(org: &Organization, query: &AuditQuery, change: impl FnOnce(&mut AuditQuery)) -> String {
    let mut query = query.clone().from_the_start();
    change(&mut query);
    address(org, &query)
}

/// What those are called whom a query names by their ids.
#[derive(Clone, Default)]
pub(super) struct Names {
    actor: Option<String>,
    target: Option<String>,
}

impl Names {
    /// The actor is known by this name, and the target by that of an entry about it.
    pub(super) fn new(query: &AuditQuery, actor: Option<String>, entries: &[EntryView]) -> Self {
        let about = |id: &String| entries.iter().find(|entry| entry.target == *id)?.target_name.clone();
        let by = |id: AccountId| entries.iter().find(|entry| entry.actor == Some(id))?.actor_name.clone();
        Self {
            actor: actor.or_else(|| query.actor.and_then(by)),
            target: query.target.as_ref().and_then(about).or_else(|| query.target.clone()),
        }
    }

    fn actor(&self) -> String {
        self.actor.as_deref().map_or_else(|| "somebody".to_owned(), |name| isolated(name).into_owned())
    }

    fn target(&self) -> String {
        self.target.as_deref().map_or_else(|| "something".to_owned(), |name| isolated(name).into_owned())
    }

    /// What the list is about.
    pub(super) fn heading(&self, query: &AuditQuery) -> String {
        match (query.actor.is_some(), query.target.is_some()) {
            (false, false) => "Audit trail".to_owned(),
            (true, false) => format!("What {} did", self.actor()),
            (false, true) => format!("What happened to {}", self.target()),
            (true, true) => format!("What {} did to {}", self.actor(), self.target()),
        }
    }
}

/// What a query asks for, each part in words, and the query without it.
pub(super) fn parts(query: &AuditQuery, names: &Names) -> Vec<(String, AuditQuery)> {
    let without = |change: fn(&mut AuditQuery)| {
        let mut query = query.clone().from_the_start();
        change(&mut query);
        query
    };
    let act = |code: &str| Act::from_code(code).map_or_else(|| code.to_owned(), |act| act.name.to_owned());
    let parts = [
        query.text.as_ref().map(|text| (format!("“{}”", isolated(text)), without(|q| q.text = None))),
        query.range.map(|range| (format!("Time: {}", range.name().to_lowercase()), without(|q| q.range = None))),
        query.from.map(|at| (format!("From: {}", told(at)), without(|q| q.from = None))),
        query.until.map(|at| (format!("Until: {}", told(at)), without(|q| q.until = None))),
        query.category.map(|category| (format!("Category: {}", category.name()), without(|q| q.category = None))),
        query.action.as_ref().map(|action| (format!("Action: {}", act(action.as_str())), without(|q| q.action = None))),
        query.outcome.map(|outcome| (format!("Outcome: {}", outcome.name()), without(|q| q.outcome = None))),
        query.address.map(|address| (format!("Address: {address}"), without(|q| q.address = None))),
        query.actor.map(|_| (format!("Actor: {}", names.actor()), without(|q| q.actor = None))),
        query.target.as_ref().map(|_| (format!("Target: {}", names.target()), without(|q| q.target = None))),
    ];
    parts.into_iter().flatten().collect()
}

/// A query in words.
pub(super) fn in_words(query: &AuditQuery) -> String {
    // Of somebody who is only asked for, the name is not known here; of a thing, its id says more than nothing.
    let names = Names { actor: None, target: query.target.clone() };
    parts(query, &names).into_iter().map(|(part, _)| part).collect::<Vec<_>>().join(", ")
}

/// A time of a query.
fn told(at: OffsetDateTime) -> String {
    format!("{} UTC", moment(at).replace('T', " "))
}
