//! What operators do to organizations in the console.

use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::TenantId;
use domain::operators::{ProvisionForm, reason_of};
use domain::organizations::{DELETION_GRACE, TenantStatus};
use domain::problem::Problem;
use domain::quotas::Plan;

use super::{Hand, OperatorAccess};
use crate::error::Error;
use crate::organizations;
use crate::quotas;
use crate::sign_up;
use crate::store::{Store, TenantRef};

/// Makes an organization for somebody, who gets a mail.
///
/// # Errors
/// A step-up is needed; fields that are wrong.
pub async fn create(access: &OperatorAccess, form: &ProvisionForm) -> Result<TenantId, Error> {
    Ok(sign_up::provision_by_mail(access, form).await?.id)
}

/// Suspends or resumes an organization, which reads the reason.
///
/// # Errors
/// A step-up is needed; no reason, at the field `reason`; not found; already so ([`Problem::Changed`]).
pub async fn set_status(
    access: &OperatorAccess,
    id: TenantId,
    status: TenantStatus,
    reason: &str,
) -> Result<(), Error> {
    access.require_fresh()?;
    let reason = reason_of(reason).map_err(|problem| Error::field("reason", problem))?;
    let tenant = find(access, id).await?;
    organizations::change_status(Hand::Console(access), &tenant, status, Some(&reason)).await
}

/// Has an organization deleted after the days of grace, for an operator who has typed its name. Its owners are told.
///
/// # Errors
/// A step-up is needed; another name was typed, at the field `confirmation`, or no reason, at `reason`; not found; to be
/// deleted already ([`Problem::Changed`]).
pub async fn schedule_deletion(access: &OperatorAccess, id: TenantId, typed: &str, reason: &str) -> Result<(), Error> {
    access.require_fresh()?;
    let tenant = find(access, id).await?;
    let mut errors = FieldErrors::default();
    let reason = errors.check("reason", reason_of(reason));
    if typed.trim() != tenant.name.trim() {
        errors.add("confirmation", FieldProblem::DoesNotMatch);
    }
    let (Some(reason), true) = (reason, errors.is_empty()) else { return Err(errors.into()) };
    let until = access.request().now + DELETION_GRACE;
    organizations::change_deletion(Hand::Console(access), &tenant, Some(until), Some(&reason)).await
}

/// Keeps an organization that was to be deleted.
///
/// # Errors
/// A step-up is needed; not found; not to be deleted ([`Problem::Changed`]).
pub async fn keep(access: &OperatorAccess, id: TenantId) -> Result<(), Error> {
    access.require_fresh()?;
    organizations::change_deletion(Hand::Console(access), &find(access, id).await?, None, None).await
}

/// Gives an organization another plan.
///
/// # Errors
/// A step-up is needed; a plan that there is not, or the one that it has, at the field `plan`; not found.
pub async fn assign_plan(access: &OperatorAccess, id: TenantId, plan: &str) -> Result<Plan, Error> {
    access.require_fresh()?;
    let plan = Plan::from_code(plan).ok_or_else(|| Error::field("plan", FieldProblem::UnknownChoice))?;
    let tenant = find(access, id).await?;
    match quotas::give_plan(Hand::Console(access), &tenant, plan).await {
        Err(Error::Refused(Problem::Changed)) => Err(Error::field("plan", FieldProblem::Unchanged)),
        done => done.map(|()| plan),
    }
}

/// The organization of this id.
async fn find(access: &OperatorAccess, id: TenantId) -> Result<TenantRef, Error> {
    let mut tx = access.request().portal().store().platform().await?;
    let tenant = Store::lookup_tenant(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    tx.end().await?;
    Ok(tenant)
}
