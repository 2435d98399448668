//! The policy as text, to be kept elsewhere and brought back.

use axum::Form as Sent;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::fields::{FieldErrors, FieldProblem};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use serde::Deserialize;
use server::Error;
use server::policy::{self, Saved};

use super::crumbs;
use crate::context::Organization;
use crate::files::file;
use crate::forms::Answer;
use crate::problems::Fault;
use crate::texts;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, ErrorSummary, FieldError, Form, FormFoot, HiddenField,
    IconName, Narrow, PageHeader, TextArea,
};

/// The field that brings a text.
const FIELD: &str = "yaml";

/// The draft, or what is in force.
///
/// # Errors
/// A page about it.
pub async fn text_page(org: Organization) -> Result<Response, Fault> {
    show(org, String::new(), &FieldErrors::default()).await
}

/// The same as a file.
///
/// # Errors
/// A page about it.
pub async fn download(org: Organization) -> Result<Response, Fault> {
    let (_, text) = policy::text(&org.access, None).await?;
    let name = format!("{}-policy.yaml", org.access.slug());
    Ok(file(&name, "application/yaml; charset=utf-8", Body::from(text)))
}

/// A text that is brought.
#[derive(Deserialize)]
pub struct TextForm {
    #[serde(default)]
    base: String,
    #[serde(default)]
    yaml: String,
}

/// Makes a text the draft. One that is wrong is shown again by the page itself: it may be long.
///
/// # Errors
/// A page about it.
pub async fn import(org: Organization, Sent(form): Sent<TextForm>) -> Answer {
    match policy::import(&org.access, &form.base, &form.yaml).await {
        Ok(Saved::Draft(_) | Saved::Unchanged) => Ok(Redirect::to(&org.path("/policy/draft")).into_response()),
        Ok(Saved::Overtaken(_)) => Err(Problem::Changed.into()),
        Err(Error::Invalid(errors)) => {
            let mut response = show(org, form.yaml, &errors).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(org: Organization, typed: String, errors: &FieldErrors) -> Result<Response, Fault> {
    let (base, text) = policy::text(&org.access, None).await?;
    let editable = org.access.may(Permission::ManagePolicy);
    // What is wrong with a setting is told at the text that names it.
    let told = |(field, problem): (&str, FieldProblem)| match field {
        FIELD => texts::field(field, problem),
        _ => format!("{}: {}", texts::label("", field), texts::field(field, problem)),
    };
    let told: Vec<_> = errors.iter().map(told).collect();
    let content = org.clone();
    let page = move || {
        let wrong = (!told.is_empty()).then(|| told.join(" "));
        let errors: Vec<_> = told.into_iter().map(|message| FieldError::at(FIELD, message)).collect();
        let action = content.path("/policy/text");
        let download = content.path("/policy/text.yaml");
        let import = editable.then(|| view! { <Import action base typed wrong /> });
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Policy as text"
                lead="The draft where there is one, or else what is in force."
                actions=move || {
                    view! {
                        <ButtonLink href=download download=true icon=IconName::DOWNLOAD>
                            "Download"
                        </ButtonLink>
                    }
                }
            />
            <Narrow>
                <ErrorSummary errors title="The text was not imported" />
                <pre class="code-block mb-5">{text}</pre>
                {import}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Policy as text", page).await)
}

/// The form that brings a text.
#[component]
fn Import(
    action: String,
    /// The version that the text goes into.
    base: i64,
    /// What was brought before.
    typed: String,
    /// What is wrong with it.
    wrong: Option<String>,
) -> impl IntoView {
    view! {
        <Card title="Import" lead="What a text names goes into the draft. Nothing holds before it is enforced.">
            <Form action>
                <HiddenField name="base" value=base.to_string() />
                <TextArea
                    name=FIELD
                    label="Text"
                    value=typed
                    help="As it is downloaded here, or from another organization."
                    error=wrong
                    rows=10
                    code=true
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Import"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}
