//! Overview, settings, and making another organization.

mod delete;
mod overview;
mod settings;

use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::organizations::{self, Start};
use server::sign_up;

pub use delete::{delete, delete_page, keep, keep_page};
pub use overview::overview;
pub use settings::{move_to, rename, settings};

use crate::account::render;
use crate::context::PageContext;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, ErrorSummary, Field, Form, FormFoot, FormPage};

/// `/`: into the organization where somebody was last, or else into one that lets them in.
///
/// # Errors
/// A page about it.
pub async fn start(page: PageContext) -> Result<Response, Fault> {
    let Some(visitor) = &page.visitor else { return Ok(Redirect::to("/sign-in").into_response()) };
    let to = match organizations::start_of(&page.request, visitor).await? {
        Start::Inside(slug) => format!("/o/{slug}"),
        Start::Outside => "/account".to_owned(),
        Start::Nowhere => "/invitations".to_owned(),
    };
    // What the request before had to say is shown by the page behind this redirect: the cookie stays.
    Ok(Redirect::to(&to).into_response())
}

/// The form "Create organization".
///
/// # Errors
/// A page about it.
pub async fn new_page(page: PageContext) -> Result<Response, Fault> {
    let form = page.form("/organizations/new");
    let view = move || {
        let errors = form.errors();
        view! {
            <FormPage title="Create organization" lead="You become its first owner." notice=move || view! { <ErrorSummary errors title="The organization was not created" /> }>
                <Form action="/organizations/new">
                    <Field
                        name="organization"
                        label="Organization name"
                        value=form.value_or("organization", "")
                        error=form.error("organization")
                        required=true
                        autofocus=true
                    />
                    <FormFoot>
                        <CancelLink href="/" />
                        <Button variant=ButtonVariant::Primary>"Create organization"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    render(&page, "Create organization", view).await
}

/// A name.
#[derive(Serialize, Deserialize)]
pub struct NewForm {
    #[serde(default)]
    organization: String,
}

/// Makes another organization.
///
/// # Errors
/// A page about it.
pub async fn create(page: PageContext, axum::Form(form): axum::Form<NewForm>) -> Answer {
    let visitor = page.signed_in()?;
    match sign_up::create_organization(&page.request, visitor, &form.organization).await {
        Ok(slug) => Ok(Redirect::to(&format!("/o/{slug}")).into_response()),
        Err(error) => forms::back_or_later(&page, "/organizations/new", &form, error, new_page).await,
    }
}
