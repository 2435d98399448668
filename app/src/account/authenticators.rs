//! Authenticator apps: the card on the page "Security", and setting one up.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use domain::factors::Authenticator;
use domain::ids::AuthenticatorId;
use domain::problem::Problem;
use leptos::prelude::*;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use server::factors::{self, Enrolment};

use super::enrol::{home, next_of};
use super::{SECURITY, render};
use crate::context::{Browser, FormState, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::sign_in::with_next;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, CodeField, Crumb, ErrorSummary, Field, Form, FormFoot,
    IconName, Narrow, PageHeader, TimeAgo,
};

/// The apps of a person, and the way to another one.
#[component]
pub(super) fn AuthenticatorCard(
    page: PageContext,
    apps: Vec<Authenticator>,
    /// Where to go on once one is set up; by default this page is shown again.
    #[prop(optional, into)]
    next: Option<String>,
) -> impl IntoView {
    let none = apps.is_empty();
    let action = with_next("/account/security/authenticators", &next.unwrap_or_default());
    view! {
        <Card
            id="authenticator-app"
            title="Authenticator app"
            lead="A code from your phone, beside the password."
            actions=move || {
                view! {
                    <Form action class="contents">
                        <Button icon=IconName::PLUS>"Set up authenticator"</Button>
                    </Form>
                }
            }
        >
            {none
                .then(|| {
                    view! {
                        <p class="text-muted">
                            "You have none yet. With one, somebody who learns your password cannot sign in with it alone."
                        </p>
                    }
                })}
            <ul class="lines">
                {apps.into_iter().map(|app| view! { <App page=page.clone() app /> }).collect_view()}
            </ul>
        </Card>
    }
}

#[component]
fn App(page: PageContext, app: Authenticator) -> impl IntoView {
    let (now, zone) = (page.request.now, page.zone());
    let remove = format!("/account/security/authenticators/{}/remove", app.id);
    let added = zone.clone();
    view! {
        <li>
            <div>
                <p class="font-medium"><bdi>{app.name.clone()}</bdi></p>
                <p class="text-sm text-muted">
                    "Added " <TimeAgo at=app.confirmed_at now zone=added />
                    {app.last_used_at.map(|at| view! { ", last used " <TimeAgo at now zone /> })}
                </p>
            </div>
            <Form action=remove class="contents">
                <Button small=true>"Remove"<span class="sr-only">" "{app.name}</span></Button>
            </Form>
        </li>
    }
}

/// Begins to set one up.
///
/// # Errors
/// A page about it.
pub async fn set_up_authenticator(page: PageContext) -> Answer {
    let next = next_of(&page);
    match factors::begin(&page.request, page.signed_in()?).await {
        Ok(id) => Ok(Redirect::to(&with_next(&address(id), &next.unwrap_or_default())).into_response()),
        Err(error) => forms::back(&page, &home(next.as_deref()), &(), error),
    }
}

fn address(id: AuthenticatorId) -> String {
    format!("/account/security/authenticators/{id}/set-up")
}

fn id(text: &str) -> Result<AuthenticatorId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

/// Shows the secret that the app has to learn, and asks for the code that shows it did.
///
/// # Errors
/// A page about it.
pub async fn authenticator_page(page: PageContext, Path(authenticator): Path<String>) -> Result<Response, Fault> {
    let id = id(&authenticator)?;
    let enrolment = factors::enrolment(&page.request, page.signed_in()?, id).await?;
    let form = page.form(&address(id));
    let next = next_of(&page);
    let cancel = home(next.as_deref());
    let action = with_next(&address(id), &next.unwrap_or_default());
    let view = move || {
        let errors = form.errors();
        view! {
            <Breadcrumb crumbs=vec![Crumb { label: "Security".into(), href: SECURITY.into() }] />
            <PageHeader title="Set up authenticator" lead="Let your authenticator app scan the picture, then enter the code that it shows." />
            <Narrow>
                <ErrorSummary errors title="The app is not set up yet" />
                <Card title="Scan, then confirm">
                    <Picture enrolment />
                    <ConfirmForm action cancel form />
                </Card>
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Set up authenticator", view).await
}

#[component]
fn Picture(enrolment: Enrolment) -> impl IntoView {
    // An address that is too long for a picture can still be typed.
    let picture = QrCode::new(enrolment.address.as_bytes()).ok().map(|code| {
        // White around it in both themes: cameras need it.
        code.render::<svg::Color>()
            .min_dimensions(192, 192)
            .dark_color(svg::Color("#000"))
            .light_color(svg::Color("#fff"))
            .build()
    });
    let picture = picture.map(|svg| svg.split_once("<svg").map_or(String::new(), |(_, rest)| format!("<svg{rest}")));
    view! {
        <div class="enrolment">
            {picture.map(|svg| view! { <div class="qr" role="img" aria-label="The secret as a picture for the camera" inner_html=svg></div> })}
            <div>
                <p class="text-md text-muted">"No camera? Type this secret into the app:"</p>
                <p class="enrolment-secret"><code>{enrolment.secret.to_string()}</code></p>
                <p class="text-sm text-muted">"It is shown until the app is set up, for a quarter of an hour at most."</p>
            </div>
        </div>
    }
}

#[component]
fn ConfirmForm(action: String, cancel: String, form: FormState) -> impl IntoView {
    view! {
        <Form action>
            <CodeField error=form.error("code") autofocus=true />
            <Field
                name="name"
                label="Name"
                value=form.value_or("name", "")
                help="To tell several apart, such as the phone that it is on. May stay empty."
                error=form.error("name")
                autocomplete="off"
            />
            <FormFoot>
                <CancelLink href=cancel />
                <Button variant=ButtonVariant::Primary>"Confirm"</Button>
            </FormFoot>
        </Form>
    }
}

/// The code, and what the app is to be called.
#[derive(Serialize, Deserialize)]
pub struct ConfirmAppForm {
    #[serde(default, skip_serializing)]
    code: String,
    #[serde(default)]
    name: String,
}

/// Finishes setting it up.
///
/// # Errors
/// A page about it.
pub async fn confirm_authenticator(
    page: PageContext,
    Path(authenticator): Path<String>,
    Browser(session): Browser,
    axum::Form(form): axum::Form<ConfirmAppForm>,
) -> Answer {
    let id = id(&authenticator)?;
    let next = next_of(&page);
    match factors::confirm(&page.request, page.signed_in()?, id, &form.name, &form.code).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            let done = Done::AuthenticatorAdded { name: form.name.trim().to_owned() };
            Ok(forms::done(&page, next.as_deref().unwrap_or(SECURITY), done))
        }
        Err(error) => {
            let again = |page| authenticator_page(page, Path(authenticator));
            let to = with_next(&address(id), &next.unwrap_or_default());
            forms::back_or_later(&page, &to, &form, error, again).await
        }
    }
}

/// Removes one.
///
/// # Errors
/// A page about it.
pub async fn remove_authenticator(
    page: PageContext,
    Path(authenticator): Path<String>,
    Browser(session): Browser,
) -> Answer {
    let grant = factors::remove(&page.request, page.signed_in()?, id(&authenticator)?).await?;
    grant.hand_over(&page.request, &session).await?;
    Ok(forms::done(&page, SECURITY, Done::AuthenticatorRemoved))
}
