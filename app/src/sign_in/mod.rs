//! Signing in and out, and a forgotten password.

mod api;
mod page;
mod way_back;

pub use api::{forgot, reset, sign_out, submit};
pub use page::{forgot_page, page, reset_page};
pub(crate) use way_back::WayBack;
