//! What a form leaves on record, route by route: a new one says here which acts it does, or why it does none.

mod forms;

use std::collections::{HashMap, HashSet};

use domain::audit::{ACTS, Act, Category};

use super::TABLE;
use Trace::{Acts, Unaudited};
use forms::FORMS;

/// What a post that does what it is for may leave in the logs, the organization's and the platform's.
enum Trace {
    /// Entries of some of these acts.
    Acts(&'static [&'static str]),
    /// None, and why.
    Unaudited(&'static str),
}

/// Acts that no form does, by who does them.
const ELSEWHERE: &[(&str, &[&str])] = &[
    ("the gate, with whatever somebody asks for who comes in", &["organization.sessions_displaced"]),
    ("the gate, which has only denials of it on record", &["organization.entered"]),
    ("a file that is given to who reads the trail", &["audit.proof_taken"]),
    (
        "a limit, which has only what it refuses on record",
        &[
            "sign_in.limited",
            "password.limited",
            "code.limited",
            "sign_up.limited",
            "mail.limited",
            "profile.limited",
            "invitations.limited",
            "keys.limited",
        ],
    ),
    ("a form that is denied; what it does is a job that was started", &["import.started"]),
    ("the worker that goes on with an import", &["invitation.role_changed"]),
    (
        "whoever runs the platform, from the command line",
        &[
            "organization.domain_added",
            "organization.domain_removed",
            "operator.added",
            "operator.removed",
            "organization.exported",
            "organization.imported",
            "plan.changed",
            "demo.filled",
        ],
    ),
    ("programs with a key, which have only denials of it on record", &["quota.used"]),
    ("housekeeping, when the days of grace are over", &["organization.deleted"]),
    ("the keeper of the logs, when entries are older than they are kept", &["audit.archived"]),
    ("the portal, which goes through its logs by itself", &["alert.raised", "audit.damaged"]),
];

/// The acts that forms do.
fn reached() -> HashSet<&'static str> {
    let acts = FORMS.iter().flat_map(|(_, trace)| match trace {
        Acts(acts) => *acts,
        Unaudited(_) => &[],
    });
    acts.copied().collect()
}

#[test]
fn every_form_says_what_it_leaves_on_record() {
    let mut rows: HashMap<_, _> = HashMap::new();
    for (path, trace) in FORMS {
        assert!(rows.insert(*path, trace).is_none(), "{path} has two rows");
    }
    for route in TABLE.iter().filter(|route| route.methods.contains(&"POST")) {
        let trace = rows.remove(route.path).unwrap_or_else(|| panic!("{} has no row", route.path));
        match trace {
            Acts(acts) => assert!(!acts.is_empty(), "{} does nothing, and says not why", route.path),
            Unaudited(why) => assert!(why.len() > 20, "{} says not why", route.path),
        }
    }
    assert!(rows.is_empty(), "no route takes a post: {:?}", rows.keys());
}

#[test]
fn only_forms_and_pages_are_asked_for() {
    for route in TABLE {
        for method in route.methods {
            assert!(["GET", "POST"].contains(method), "{} {method}: nothing says what that leaves", route.path);
        }
    }
}

#[test]
fn every_act_is_one_of_the_table() {
    let elsewhere = ELSEWHERE.iter().flat_map(|(_, acts)| acts.iter());
    for code in reached().iter().chain(elsewhere) {
        assert!(Act::from_code(code).is_some(), "{code}");
    }
}

#[test]
fn every_change_is_done_by_a_form_or_elsewhere() {
    let mut seen = reached();
    for code in ELSEWHERE.iter().flat_map(|(_, acts)| acts.iter()) {
        assert!(seen.insert(*code), "{code} is named twice");
    }
    let is_change = |act: &&Act| !matches!(act.category, Category::Reads | Category::Exports);
    for act in ACTS.iter().filter(is_change) {
        assert!(seen.contains(act.code), "nothing does {}", act.code);
    }
}
