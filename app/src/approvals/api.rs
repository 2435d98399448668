//! The forms: of those who ask, and of those who decide.

use axum::Form;
use axum::extract::Path;
use domain::approvals::{Verdict, VoteForm};
use domain::ids::ApprovalId;
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server::Error;
use server::approvals::{self, Decided, RoleForm};
use server::policy::{self, EnforceForm, RollBackForm};

use super::{ApprovalDone, ApprovalPath, address, approval_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::members::{MemberPath, member_id};

/// To the request, or back to the form: to that which does it at once, where nobody has to approve it by now.
fn asked(
    org: &Organization,
    (page, needed): (&str, bool),
    form: &impl Serialize,
    outcome: Result<ApprovalId, Error>,
) -> Answer {
    let asks = org.page.path();
    let action = if needed { asks } else { asks.strip_suffix("/ask").unwrap_or(asks) };
    asked_at(org, (page, action), form, outcome)
}

/// To the request, or back to the form of this address, which that page shows.
pub(super) fn asked_at(
    org: &Organization,
    (page, action): (&str, &str),
    form: &impl Serialize,
    outcome: Result<ApprovalId, Error>,
) -> Answer {
    match outcome {
        Ok(id) => Ok(forms::done(&org.page, &address(org, id, ""), Done::Approval(ApprovalDone::Asked))),
        Err(error) => forms::back_at(&org.page, page, action, form, error),
    }
}

/// Whether nothing was asked for because something is another by now, if only that nobody has to approve it any more.
pub(super) fn is_overtaken(outcome: &Result<ApprovalId, Error>) -> bool {
    matches!(outcome, Err(Error::Refused(Problem::Changed)))
}

/// Whether owners have to approve that a version of the policy is put into force. Of one that cannot be read they have to.
async fn needed_for(org: &Organization, version: Option<i64>) -> bool {
    let Some(version) = version else { return true };
    let needed = org.access.enforced().document().approval_needed;
    match policy::version(&org.access, version).await {
        Ok((version, _)) => needed.for_policy(version.policy.approval_needed),
        Err(_) => true,
    }
}

/// Asks that the draft be put into force.
///
/// # Errors
/// A page about it.
pub async fn ask_to_enforce(org: Organization, Form(form): Form<EnforceForm>) -> Answer {
    let outcome = approvals::ask_to_enforce(&org.access, &form).await;
    let needed = !is_overtaken(&outcome) || needed_for(&org, form.version.parse().ok()).await;
    asked(&org, (&org.path("/policy/draft"), needed), &form, outcome)
}

/// Asks that an earlier version of the policy be put back.
///
/// # Errors
/// A page about it.
pub async fn ask_to_roll_back(
    org: Organization,
    Path((_, version)): Path<(String, String)>,
    Form(form): Form<RollBackForm>,
) -> Answer {
    let number: i64 = version.parse().map_err(|_| Problem::NotFound)?;
    let outcome = approvals::ask_to_roll_back(&org.access, number, &form).await;
    let needed = !is_overtaken(&outcome) || needed_for(&org, Some(number)).await;
    asked(&org, (&org.path(&format!("/policy/versions/{number}")), needed), &form, outcome)
}

/// Asks that a member get a role that administers.
///
/// # Errors
/// A page about it.
pub async fn ask_to_set_role(org: Organization, Path((_, member)): MemberPath, Form(form): Form<RoleForm>) -> Answer {
    let id = member_id(&member)?;
    let outcome = approvals::ask_to_set_role(&org.access, id, &form).await;
    let needed = org.access.enforced().document().approval_needed.roles;
    asked(&org, (&org.path(&format!("/members/{id}/role")), needed), &form, outcome)
}

/// The form that asks that the organization be deleted.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteForm {
    confirmation: String,
    reason: String,
}

/// Asks that the organization be deleted.
///
/// # Errors
/// A page about it.
pub async fn ask_to_delete(org: Organization, Form(form): Form<DeleteForm>) -> Answer {
    let outcome = approvals::ask_to_delete(&org.access, &form.confirmation, &form.reason).await;
    let needed = org.access.enforced().document().approval_needed.deletion;
    asked(&org, (&org.path("/delete"), needed), &form, outcome)
}

async fn decide(org: Organization, approval: &str, verdict: Verdict, form: VoteForm) -> Answer {
    let id = approval_id(approval)?;
    let page = address(&org, id, "");
    let done = match approvals::decide(&org.access, id, verdict, &form).await {
        Ok(Decided::Counted) => ApprovalDone::Counted,
        Ok(Decided::CarriedOut) => ApprovalDone::CarriedOut,
        Ok(Decided::Granted) => ApprovalDone::Granted,
        Ok(Decided::Denied) => ApprovalDone::Denied,
        Ok(Decided::Lapsed) => ApprovalDone::Lapsed,
        Err(error) => return forms::back(&org.page, &page, &form, error),
    };
    Ok(forms::done(&org.page, &page, Done::Approval(done)))
}

/// Approves a request.
///
/// # Errors
/// A page about it.
pub async fn approve(org: Organization, Path((_, approval)): ApprovalPath, Form(form): Form<VoteForm>) -> Answer {
    decide(org, &approval, Verdict::Approve, form).await
}

/// Denies a request.
///
/// # Errors
/// A page about it.
pub async fn deny(org: Organization, Path((_, approval)): ApprovalPath, Form(form): Form<VoteForm>) -> Answer {
    decide(org, &approval, Verdict::Deny, form).await
}

/// Takes a request back.
///
/// # Errors
/// A page about it.
pub async fn cancel(org: Organization, Path((_, approval)): ApprovalPath) -> Answer {
    let id = approval_id(&approval)?;
    let page = address(&org, id, "");
    match approvals::cancel(&org.access, id).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::Approval(ApprovalDone::Cancelled))),
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}
