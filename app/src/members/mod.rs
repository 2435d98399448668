//! Members: list, one member, and what is done to them.

mod api;
mod page;
mod table;

pub use api::{change_role, leave, remove, resume, suspend};
pub(crate) use page::role_options;
pub use page::{leave_page, member_page, page, remove_page, role_page};

use axum::extract::Path;
use domain::ids::AccountId;
use domain::problem::Problem;
use server::Error;

/// The organization's slug and the member's id in an address. What is no id is nobody's.
pub(crate) type MemberPath = Path<(String, String)>;

pub(crate) fn member_id(text: &str) -> Result<AccountId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}
