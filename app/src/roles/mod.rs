//! Roles: what each may do, the matrix in which they are changed, and the form of one.

mod api;
mod delete;
mod form;
mod matrix;
mod page;
mod parts;
mod review;

pub use api::{create, delete, save, save_matrix};
pub use delete::delete_page;
pub use form::new_page;
pub use page::{page, role_page};
pub(crate) use parts::{Basics, PermissionBoxes, PermissionChanges, RoleBoxes, Saved, SavedNow, listed};
pub(crate) use review::ConflictNotice;
pub use review::{review, review_matrix};

use axum::Form;
use domain::ids::CustomRoleId;
use domain::problem::Problem;
use server::Error;

use crate::ui::Crumb;

/// The fields of a form as they were sent, of which some are there several times.
pub(crate) type Pairs = Form<Vec<(String, String)>>;

/// The pairs as their readers take them.
pub(crate) fn texts(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn custom_id(text: &str) -> Result<CustomRoleId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

fn crumbs(org: &crate::context::Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Roles".into(), href: org.path("/roles") }]
}
