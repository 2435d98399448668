//! The security policy: what an organization asks of its members, section by section.

mod api;
mod page;
mod sign_in;
mod versions;

pub use api::{remind, save};
pub use page::page;
pub use versions::{roll_back, version_page, versions_page};
