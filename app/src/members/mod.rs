//! Members: list, one member, and what is done to them.

mod access;
mod api;
mod bar;
mod bulk;
pub(crate) mod confirm;
mod export;
mod factors;
mod filters;
mod import;
mod page;
mod sessions;
mod table;
mod transfer;

pub use access::access_page;
pub(crate) use api::broken_rule;
pub use api::{change_role, end_access, leave, remove, resume, suspend};
pub use bulk::{bulk_page, start_bulk};
pub use confirm::{leave_page, remove_page};
pub use export::{export_csv, export_ndjson};
pub use factors::{factors_page, reset_factors};
pub use filters::{delete_filter, filters_page, save_filter};
pub use import::{FILE_MAX, check_import, import_page};
pub(crate) use page::role_options;
pub use page::{member_page, page, role_page};
pub use sessions::end_member_session;
pub use transfer::{transfer, transfer_page};

use axum::extract::Path;
use domain::ids::AccountId;
use domain::problem::Problem;
use server::Error;

/// The organization's slug and the member's id in an address. What is no id is nobody's.
pub(crate) type MemberPath = Path<(String, String)>;

pub(crate) fn member_id(text: &str) -> Result<AccountId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}
