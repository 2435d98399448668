//! Groups: the list, one group with the people in it, and its form.

mod api;
mod form;
mod page;

pub use api::{add_member, create, delete, remove_member, save};
pub use form::{delete_page, new_page};
pub use page::{group_page, page};

use domain::ids::GroupId;
use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::ui::Crumb;

fn group_id(text: &str) -> Result<GroupId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Groups".into(), href: org.path("/groups") }]
}
