//! The pages.

use axum::extract::Path;
use axum::response::Response;
use leptos::prelude::*;
use server::factors::passkeys;
use server::sign_in;

use super::{WayBack, passkey};
use crate::context::PageContext;
use crate::problems::Fault;
use crate::ui::{
    AuthFrame, Button, ButtonLink, ButtonVariant, ErrorSummary, Field, FieldKind, Form, HiddenField, NewPasswordField,
    PasskeyForm,
};

/// An address that leads on to another afterwards.
pub(crate) fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        return path.to_owned();
    }
    serde_urlencoded::to_string([("next", next)]).map_or_else(|_| path.to_owned(), |query| format!("{path}?{query}"))
}

/// The sign-in.
///
/// # Errors
/// A page about it.
pub async fn page(page: PageContext, way_back: WayBack) -> Result<Response, Fault> {
    let (form, by_passkey) = (page.form("/sign-in"), page.form(passkey::ADDRESS));
    let typed = form.value("next").or_else(|| by_passkey.value("next"));
    let next = page.query_value("next").or(typed).unwrap_or_default();
    if page.visitor.is_some() {
        return Ok(way_back.follow(&next));
    }
    // Who comes back has their address there already.
    let again = form.value("email").is_some_and(|email| !email.is_empty());
    let (notice, errors) = (page.clone(), [form.errors(), by_passkey.errors()].concat());
    let passkeys = passkeys::are_possible(&page.request);
    let view = move || {
        let there = next.clone();
        let offer = passkeys.then(move || {
            view! {
                <div class="mt-4">
                    <PasskeyForm action=passkey::ADDRESS wide=true in_menu=true error=by_passkey.error("passkey")>
                        <HiddenField name="next" value=there />
                    </PasskeyForm>
                </div>
            }
        });
        view! {
            <AuthFrame
                title="Sign in"
                live=passkeys
                foot=|| view! { "New here? " <a class="link" href="/sign-up">"Create an organization"</a> }
            >
                {notice.notice()}
                <ErrorSummary errors title="You are not signed in" />
                <Form action="/sign-in">
                    <HiddenField name="next" value=next />
                    <Field
                        name="email"
                        label="Email"
                        kind=FieldKind::Email
                        value=form.value_or("email", "")
                        error=form.error("email")
                        autocomplete=if passkeys { "username webauthn" } else { "username" }
                        required=true
                        autofocus=!again
                    />
                    <Field
                        name="password"
                        label="Password"
                        kind=FieldKind::Password
                        error=form.error("password")
                        autocomplete="current-password"
                        required=true
                        autofocus=again
                        aside=|| view! { <a class="link" href="/forgot-password">"Forgot it?"</a> }
                    />
                    <Button variant=ButtonVariant::Primary wide=true>"Sign in"</Button>
                </Form>
                {offer}
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Sign in", view).await)
}

/// Asks for the address of a forgotten password.
///
/// # Errors
/// A page about it.
pub async fn forgot_page(page: PageContext) -> Result<Response, Fault> {
    let form = page.form("/forgot-password");
    let (notice, errors) = (page.clone(), form.errors());
    let (lead, button) = if page.sends_mail() {
        ("We send you a link to choose a new one.", "Send link")
    } else {
        (
            "No mail server is set up here. Ask for a link, and whoever runs this server can give it to you.",
            "Ask for a link",
        )
    };
    let view = move || {
        view! {
            <AuthFrame
                title="Forgot your password?"
                lead
                foot=|| view! { <a class="link" href="/sign-in">"Back to sign-in"</a> }
            >
                {notice.notice()}
                <ErrorSummary errors />
                <Form action="/forgot-password">
                    <Field
                        name="email"
                        label="Email"
                        kind=FieldKind::Email
                        value=form.value_or("email", "")
                        error=form.error("email")
                        autocomplete="username"
                        required=true
                        autofocus=true
                    />
                    <Button variant=ButtonVariant::Primary wide=true>{button}</Button>
                </Form>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Forgot your password?", view).await)
}

/// What everybody is told, whether the address has an account or not.
pub(super) async fn forgotten(page: &PageContext) -> Response {
    let (title, lead) = if page.sends_mail() {
        (
            "Check your mail",
            "If the address has an account, a link to choose a new password is on its way. It is good for one hour.",
        )
    } else {
        (
            "Ask whoever runs this server",
            "If the address has an account, “portcullis mail list” shows them a link to choose a new password. It is good for one hour.",
        )
    };
    let view = move || {
        view! {
            <AuthFrame title lead>
                <ButtonLink href="/sign-in" wide=true>"Back to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    page.render(title, view).await
}

/// Asks for a new password.
///
/// # Errors
/// A page about it.
pub async fn reset_page(page: PageContext, Path(token): Path<String>) -> Result<Response, Fault> {
    let about = sign_in::check_reset(&page.request, &token).await?.join("\n");
    let form = page.form(page.path());
    let (action, errors) = (page.path().to_owned(), form.errors());
    let view = move || {
        view! {
            <AuthFrame title="Choose a new password" lead="All your sessions end, and you sign in anew." live=true>
                <ErrorSummary errors title="The password was not changed" />
                <Form action>
                    <NewPasswordField label="New password" about error=form.error("password") autofocus=true />
                    <Button variant=ButtonVariant::Primary wide=true>"Change password"</Button>
                </Form>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Choose a new password", view).await)
}
