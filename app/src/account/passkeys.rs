//! Passkeys: the card on the page "Security".

use axum::extract::Path;
use axum::response::Response;
use domain::factors::Passkey;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::factors::passkeys;

use super::SECURITY;
use super::enrol::home;
use super::page::security_page;
use crate::context::{Browser, FormState, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer, local_path};
use crate::problems::Fault;
use crate::ui::{Button, Card, Field, Form, HiddenField, PasskeyForm, TimeAgo};

/// Where one is added.
pub(super) const ADDRESS: &str = "/account/security/passkeys";

/// The passkeys of a person, and the way to another one.
#[component]
pub(super) fn PasskeyCard(
    page: PageContext,
    passkeys: Vec<Passkey>,
    form: FormState,
    /// Where to go on once one is added; by default this page is shown again.
    #[prop(optional, into)]
    next: Option<String>,
) -> impl IntoView {
    let none = passkeys.is_empty();
    view! {
        <Card id="passkeys" title="Passkeys" lead="Sign in with your finger, your face or your device’s PIN, and without a password.">
            {none
                .then(|| {
                    view! {
                        <p class="text-muted">
                            "You have none yet. A passkey stays on your device or in your password manager, and works on this site alone: nobody can talk you out of it."
                        </p>
                    }
                })}
            <ul class="lines">
                {passkeys.into_iter().map(|passkey| view! { <Line page=page.clone() passkey /> }).collect_view()}
            </ul>
            <div class="mt-4">
                <PasskeyForm action=ADDRESS button="Add passkey" error=form.error("passkey")>
                    {next.map(|value| view! { <HiddenField name="next" value /> })}
                    <Field
                        name="name"
                        label="Name"
                        value=form.value_or("name", "")
                        help="To tell several apart, such as the device that it is on. May stay empty."
                        error=form.error("name")
                        autocomplete="off"
                    />
                </PasskeyForm>
            </div>
        </Card>
    }
}

#[component]
fn Line(page: PageContext, passkey: Passkey) -> impl IntoView {
    let (now, zone) = (page.request.now, page.zone());
    let remove = format!("{ADDRESS}/{}/remove", passkey.id);
    let added = zone.clone();
    view! {
        <li>
            <div>
                <p class="font-medium"><bdi>{passkey.name.clone()}</bdi></p>
                <p class="text-sm text-muted">
                    "Added " <TimeAgo at=passkey.added_at now zone=added />
                    {passkey.last_used_at.map(|at| view! { ", last used " <TimeAgo at now zone /> })}
                </p>
            </div>
            <Form action=remove class="contents">
                <Button small=true>"Remove"<span class="sr-only">" "{passkey.name}</span></Button>
            </Form>
        </li>
    }
}

/// What the browser has to know to make one.
///
/// # Errors
/// A page about it.
pub async fn new_passkey_challenge(page: PageContext) -> Result<Response, Fault> {
    Ok(forms::json(passkeys::begin(&page.request, page.signed_in()?).await?))
}

/// What the browser has made, and what it is to be called.
#[derive(Serialize, Deserialize)]
pub struct NewPasskeyForm {
    #[serde(default, skip_serializing)]
    answer: String,
    #[serde(default)]
    name: String,
    /// Where to go on; empty for the page "Security".
    #[serde(default)]
    next: String,
}

/// Adds it.
///
/// # Errors
/// A page about it.
pub async fn add_passkey(
    page: PageContext,
    Browser(session): Browser,
    axum::Form(form): axum::Form<NewPasskeyForm>,
) -> Answer {
    let next = Some(form.next.as_str()).filter(|next| !next.is_empty()).map(local_path);
    match passkeys::add(&page.request, page.signed_in()?, &form.name, &form.answer).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            let done = Done::PasskeyAdded { name: form.name.trim().to_owned() };
            Ok(forms::done(&page, next.unwrap_or(SECURITY), done))
        }
        Err(error) => forms::back_or_later(&page, &home(next), &form, error, security_page).await,
    }
}

/// Removes one.
///
/// # Errors
/// A page about it.
pub async fn remove_passkey(page: PageContext, Path(passkey): Path<String>, Browser(session): Browser) -> Answer {
    let id = passkey.parse().map_err(|_| domain::problem::Problem::NotFound)?;
    let grant = passkeys::remove(&page.request, page.signed_in()?, id).await?;
    grant.hand_over(&page.request, &session).await?;
    Ok(forms::done(&page, SECURITY, Done::PasskeyRemoved))
}
