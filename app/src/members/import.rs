//! Members from a file: choosing it. What it comes to, its job's page shows.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::fields::FieldProblem;
use domain::problem::Problem;
use leptos::prelude::*;
use server::Error;
use server::members::import;

use super::page::crumbs;
use crate::context::Organization;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, ErrorSummary, FileField, Form, FormFoot, FormPage};

/// The most bytes of a file, and of what the browser writes around it.
pub const FILE_MAX: usize = 10 * 1024 * 1024;

/// Asks for a file.
///
/// # Errors
/// A page about it.
pub async fn import_page(org: Organization) -> Result<Response, Fault> {
    server::invitations::prepare(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let action = content.page.path().to_owned();
        let form = content.page.form(&action);
        let errors = form.errors();
        view! {
            <FormPage
                title="Import members"
                lead="A CSV file whose first line is email,name,role. Nothing happens before you have seen what it comes to."
                crumbs=crumbs(&content, None)
                notice=move || view! { <ErrorSummary errors title="The file was not checked" /> }
            >
                <Form action multipart=true>
                    <FileField
                        name="file"
                        label="File"
                        accept=".csv,text/csv"
                        help="At most 10 MB and 50,000 lines. Names are not used: people say theirs when they join. A role is one of the roles’ names, such as Member."
                        error=form.error("file")
                    />
                    <FormFoot>
                        <CancelLink href=content.path("/members") />
                        <Button variant=ButtonVariant::Primary>"Check"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Import members", page).await)
}

/// Checks a file.
///
/// # Errors
/// A page about it.
pub async fn check_import(org: Organization, form: Multipart) -> Answer {
    let checked = match file(form).await? {
        Some(bytes) => import::check(&org.access, &bytes).await,
        None => Err(Error::field("file", FieldProblem::Required)),
    };
    match checked {
        Ok(job) => Ok(Redirect::to(&org.path(&format!("/jobs/{job}"))).into_response()),
        Err(error) => forms::back(&org.page, org.page.path(), &(), error),
    }
}

/// The file that a form carries.
async fn file(mut form: Multipart) -> Result<Option<axum::body::Bytes>, Fault> {
    let broken = |error: MultipartError| {
        Fault::from(if error.status() == 413 { Problem::TooLarge } else { Problem::BadRequest })
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            return field.bytes().await.map(Some).map_err(broken);
        }
    }
    Ok(None)
}
