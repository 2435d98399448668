//! Signing in and out, and a forgotten password.

mod api;
mod not_me;
mod page;
mod passkey;
mod recovery;
mod second;
mod way_back;

pub use api::{forgot, reset, sign_out, submit};
pub use not_me::{not_me, not_me_page};
pub(crate) use page::with_next;
pub use page::{forgot_page, page, reset_page};
pub use passkey::{PasskeyAnswer, passkey_challenge, use_passkey};
pub use recovery::{recover, recovery_page};
pub(crate) use second::SECOND_STEP;
pub use second::{verify, verify_by_passkey, verify_challenge, verify_page};
pub(crate) use way_back::WayBack;
