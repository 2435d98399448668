//! The forms of the policy's page.

use axum::Form;
use domain::policy::SignInPolicyForm;
use server::policy;

use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Saves the section "Sign-in".
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Form(form): Form<SignInPolicyForm>) -> Answer {
    let page = org.path("/policy");
    match policy::change(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::PolicySaved)),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
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
