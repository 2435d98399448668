//! What a file comes to that was checked, and the form that imports it.

use axum::Form;
use axum::extract::Path;
use domain::jobs::Job;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::members::import::{self, Review};

use super::{JobPath, job_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::ui::{
    Button, ButtonVariant, Card, Choice, ErrorSummary, Form as FormView, FormFoot, RadioGroup, Stat, Stats, number,
};

/// Counts, and the choice between all and some.
#[component]
pub(super) fn Checked(org: Organization, job: Job, review: Review) -> impl IntoView {
    let here = org.path(&format!("/jobs/{}", job.id));
    let action = format!("{here}/start");
    let form = org.page.form(&action);
    let (errors, wrong) = (form.errors(), job.counts.refused);
    let choice = |value: &str, label: &str, help: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        help: Some(help.to_owned()),
    };
    let choices = vec![
        choice(
            "skip",
            "Skip rows with errors",
            "What else is in the file is imported, also when a line fails later on.",
        ),
        choice("all", "All or nothing", "Nothing is imported unless every line is."),
    ];
    let cancel = format!("{here}/cancel");
    let can_start = review.invitations + review.changes > 0;
    view! {
        <ErrorSummary errors title="Nothing was imported" />
        <Stats>
            <Stat label="To be invited" value=number(review.invitations) />
            <Stat label="Other role" value=number(review.changes) />
            <Stat label="As the file says" value=number(job.counts.unchanged) />
            <Stat label="With errors" value=number(wrong) href=(wrong > 0).then(|| format!("{here}?outcome=refused")) />
        </Stats>
        <Card title="Import" lead="Nothing has happened yet. What you see below is what will be done; the check is good for an hour.">
            <FormView action id="import">
                {can_start
                    .then(|| {
                        view! {
                            <RadioGroup
                                name="mode"
                                label="Lines with errors"
                                choices
                                value=form.value_or("mode", "skip")
                                error=form.error("mode")
                            />
                        }
                    })}
            </FormView>
            {(!can_start).then(|| view! { <p>"There is nothing to import in this file."</p> })}
            <div class="mt-4">
            <FormFoot>
                <FormView action=cancel class="contents">
                    <Button>"Discard"</Button>
                </FormView>
                {can_start
                    .then(|| view! { <Button form="import" variant=ButtonVariant::Primary>"Import"</Button> })}
            </FormFoot>
            </div>
        </Card>
    }
}

/// The choice.
#[derive(Serialize, Deserialize)]
pub struct ModeForm {
    #[serde(default)]
    mode: String,
}

/// Imports a file that was checked.
///
/// # Errors
/// A page about it.
pub async fn start(org: Organization, Path((_, job)): JobPath, Form(form): Form<ModeForm>) -> Answer {
    let id = job_id(&job)?;
    let page = org.path(&format!("/jobs/{id}"));
    match import::start(&org.access, id, form.mode == "all").await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::JobStarted)),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}
