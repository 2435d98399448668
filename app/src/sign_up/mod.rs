//! Signing up, and confirming the address.

mod strength;
mod verify;

use axum::response::{IntoResponse, Redirect, Response};
use domain::accounts::SignUpForm;
use leptos::prelude::*;
use server::sign_up::{self, SignedUp, Welcome};
use tower_sessions::Session;

pub use strength::password_strength;
pub use verify::{discard, verify, verify_page};

use crate::context::{Browser, FormState, PageContext};
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{AuthFrame, Button, ButtonLink, ButtonVariant, ErrorSummary, Field, FieldKind, Form, NewPasswordField};

/// The form.
///
/// # Errors
/// A page about it.
pub async fn page(page: PageContext) -> Result<Response, Fault> {
    if page.visitor.is_some() {
        return Ok(Redirect::to("/organizations/new").into_response());
    }
    let form = page.form("/sign-up");
    let notice = page.clone();
    let view = move || {
        view! {
            <AuthFrame
                title="Create an organization"
                lead="You become its first owner."
                live=true
                foot=|| view! { "You have an account? " <a class="link" href="/sign-in">"Sign in"</a> }
            >
                {notice.notice()}
                <Fields form />
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Create an organization", view).await)
}

#[component]
fn Fields(form: FormState) -> impl IntoView {
    let errors = form.errors();
    view! {
        <ErrorSummary errors />
        <Form action="/sign-up">
            <Field name="name" label="Full name" value=form.value_or("name", "") error=form.error("name") autocomplete="name" required=true autofocus=true />
            <Field name="email" label="Email" kind=FieldKind::Email value=form.value_or("email", "") error=form.error("email") autocomplete="username" required=true />
            <NewPasswordField error=form.error("password") />
            <Field name="organization" label="Organization name" value=form.value_or("organization", "") error=form.error("organization") autocomplete="organization" required=true />
            <Button variant=ButtonVariant::Primary wide=true>"Create organization"</Button>
        </Form>
    }
}

/// Takes the form.
///
/// # Errors
/// A page about it.
pub async fn submit(page: PageContext, Browser(session): Browser, axum::Form(form): axum::Form<SignUpForm>) -> Answer {
    match sign_up::sign_up(&page.request, &form).await {
        Ok(SignedUp::CheckMail) => Ok(Redirect::to("/check-mail").into_response()),
        Ok(SignedUp::Done(welcome)) => enter(&page, welcome, &session).await,
        Err(error) => forms::back_or_later(&page, "/sign-up", &form, error, self::page).await,
    }
}

async fn enter(page: &PageContext, welcome: Welcome, session: &Session) -> Answer {
    welcome.grant.hand_over(&page.request, session).await?;
    Ok(Redirect::to(&format!("/o/{}", welcome.slug)).into_response())
}

/// What everybody is told, whoever the address belongs to.
pub async fn check_mail(page: PageContext) -> Response {
    let view = || {
        view! {
            <AuthFrame title="Check your mail" lead="A link to finish the sign-up is on its way to the address that you gave. It is good for one day.">
                <p class="mb-4 text-md text-muted">
                    "Nothing there after a few minutes? Look into the spam folder, or "
                    <a class="link text-base-content" href="/sign-up">"sign up again"</a> "."
                </p>
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    page.render("Check your mail", view).await
}
