//! The second step of the sign-in for somebody whose authenticator app is gone: a recovery code.

use axum::response::Response;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::sign_in;

use super::page::with_next;
use super::second::{AfterPassword, SomebodyElse};
use super::{SECOND_STEP, WayBack};
use crate::context::{Browser, PageContext};
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{AuthFrame, Button, ButtonVariant, ErrorSummary, Field, FieldKind, Form, HiddenField};

const ADDRESS: &str = "/sign-in/recovery";

/// Asks for the code.
///
/// # Errors
/// A page about it.
pub async fn recovery_page(page: PageContext, AfterPassword(halfway): AfterPassword) -> Result<Response, Fault> {
    let next = page.query_value("next").unwrap_or_default();
    let form = page.form(ADDRESS);
    let (notice, errors) = (page.clone(), form.errors());
    let other = with_next(SECOND_STEP, &next);
    let has_code = sign_in::second_ways(&page.request, &halfway).await?.authenticator;
    let other_way = if has_code { "Use your authenticator app" } else { "Use a passkey" };
    let lead =
        format!("Enter one of the ten codes that you have put away for {}. Each works once.", halfway.account.email);
    let view = move || {
        view! {
            <AuthFrame title="Use a recovery code" lead foot=|| view! { <SomebodyElse /> }>
                {notice.notice()}
                <ErrorSummary errors title="You are not signed in yet" />
                <Form action=ADDRESS>
                    <HiddenField name="next" value=next />
                    <Field
                        name="recovery_code"
                        label="Recovery code"
                        kind=FieldKind::Code
                        placeholder="XXXX-XXXX-XXXX-XXXX"
                        error=form.error("recovery_code")
                        autocomplete="off"
                        required=true
                        autofocus=true
                    />
                    <Button variant=ButtonVariant::Primary wide=true>"Verify"</Button>
                </Form>
                <p class="mt-4 text-center text-md">
                    <a class="link" href=other>{other_way}</a>
                </p>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Use a recovery code", view).await)
}

/// The code, and where to go then.
#[derive(Serialize, Deserialize)]
pub struct RecoveryForm {
    #[serde(default, skip_serializing)]
    recovery_code: String,
    #[serde(default)]
    next: String,
}

/// Finishes signing in.
///
/// # Errors
/// A page about it.
pub async fn recover(
    page: PageContext,
    way_back: WayBack,
    AfterPassword(halfway): AfterPassword,
    Browser(session): Browser,
    axum::Form(form): axum::Form<RecoveryForm>,
) -> Answer {
    match sign_in::finish_by_recovery_code(&page.request, &halfway, &form.recovery_code).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(way_back.follow(&form.next))
        }
        Err(error) => {
            let here = with_next(ADDRESS, &form.next);
            let again = |page| recovery_page(page, AfterPassword(halfway));
            forms::back_or_later(&page, &here, &form, error, again).await
        }
    }
}
