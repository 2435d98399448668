//! What the forms of an organization's page do.

use axum::Form;
use axum::extract::Path;
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use serde::{Deserialize, Serialize};
use server::operators;

use super::{Console, OperatorDone, OrganizationPath, address, organization_id};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;

/// Why.
#[derive(Serialize, Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

/// Which plan.
#[derive(Serialize, Deserialize)]
pub struct PlanForm {
    #[serde(default)]
    plan: String,
}

/// What an organization is called, for the sentence about it.
async fn name_of(console: &Console, id: TenantId) -> Result<String, Fault> {
    Ok(operators::lookup(&console.access, id).await?.row.name)
}

/// Suspends it.
///
/// # Errors
/// A page about it.
pub async fn suspend(console: Console, Path(id): OrganizationPath, Form(form): Form<ReasonForm>) -> Answer {
    set_status(&console, organization_id(&id)?, TenantStatus::Suspended, &form).await
}

/// Resumes it.
///
/// # Errors
/// A page about it.
pub async fn resume(console: Console, Path(id): OrganizationPath, Form(form): Form<ReasonForm>) -> Answer {
    set_status(&console, organization_id(&id)?, TenantStatus::Active, &form).await
}

async fn set_status(console: &Console, id: TenantId, status: TenantStatus, form: &ReasonForm) -> Answer {
    let page = address(id, "");
    match operators::set_status(&console.access, id, status, &form.reason).await {
        Ok(()) => {
            let organization = name_of(console, id).await?;
            let done = if status == TenantStatus::Suspended {
                OperatorDone::Suspended { organization }
            } else {
                OperatorDone::Resumed { organization }
            };
            Ok(forms::done(&console.page, &page, Done::Operator(done)))
        }
        Err(error) => forms::back(&console.page, &page, form, error),
    }
}

/// Gives it another plan.
///
/// # Errors
/// A page about it.
pub async fn assign_plan(console: Console, Path(id): OrganizationPath, Form(form): Form<PlanForm>) -> Answer {
    let id = organization_id(&id)?;
    let page = address(id, "");
    match operators::assign_plan(&console.access, id, &form.plan).await {
        Ok(plan) => {
            let organization = name_of(&console, id).await?;
            let done = OperatorDone::PlanAssigned { organization, plan: plan.name().to_owned() };
            Ok(forms::done(&console.page, &page, Done::Operator(done)))
        }
        Err(error) => forms::back(&console.page, &page, &form, error),
    }
}

/// Keeps it.
///
/// # Errors
/// A page about it.
pub async fn keep(console: Console, Path(id): OrganizationPath) -> Answer {
    let id = organization_id(&id)?;
    let page = address(id, "");
    match operators::keep(&console.access, id).await {
        Ok(()) => {
            let done = OperatorDone::Kept { organization: name_of(&console, id).await? };
            Ok(forms::done(&console.page, &page, Done::Operator(done)))
        }
        Err(error) => forms::back(&console.page, &page, &(), error),
    }
}
