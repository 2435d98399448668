//! API keys and service accounts: the lists, one of each, their forms, and a secret that is shown once.

mod account;
mod accounts;
mod api;
mod done;
mod form;
mod issued;
mod list;
mod page;
mod parts;
mod revoke;

pub use account::account_page;
pub use accounts::{accounts_page, new_account_page};
pub use api::{
    change, change_account, create, create_account, disable_account, enable_account, revoke, rotate, take_over,
};
pub use done::KeyDone;
pub use form::new_page;
pub(crate) use issued::issued_page;
pub use list::page;
pub use page::key_page;
pub use revoke::revoke_page;

use axum::extract::Path;
use domain::ids::{ApiKeyId, ServiceAccountId};
use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::ui::Crumb;

/// The organization's slug and the id of a key or a service account in an address. What is no id is nobody's.
pub(crate) type KeyPath = Path<(String, String)>;

pub(crate) fn key_id(text: &str) -> Result<ApiKeyId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

fn account_id(text: &str) -> Result<ServiceAccountId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The page of a key, and what is below it.
fn address(org: &Organization, id: ApiKeyId, rest: &str) -> String {
    org.path(&format!("/keys/{id}{rest}"))
}

/// The page of a service account, and what is below it.
fn account_address(org: &Organization, id: ServiceAccountId, rest: &str) -> String {
    org.path(&format!("/keys/accounts/{id}{rest}"))
}

fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "API keys".into(), href: org.path("/keys") }]
}

fn account_crumbs(org: &Organization) -> Vec<Crumb> {
    let mut crumbs = crumbs(org);
    crumbs.push(Crumb { label: "Service accounts".into(), href: org.path("/keys/accounts") });
    crumbs
}
