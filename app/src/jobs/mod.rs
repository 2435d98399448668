//! Jobs: how far they have come, what became of each row, and the ways to stop them and to put things back.

mod api;
mod checked;
mod list;
mod page;
mod words;

pub use api::{cancel, undo};
pub use checked::start;
pub use list::list;
pub use page::{page, progress};

use axum::extract::Path;
use domain::ids::JobId;
use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::ui::Crumb;

/// The organization's slug and the job's id in an address. What is no id is nobody's.
pub(crate) type JobPath = Path<(String, String)>;

pub(crate) fn job_id(text: &str) -> Result<JobId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The pages above the list of jobs.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Members".into(), href: org.path("/members") }]
}
