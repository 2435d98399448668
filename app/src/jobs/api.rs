//! The forms of the jobs' pages.

use axum::extract::Path;
use server::jobs;

use super::{JobPath, job_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Stops a job.
///
/// # Errors
/// A page about it.
pub async fn cancel(org: Organization, Path((_, job)): JobPath) -> Answer {
    let id = job_id(&job)?;
    let page = org.path(&format!("/jobs/{id}"));
    match jobs::cancel(&org.access, id).await {
        Ok(_) => Ok(forms::done(&org.page, &page, Done::JobCancelled)),
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}

/// Puts back what a job has changed.
///
/// # Errors
/// A page about it.
pub async fn undo(org: Organization, Path((_, job)): JobPath) -> Answer {
    let id = job_id(&job)?;
    match jobs::undo(&org.access, id).await {
        Ok(undoing) => Ok(forms::done(&org.page, &org.path(&format!("/jobs/{undoing}")), Done::UndoStarted)),
        Err(error) => forms::back(&org.page, &org.path(&format!("/jobs/{id}")), &(), error),
    }
}
