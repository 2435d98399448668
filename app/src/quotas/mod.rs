//! Quotas and usage.

mod banner;
mod chart;
mod edit;
mod metric;
mod page;
mod parts;

pub use edit::{edit_page, save};
pub use metric::page as metric_page;
pub use page::{page, set_time_zone};

pub(crate) use banner::banner;

use axum::extract::Path;
use domain::problem::Problem;
use domain::quotas::Metric;

use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::Crumb;

/// The organization's slug and the metric's code in an address.
pub(crate) type MetricPath = Path<(String, String)>;

fn metric_of(code: &str) -> Result<Metric, Fault> {
    Metric::from_code(code).ok_or(Fault::Problem(Problem::NotFound))
}

/// The page of a metric, and what is below it.
fn address(org: &Organization, metric: Metric, rest: &str) -> String {
    org.path(&format!("/quotas/{}{rest}", metric.code()))
}

/// The way back up.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Quotas".into(), href: org.path("/quotas") }]
}
