//! Making an organization for somebody.

use axum::Form;
use axum::response::Response;
use domain::operators::ProvisionForm;
use leptos::prelude::*;
use server::operators;

use super::{Console, ORGANIZATIONS, OperatorDone, address, crumbs};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, ErrorSummary, Field, FieldKind, Form as FormView, FormFoot, FormPage,
};

/// The form.
///
/// # Errors
/// A page about it.
pub async fn new_page(console: Console) -> Result<Response, Fault> {
    let form = console.page.form(ORGANIZATIONS);
    let sends_mail = console.page.sends_mail();
    let page = move || {
        let errors = form.errors();
        let way = if sends_mail {
            "They get a mail with the way in: nobody but them chooses their password."
        } else {
            "There is no mail server: “portcullis mail list” shows the link for them. Nobody but them chooses their password."
        };
        view! {
            <FormPage
                title="Create organization"
                lead="For somebody who becomes its first owner."
                crumbs=crumbs()
                notice=move || view! { <ErrorSummary errors title="The organization was not created" /> }
            >
                <FormView action=ORGANIZATIONS>
                    <Field
                        name="organization"
                        label="Organization name"
                        value=form.value_or("organization", "")
                        error=form.error("organization")
                        required=true
                        autofocus=true
                    />
                    <Field
                        name="email"
                        label="Email"
                        kind=FieldKind::Email
                        value=form.value_or("email", "")
                        help=format!("The address of its owner. {way}")
                        error=form.error("email")
                        required=true
                    />
                    <Field
                        name="name"
                        label="Full name"
                        value=form.value_or("name", "")
                        help="What the owner is called, unless the address has an account."
                        error=form.error("name")
                        required=true
                    />
                    <FormFoot>
                        <CancelLink href=ORGANIZATIONS />
                        <Button variant=ButtonVariant::Primary>"Create organization"</Button>
                    </FormFoot>
                </FormView>
            </FormPage>
        }
        .into_any()
    };
    Ok(console.render("Create organization", page).await)
}

/// Makes it.
///
/// # Errors
/// A page about it.
pub async fn create(console: Console, Form(form): Form<ProvisionForm>) -> Answer {
    match operators::create(&console.access, &form).await {
        Ok(id) => {
            let done = OperatorDone::Created {
                organization: form.organization.trim().to_owned(),
                email: form.email.trim().to_owned(),
                mailed: console.page.sends_mail(),
            };
            Ok(forms::done(&console.page, &address(id, ""), Done::Operator(done)))
        }
        Err(error) => forms::back(&console.page, &format!("{ORGANIZATIONS}/new"), &form, error),
    }
}
