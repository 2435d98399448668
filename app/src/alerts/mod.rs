//! Alerts: what the detections have noticed, and what officers do about it.

mod api;
mod contain;
mod done;
mod facts;
mod list;
mod page;
mod parts;
mod rules;
mod tune;
mod words;
mod workflow;

pub use api::{acknowledge, assign, contain, note, release, reopen, resolve};
pub use done::AlertDone;
pub use list::list;
pub use page::page;
pub use rules::rules_page;
pub use tune::tune;

pub(crate) use parts::SeverityBadge;
pub(crate) use tune::rule_of;
pub(crate) use words::{network_name, noticed};

use axum::extract::Path;
use domain::ids::AlertId;
use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::security;
use crate::ui::Crumb;

/// The organization's slug and the alert's id in an address. What is no id is nobody's.
pub(crate) type AlertPath = Path<(String, String)>;

fn alert_id(text: &str) -> Result<AlertId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The page of an alert, and what is below it.
fn address(org: &Organization, id: AlertId, rest: &str) -> String {
    org.path(&format!("/security/alerts/{id}{rest}"))
}

/// The way back up from an alert.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    let mut crumbs = security::crumbs(org);
    crumbs.push(Crumb { label: "Alerts".into(), href: org.path("/security/alerts") });
    crumbs
}
