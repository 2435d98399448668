//! Handing the organization over.

use axum::response::Response;
use domain::members::Member;
use leptos::prelude::*;
use server::members::{self, Successors, TransferForm};

use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Crumb, ErrorSummary, Field, FieldKind, Form, FormFoot, FormPage, SelectField,
    SelectOption, TypedConfirmation,
};

const TITLE: &str = "Transfer ownership";

/// Asks to whom, and once more.
///
/// # Errors
/// A page about it.
pub async fn transfer_page(org: Organization) -> Result<Response, Fault> {
    let successors = members::list_successors(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let action = content.page.path().to_owned();
        let form = content.page.form(&action);
        let (errors, settings) = (form.errors(), content.path("/settings"));
        let name = content.access.organization().to_owned();
        view! {
            <FormPage
                title=TITLE
                lead=name.clone()
                danger=true
                crumbs=vec![Crumb { label: "Settings".into(), href: settings.clone() }]
                notice=move || view! { <ErrorSummary errors title="The organization was not handed over" /> }
            >
                <p>
                    "The new owner can do everything here, and who the owners are is theirs to say. You become an admin, at once. Both of you get a mail."
                </p>
                <div class="mt-4">
                    <Form action>
                        <SuccessorField successors form=form.clone() />
                        <TypedConfirmation expected=name value=form.value_or("confirmation", "") error=form.error("confirmation") />
                        <FormFoot>
                            <CancelLink href=settings />
                            <Button variant=ButtonVariant::Danger>{TITLE}</Button>
                        </FormFoot>
                    </Form>
                </div>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render(TITLE, page).await)
}

/// Who it is to be: one of a list where that is short, or else by their address.
#[component]
fn SuccessorField(successors: Successors, form: FormState) -> impl IntoView {
    let option =
        |member: Member| SelectOption::new(member.id.to_string(), format!("{} · {}", member.name, member.email));
    match successors {
        Successors::Few(members) => {
            let options = std::iter::once(SelectOption::new("", "Choose a member"));
            let options = options.chain(members.into_iter().map(option)).collect();
            let (value, error) = (form.value_or("member", ""), form.error("member"));
            view! { <SelectField name="member" label="New owner" options value error /> }.into_any()
        }
        Successors::Many => {
            let (value, error) = (form.value_or("email", ""), form.error("email"));
            view! {
                <Field
                    name="email"
                    label="Email"
                    kind=FieldKind::Email
                    value
                    help="The address of a member who may come in."
                    error
                    required=true
                />
            }
            .into_any()
        }
    }
}

/// Hands it over.
///
/// # Errors
/// A page about it.
pub async fn transfer(org: Organization, axum::Form(form): axum::Form<TransferForm>) -> Answer {
    match members::transfer(&org.access, &form).await {
        Ok(member) => {
            let done = Done::OwnershipTransferred { name: member.name };
            Ok(forms::done(&org.page, &org.path("/settings"), done))
        }
        Err(error) => forms::back(&org.page, org.page.path(), &form, error),
    }
}
