//! The security policy: what an organization asks of its members, section by section.
//!
//! It is edited as a draft, which holds for nobody until somebody has seen what it changes and puts it into force.

mod api;
mod changes;
mod chart;
mod compare;
mod controls;
mod different;
mod draft;
mod edit;
mod editor;
mod exceptions;
mod fates;
mod fields;
mod findings;
mod known;
mod page;
mod parts;
mod posture;
mod preview;
mod replay;
mod scale;
mod slider;
mod templates;
mod text;
mod trial;
mod typed;
mod unsaved;
mod versions;

pub use api::{discard, end_trial, enforce, remind, try_draft, use_template};
pub(crate) use changes::Changes;
pub use compare::compare_page;
pub use draft::draft_page;
pub use edit::{edit_page, save};
pub use exceptions::{end_exception, except, exceptions_page};
pub use page::page;
pub(crate) use posture::PostureCard;
pub use replay::{replay_page, visits_page};
pub use templates::{template_page, templates_page};
pub use text::{download, import, text_page};
pub use trial::trial_page;
pub use unsaved::replay_unsaved;
pub use versions::{roll_back, version_page, versions_page};

use crate::context::Organization;
use crate::ui::Crumb;

/// The most bytes of a policy that is sent as a form or as a text: ten thousand networks, and what they are called.
pub const TEXT_MAX: usize = 2 * 1024 * 1024;

/// The way back up from the pages below the policy's.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Security policy".into(), href: org.path("/policy") }]
}

/// The way back up from the pages below one of those.
fn crumbs_below(org: &Organization, label: &str, rest: &str) -> Vec<Crumb> {
    let mut crumbs = crumbs(org);
    crumbs.push(Crumb { label: label.to_owned(), href: org.path(rest) });
    crumbs
}
