//! A person's own pages.

mod api;
mod authenticators;
mod delete;
mod email;
mod enrol;
mod new_password;
mod page;
mod passkeys;
mod recovery;
mod sessions;
mod step_up;
mod summary;
mod verify_address;

use axum::response::Response;
use leptos::prelude::*;

pub use api::{change_password, end_other_sessions, end_session, end_sessions, save_profile};
pub use authenticators::{authenticator_page, confirm_authenticator, remove_authenticator, set_up_authenticator};
pub use delete::{delete_account, delete_page};
pub use email::{cancel_email, change_email, email_page, prove_email, resend_email};
pub use enrol::enrol_page;
pub use new_password::{choose_password, new_password_page};
pub use page::{profile_page, security_page};
pub use passkeys::{add_passkey, new_passkey_challenge, remove_passkey};
pub use recovery::generate_recovery_codes;
pub use sessions::sessions_page;
pub use step_up::{step_up, step_up_by_passkey, step_up_challenge, step_up_page};
pub use verify_address::{cancel_address, verify_address, verify_address_page};

use crate::context::PageContext;
use crate::problems::Fault;
use crate::ui::Frame;

/// The page that one's factors are on.
const SECURITY: &str = "/account/security";

/// Renders a page inside of the person's own frame.
///
/// # Errors
/// As [`PageContext::signed_in`].
pub(crate) async fn render(
    page: &PageContext,
    title: &str,
    content: impl FnOnce() -> AnyView + Send + 'static,
) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let frame = crate::nav::of_person(page, visitor);
    let notice = page.clone();
    let view = move || view! { <Frame data=frame>{notice.notice()} {content()}</Frame> }.into_any();
    Ok(page.render(title, view).await)
}
