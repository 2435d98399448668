//! The security policy: what an organization asks of its members, section by section.

mod api;
mod page;
mod sign_in;

pub use api::{remind, save};
pub use page::page;
