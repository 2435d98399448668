//! Signing in and out, and a forgotten password.

mod api;
mod page;

pub use api::{forgot, reset, sign_out, submit};
pub use page::{forgot_page, page, reset_page};
