//! The form that says who gets checkpoints by mail.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use domain::roles::Permission;
use leptos::prelude::*;
use server::audit::{self, CheckpointMail, CheckpointMailForm, HOURS};

use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::ui::{Button, Card, Fact, Facts, Form as FormView, FormFoot, SelectField, SelectOption, TextArea};

/// Where the form goes, below the organization's address.
pub(super) const ADDRESS: &str = "/audit/checkpoints/mail";

/// How often they come, in words.
fn often(hours: i32) -> String {
    match hours {
        1 => "Every hour".into(),
        24 => "Once a day".into(),
        168 => "Once a week".into(),
        hours => format!("Every {hours} hours"),
    }
}

/// Who gets checkpoints by mail: the form, for whoever may change it.
#[component]
pub(super) fn ByMail(org: Organization, mail: CheckpointMail, form: FormState) -> impl IntoView {
    let lead = "So that they lie where nobody can reach who can write to this server’s database. While nothing happens, the last one comes again once a day, or once a week if that is chosen: whoever hears nothing should ask why.";
    if !org.access.may(Permission::ManagePolicy) {
        let emails = if mail.emails.is_empty() { "Nobody".to_owned() } else { mail.emails.join(", ") };
        return view! {
            <Card title="Send checkpoints to" lead>
                <Facts>
                    <Fact term="Email addresses">{emails}</Fact>
                    <Fact term="At most">{often(mail.hours)}</Fact>
                </Facts>
            </Card>
        }
        .into_any();
    }
    let options = HOURS.into_iter().map(|hours| SelectOption::new(hours.to_string(), often(hours))).collect();
    view! {
        <Card title="Send checkpoints to" lead>
            <FormView action=org.path(ADDRESS)>
                <TextArea
                    name="emails"
                    label="Email addresses"
                    value=form.value_or("emails", &mail.emails.join("\n"))
                    help="Of members, one in each line. Leave it empty to send none."
                    error=form.error("emails")
                    rows=3
                />
                <SelectField
                    name="hours"
                    label="At most"
                    options
                    value=form.value_or("hours", &mail.hours.to_string())
                    error=form.error("hours")
                />
                <FormFoot>
                    <Button>"Save recipients"</Button>
                </FormFoot>
            </FormView>
        </Card>
    }
    .into_any()
}

/// The form is on the page of the checkpoints.
pub async fn checkpoint_mail_page(org: Organization) -> Response {
    Redirect::to(&org.path("/audit/checkpoints")).into_response()
}

/// Chooses who gets checkpoints by mail.
///
/// # Errors
/// A page about it.
pub async fn change_checkpoint_mail(org: Organization, Form(form): Form<CheckpointMailForm>) -> Answer {
    let page = org.path("/audit/checkpoints");
    match audit::change_checkpoint_mail(&org.access, &form).await {
        Ok(()) => {
            let done = Done::CheckpointMailSaved { sent: !form.emails.trim().is_empty() };
            Ok(forms::done(&org.page, &page, done))
        }
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}
