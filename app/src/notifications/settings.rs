//! Of what somebody gets mail.

use axum::response::Response;
use domain::notifications::{MailChoices, Topic};
use leptos::prelude::*;
use serde::Deserialize;
use server::notifications;

use super::{ADDRESS, SETTINGS};
use crate::account::render;
use crate::context::PageContext;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, CheckboxField, Crumb, Form, FormFoot, FormPage};

/// The form.
///
/// # Errors
/// A page about it.
pub async fn settings_page(page: PageContext) -> Result<Response, Fault> {
    let choices = notifications::mail_choices(&page.request, page.signed_in()?).await?;
    let view = move || {
        let boxes = Topic::ALL.iter().copied().map(move |topic| {
            let (label, help) = words(topic);
            view! { <CheckboxField name=topic.code() label help checked=choices.want(topic) /> }
        });
        let boxes = boxes.collect_view();
        view! {
            <FormPage
                title="Choose mail"
                lead="Everything is shown under Notifications. Some of it can come by mail, too."
                crumbs=vec![Crumb { label: "Notifications".into(), href: ADDRESS.into() }]
            >
                <Form action=SETTINGS>
                    {boxes}
                    <p class="text-md text-muted">
                        "Mail about your sign-in and your account’s security, invitations, and what owners have to know of their organizations comes in any case."
                    </p>
                    <FormFoot>
                        <CancelLink href=ADDRESS />
                        <Button variant=ButtonVariant::Primary>"Save choice"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    render(&page, "Choose mail", view).await
}

/// What a topic is called, and what belongs to it.
fn words(topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::Membership => (
            "Your memberships",
            "Your role or your groups were changed, you were suspended, resumed or removed, or your access was ended; for owners, that somebody has left.",
        ),
        Topic::Organizations => (
            "Your organizations",
            "One of them is being deleted, or is kept after all; a policy or a webhook was turned off by itself.",
        ),
        Topic::Jobs => ("Your jobs", "Something that you had begun is done, or has failed."),
        Topic::Alerts => (
            "Urgent alerts",
            "For those who may respond to alerts: one of high or critical severity was raised, or any was assigned to you.",
        ),
        Topic::LesserAlerts => ("Other alerts", "For the same people: an alert of low or medium severity was raised."),
    }
}

/// The boxes that are ticked.
#[derive(Deserialize)]
pub struct MailForm {
    #[serde(default)]
    membership: String,
    #[serde(default)]
    organizations: String,
    #[serde(default)]
    jobs: String,
    #[serde(default)]
    alerts: String,
    #[serde(default)]
    lesser_alerts: String,
}

/// Saves them.
///
/// # Errors
/// A page about it.
pub async fn change_mail(page: PageContext, axum::Form(form): axum::Form<MailForm>) -> Answer {
    let choices = MailChoices {
        membership: !form.membership.is_empty(),
        organizations: !form.organizations.is_empty(),
        jobs: !form.jobs.is_empty(),
        alerts: !form.alerts.is_empty(),
        lesser_alerts: !form.lesser_alerts.is_empty(),
    };
    notifications::change_mail(&page.request, page.signed_in()?, choices).await?;
    Ok(forms::done(&page, SETTINGS, Done::MailChosen))
}
