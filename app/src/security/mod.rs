//! The security dashboard: what was noticed, how the organization stands, and how people sign in to it.

mod cards;
mod live;
mod log;
mod page;
mod people;
mod trends;
mod words;

pub use live::live;
pub use page::page;

use crate::context::Organization;
use crate::ui::Crumb;

/// The way back up from the pages below the dashboard.
pub(crate) fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Security".into(), href: org.path("/security") }]
}
