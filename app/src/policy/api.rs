//! The forms of the policy's pages.

use axum::Form;
use axum::extract::Path;
use domain::policy::{Section, Template};
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server::policy::{self, EnforceForm, TryForm};

use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Puts the draft into force.
///
/// # Errors
/// A page about it.
pub async fn enforce(org: Organization, Form(form): Form<EnforceForm>) -> Answer {
    match policy::enforce(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &org.path("/policy"), Done::PolicySaved)),
        Err(error) => forms::back_or_ask(&org.page, &org.path("/policy/draft"), &form, error),
    }
}

/// Discards the draft.
///
/// # Errors
/// A page about it.
pub async fn discard(org: Organization) -> Answer {
    policy::discard_draft(&org.access).await?;
    Ok(forms::done(&org.page, &org.path("/policy"), Done::DraftDiscarded))
}

/// Has the draft tried beside what is in force.
///
/// # Errors
/// A page about it.
pub async fn try_draft(org: Organization, Form(form): Form<TryForm>) -> Answer {
    match policy::try_draft(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &org.path("/policy/trial"), Done::Tried)),
        Err(error) => forms::back(&org.page, &org.path("/policy/draft"), &form, error),
    }
}

/// Ends the trial.
///
/// # Errors
/// A page about it.
pub async fn end_trial(org: Organization) -> Answer {
    policy::end_trial(&org.access).await?;
    Ok(forms::done(&org.page, &org.path("/policy"), Done::TrialEnded))
}

/// What of a template is used.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TemplateForm {
    /// The section's code; empty for all of them.
    #[serde(default)]
    section: String,
}

/// Puts what a template sets into the draft.
///
/// # Errors
/// A page about it.
pub async fn use_template(
    org: Organization,
    Path((_, code)): Path<(String, String)>,
    Form(form): Form<TemplateForm>,
) -> Answer {
    let template = Template::from_code(&code).ok_or(Problem::NotFound)?;
    let section = match form.section.as_str() {
        "" => None,
        code => Some(Section::from_code(code).ok_or(Problem::BadRequest)?),
    };
    policy::use_template(&org.access, template.code, section).await?;
    let done = Done::TemplateUsed { name: template.name.to_owned() };
    Ok(forms::done(&org.page, &org.path("/policy/edit"), done))
}

/// Reminds those who do not comply.
///
/// # Errors
/// A page about it.
pub async fn remind(org: Organization) -> Answer {
    let reminders = policy::remind(&org.access).await?;
    let policy::Reminders { sent, waiting, left } = reminders;
    let done = Done::Reminded { sent, waiting, left, mailed: org.page.sends_mail() };
    Ok(forms::done(&org.page, &org.path("/policy"), done))
}
