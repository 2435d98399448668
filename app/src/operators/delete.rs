//! Deleting an organization: what it comes to, and the form that does it.

use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::operators::{self, OrganizationRow};

use super::{Console, OperatorDone, OrganizationPath, address, crumbs, organization_id};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Crumb, ErrorSummary, Field, Form as FormView, FormFoot, FormPage,
    TypedConfirmation,
};

/// Says what goes and until when it can be kept, and asks once more. One that is being deleted already shows its own page.
///
/// # Errors
/// A page about it.
pub async fn delete_page(console: Console, Path(organization): OrganizationPath) -> Result<Response, Fault> {
    let row = operators::lookup(&console.access, organization_id(&organization)?).await?.row;
    if row.delete_at.is_some() {
        return Ok(Redirect::to(&address(row.id, "")).into_response());
    }
    let content = console.clone();
    let page = move || view! { <Asking row console=content /> }.into_any();
    Ok(console.render("Delete organization", page).await)
}

#[component]
fn Asking(row: OrganizationRow, console: Console) -> impl IntoView {
    let (action, back) = (address(row.id, "/delete"), address(row.id, ""));
    let form = console.page.form(&action);
    let errors = form.errors();
    let mut crumbs = crumbs();
    crumbs.push(Crumb { label: row.name.clone(), href: back.clone() });
    view! {
        <FormPage
            title="Delete organization"
            lead=row.name.clone()
            crumbs
            danger=true
            notice=move || view! { <ErrorSummary errors title="The organization was not deleted" /> }
        >
            <p>
                "Nobody can use it from now on: its members are kept out, and invitations to it do not work. Its owners get a mail."
            </p>
            <p class="mt-2">
                "For 30 days each owner can keep it, and so can you. After that members, invitations, settings and the audit trail are deleted for good. The accounts of its members stay theirs."
            </p>
            <div class="mt-4">
                <FormView action>
                    <Field
                        name="reason"
                        label="Reason"
                        value=form.value_or("reason", "")
                        help="The organization reads it in its audit trail."
                        error=form.error("reason")
                        required=true
                    />
                    <TypedConfirmation expected=row.name value=form.value_or("confirmation", "") error=form.error("confirmation") />
                    <FormFoot>
                        <CancelLink href=back />
                        <Button variant=ButtonVariant::Danger>"Delete organization"</Button>
                    </FormFoot>
                </FormView>
            </div>
        </FormPage>
    }
}

/// The name that was typed, and why.
#[derive(Serialize, Deserialize)]
pub struct DeleteForm {
    #[serde(default)]
    confirmation: String,
    #[serde(default)]
    reason: String,
}

/// Has it deleted.
///
/// # Errors
/// A page about it.
pub async fn delete(console: Console, Path(organization): OrganizationPath, Form(form): Form<DeleteForm>) -> Answer {
    let id = organization_id(&organization)?;
    match operators::schedule_deletion(&console.access, id, &form.confirmation, &form.reason).await {
        Ok(()) => {
            let organization = operators::lookup(&console.access, id).await?.row.name;
            let done = Done::Operator(OperatorDone::Deleted { organization });
            Ok(forms::done(&console.page, &address(id, ""), done))
        }
        Err(error) => forms::back(&console.page, console.page.path(), &form, error),
    }
}
