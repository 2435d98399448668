//! The forms of an alert's page.

use axum::Form;
use axum::extract::Path;
use domain::detections::Containment;
use domain::ids::AlertId;
use serde::Serialize;
use server::Error;
use server::alerts::{self, AssignForm, ContainForm, NoteForm, ResolveForm};

use super::{AlertDone, AlertPath, address, alert_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Back to the alert, with what was done or what is wrong.
fn answer(
    org: &Organization,
    id: AlertId,
    form: &impl Serialize,
    outcome: Result<(), Error>,
    done: AlertDone,
) -> Answer {
    let page = address(org, id, "");
    match outcome {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::Alert(done))),
        Err(error) => forms::back(&org.page, &page, form, error),
    }
}

/// Says that somebody has seen an alert.
///
/// # Errors
/// A page about it.
pub async fn acknowledge(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<NoteForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::acknowledge(&org.access, id, form.clone()).await;
    answer(&org, id, &form, outcome, AlertDone::Acknowledged)
}

/// Gives an alert to somebody.
///
/// # Errors
/// A page about it.
pub async fn assign(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<AssignForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::assign(&org.access, id, form.clone()).await;
    answer(&org, id, &form, outcome, AlertDone::Assigned)
}

/// Notes something on an alert.
///
/// # Errors
/// A page about it.
pub async fn note(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<NoteForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::note(&org.access, id, form.clone()).await;
    answer(&org, id, &form, outcome, AlertDone::Noted)
}

/// Brings an alert to its end.
///
/// # Errors
/// A page about it.
pub async fn resolve(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<ResolveForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::resolve(&org.access, id, form.clone()).await;
    answer(&org, id, &form, outcome, AlertDone::Resolved)
}

/// Opens an alert again.
///
/// # Errors
/// A page about it.
pub async fn reopen(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<NoteForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::reopen(&org.access, id, form.clone()).await;
    answer(&org, id, &form, outcome, AlertDone::Reopened)
}

/// Does something at once against what was noticed.
///
/// # Errors
/// A page about it.
pub async fn contain(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<ContainForm>) -> Answer {
    let id = alert_id(&alert)?;
    if let Err(error) = alerts::contain(&org.access, id, form.clone()).await {
        return forms::back(&org.page, &address(&org, id, ""), &form, error);
    }
    let (page, undo) = (address(&org, id, ""), address(&org, id, "/release"));
    let containment = Containment::from_code(&form.containment);
    let done = match containment {
        Some(Containment::Suspend) => AlertDone::Suspended,
        Some(Containment::DisableKey) => AlertDone::KeyDisabled,
        Some(Containment::EndAccess) => AlertDone::AccessEnded,
        Some(Containment::EndSessions) | None => AlertDone::SessionsEnded,
    };
    // A session that has ended does not come back, nor does a key that was revoked.
    if containment.is_some_and(Containment::is_reversible) {
        let values = [("containment", form.containment.as_str())];
        return Ok(forms::done_with_undo(&org.page, &page, Done::Alert(done), undo, &values));
    }
    Ok(forms::done(&org.page, &page, Done::Alert(done)))
}

/// Takes back what was done.
///
/// # Errors
/// A page about it.
pub async fn release(org: Organization, Path((_, alert)): AlertPath, Form(form): Form<ContainForm>) -> Answer {
    let id = alert_id(&alert)?;
    let outcome = alerts::release(&org.access, id, form.clone()).await;
    let is_key = form.containment == Containment::DisableKey.code();
    answer(&org, id, &form, outcome, if is_key { AlertDone::KeyEnabled } else { AlertDone::Released })
}
