//! Webhooks: where messages are sent, what was sent, and how receivers know that it is true.

mod api;
mod delivery;
mod done;
mod form;
mod list;
mod log;
mod page;
mod parts;
mod secret;
mod words;

pub use api::{change, create, delete, disable, enable, replay, replay_failed, reveal, rotate, test};
pub use delivery::delivery_page;
pub use done::WebhookDone;
pub use form::{delete_page, new_page};
pub use list::page;
pub use log::deliveries_page;
pub use page::endpoint_page;

use axum::extract::Path;
use domain::ids::EndpointId;
use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::ui::Crumb;

/// The organization's slug and the endpoint's id in an address. What is no id is nobody's.
pub(crate) type EndpointPath = Path<(String, String)>;

fn endpoint_id(text: &str) -> Result<EndpointId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The page of an endpoint, and what is below it.
fn address(org: &Organization, id: EndpointId, rest: &str) -> String {
    org.path(&format!("/webhooks/{id}{rest}"))
}

/// The way back up from the page of an endpoint.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Webhooks".into(), href: org.path("/webhooks") }]
}

/// The way back up from the pages below that.
fn crumbs_below(org: &Organization, id: EndpointId, host: &str) -> Vec<Crumb> {
    let mut crumbs = crumbs(org);
    crumbs.push(Crumb { label: host.to_owned(), href: address(org, id, "") });
    crumbs
}
