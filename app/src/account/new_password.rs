//! The way to another password that an organization asks for, and from there into it.

use axum::response::{IntoResponse, Redirect, Response};
use domain::policy::Rule;
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::policy::{self, AskedPassword};

use super::enrol::next_of;
use super::render;
use crate::context::{Browser, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer, choose_password_for, local_path, slug_of};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, Card, ErrorSummary, Field, FieldKind, FlashTone, Form, FormFoot, HiddenField, Narrow,
    NewPasswordField, Notice, PageHeader,
};

const ADDRESS: &str = "/account/new-password";

/// What the organization of the page `next` asks of a password, and the form that changes it. Whose password is good enough
/// goes on.
///
/// # Errors
/// A page about it.
pub async fn new_password_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let form = page.form(ADDRESS);
    let typed = form.value_or("next", "/");
    let next = next_of(&page).unwrap_or_else(|| local_path(&typed).to_owned());
    let Some(asked) = policy::asked_password(&page.request, visitor, slug_of(&next)).await? else {
        return Ok(Redirect::to(&next).into_response());
    };
    let account = &visitor.account;
    let organizations = visitor.organizations();
    let about =
        [account.name.as_str(), &account.email].into_iter().chain(organizations.iter().map(|it| it.name.as_str()));
    let (about, email) = (about.collect::<Vec<_>>().join("\n"), account.email.clone());
    let lead = format!("{} asks for another than you have.", isolated(&asked.organization));
    let reasons = reasons(&asked);
    let least = asked.policy.document().password_length;
    let view = move || {
        let reasons = reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view();
        view! {
            <PageHeader title="Choose another password" lead />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The password was not changed" />
                <Notice tone=FlashTone::Warning title="One step before you go on">
                    <ul class="mt-0.5 grid gap-1">{reasons}</ul>
                    <p class="mt-1">"Then you go on where you wanted to. Everything else is open as before."</p>
                </Notice>
                <Card title="Password" lead="Changing it signs you out everywhere else.">
                    <Form action=ADDRESS>
                        <HiddenField name="next" value=next />
                        <input class="hidden" r#type="text" name="username" autocomplete="username" value=email aria-hidden="true" tabindex="-1" readonly=true />
                        <Field name="current" label="Current password" kind=FieldKind::Password error=form.error("current") autocomplete="current-password" required=true />
                        <NewPasswordField label="New password" about least error=form.error("password") />
                        <FormFoot>
                            <Button variant=ButtonVariant::Primary>"Change password"</Button>
                        </FormFoot>
                    </Form>
                </Card>
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Choose another password", view).await
}

/// What is asked for and not met, in words.
fn reasons(asked: &AskedPassword) -> Vec<String> {
    let policy = asked.policy.document();
    let reason = |rule: Rule| match rule {
        Rule::PasswordLength => Some(format!("It has at least {} characters.", policy.password_length)),
        Rule::PasswordStrength => Some("It is hard to guess: its strength is told as strong.".to_owned()),
        Rule::PasswordDays => {
            let days = policy.password_days.unwrap_or_default();
            Some(format!("Without a second step, it is changed after {days} days."))
        }
        _ => None,
    };
    asked.rules.iter().filter_map(reason).collect()
}

/// The form "Choose another password". Of passwords nothing ever comes back.
#[derive(Serialize, Deserialize)]
pub struct NewPasswordForm {
    #[serde(default, skip_serializing)]
    current: String,
    #[serde(default, skip_serializing)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Changes the password and leads back.
///
/// # Errors
/// A page about it.
pub async fn choose_password(
    page: PageContext,
    Browser(session): Browser,
    axum::Form(form): axum::Form<NewPasswordForm>,
) -> Answer {
    let visitor = page.signed_in()?;
    let next = local_path(&form.next);
    let typed = (form.current.as_str(), form.password.as_str());
    match policy::choose_password(&page.request, visitor, slug_of(next), typed).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(forms::done(&page, next, Done::PasswordChanged))
        }
        Err(error) => forms::back_or_later(&page, &choose_password_for(next), &form, error, new_password_page).await,
    }
}
