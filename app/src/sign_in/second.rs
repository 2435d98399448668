//! The second step of the sign-in: a code from an authenticator app, or a passkey.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::sessions::{Halfway, Visitor};
use server::sign_in;

use super::WayBack;
use super::page::with_next;
use super::passkey::PasskeyAnswer;
use crate::context::{Browser, FormState, PageContext};
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::state::AppState;
use crate::ui::{AuthFrame, Button, ButtonVariant, CodeField, ErrorSummary, Form, HiddenField, PasskeyForm};

/// Where it is.
pub(crate) const SECOND_STEP: &str = "/sign-in/verify";
/// Where a passkey is used for it.
const BY_PASSKEY: &str = "/sign-in/verify/passkey";

/// Somebody who has given the password. Who has not is led to the sign-in, and who is signed in already to
/// the start page.
pub struct AfterPassword(pub(super) Halfway);

impl FromRequestParts<AppState> for AfterPassword {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Fault> {
        if let Some(halfway) = parts.extensions.get::<Halfway>() {
            return Ok(Self(halfway.clone()));
        }
        let signed_in = parts.extensions.get::<Visitor>().is_some();
        Err(Fault::Elsewhere(if signed_in { "/" } else { "/sign-in" }.to_owned()))
    }
}

/// Asks for the code or the passkey, whichever the person has.
///
/// # Errors
/// A page about it.
pub async fn verify_page(page: PageContext, AfterPassword(halfway): AfterPassword) -> Result<Response, Fault> {
    let next = page.query_value("next").unwrap_or_default();
    let ways = sign_in::second_ways(&page.request, &halfway).await?;
    let (form, by_passkey) = (page.form(SECOND_STEP), page.form(BY_PASSKEY));
    let (notice, errors) = (page.clone(), [form.errors(), by_passkey.errors()].concat());
    let other = with_next("/sign-in/recovery", &next);
    let email = &halfway.account.email;
    let lead = if ways.authenticator {
        format!("Enter the code that your authenticator app shows for {email}.")
    } else {
        format!("Use the passkey that you have for {email}.")
    };
    let view = move || {
        let code = ways.authenticator.then(|| view! { <Code form next=next.clone() /> });
        let passkey = ways.passkey.then(|| {
            // The one thing to do, unless there is the code.
            let variant = if ways.authenticator { ButtonVariant::Outline } else { ButtonVariant::Primary };
            view! {
                <div class="mt-4">
                    <PasskeyForm action=BY_PASSKEY variant wide=true error=by_passkey.error("passkey")>
                        <HiddenField name="next" value=next />
                    </PasskeyForm>
                </div>
            }
        });
        view! {
            <AuthFrame
                title="One more step"
                lead
                live=ways.passkey
                foot=|| view! { <SomebodyElse /> }
            >
                {notice.notice()}
                <ErrorSummary errors title="You are not signed in yet" />
                {code}
                {passkey}
                <p class="mt-4 text-center text-md">
                    <a class="link" href=other>"Use a recovery code"</a>
                </p>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("One more step", view).await)
}

#[component]
fn Code(form: FormState, next: String) -> impl IntoView {
    view! {
        <Form action=SECOND_STEP>
            <HiddenField name="next" value=next />
            <CodeField error=form.error("code") autofocus=true />
            <Button variant=ButtonVariant::Primary wide=true>"Verify"</Button>
        </Form>
    }
}

/// A way out for somebody who is not who the password belongs to.
#[component]
pub(super) fn SomebodyElse() -> impl IntoView {
    view! {
        <Form action="/sign-out" class="contents">
            <Button variant=ButtonVariant::Ghost>"Sign in as somebody else"</Button>
        </Form>
    }
}

/// The code, and where to go then.
#[derive(Serialize, Deserialize)]
pub struct CodeForm {
    #[serde(default, skip_serializing)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Finishes signing in.
///
/// # Errors
/// A page about it.
pub async fn verify(
    page: PageContext,
    way_back: WayBack,
    AfterPassword(halfway): AfterPassword,
    Browser(session): Browser,
    axum::Form(form): axum::Form<CodeForm>,
) -> Answer {
    match sign_in::finish_by_code(&page.request, &halfway, &form.code).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(way_back.follow(&form.next))
        }
        Err(error) => {
            let here = with_next(SECOND_STEP, &form.next);
            let again = |page| verify_page(page, AfterPassword(halfway));
            forms::back_or_later(&page, &here, &form, error, again).await
        }
    }
}

/// What the browser has to know to use a passkey.
///
/// # Errors
/// A page about it.
pub async fn verify_challenge(page: PageContext, AfterPassword(halfway): AfterPassword) -> Result<Response, Fault> {
    Ok(forms::json(sign_in::begin_second_by_passkey(&page.request, &halfway).await?))
}

/// Finishes signing in with a passkey.
///
/// # Errors
/// A page about it.
pub async fn verify_by_passkey(
    page: PageContext,
    way_back: WayBack,
    AfterPassword(halfway): AfterPassword,
    Browser(session): Browser,
    axum::Form(form): axum::Form<PasskeyAnswer>,
) -> Answer {
    match sign_in::finish_by_passkey(&page.request, &halfway, &form.answer).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(way_back.follow(&form.next))
        }
        Err(error) => {
            let here = with_next(SECOND_STEP, &form.next);
            let again = |page| verify_page(page, AfterPassword(halfway));
            forms::back_or_later(&page, &here, &form, error, again).await
        }
    }
}
