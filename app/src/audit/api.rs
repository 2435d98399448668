//! The forms of the audit trail's pages.

use axum::Form;
use axum::extract::Path;
use domain::audit::AuditQuery;
use domain::members::FilterForm;
use domain::problem::Problem;
use server::audit::views;
use server::{Error, audit};

use super::address::address;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Has the log's state signed, and keeps that.
///
/// # Errors
/// A page about it.
pub async fn take_checkpoint(org: Organization) -> Answer {
    let size = audit::take_checkpoint(&org.access).await?;
    Ok(forms::done(&org.page, &org.path("/audit/checkpoints"), Done::CheckpointTaken { size }))
}

/// Keeps a view, and shows what it asks for.
///
/// # Errors
/// A page about it.
pub async fn save_view(org: Organization, Form(form): Form<FilterForm>) -> Answer {
    match views::save(&org.access, &form).await {
        Ok(view) => {
            let list = address(&org, &AuditQuery::from_text(&view.query));
            Ok(forms::done(&org.page, &list, Done::ViewSaved { name: view.name }))
        }
        Err(error) => forms::back(&org.page, &org.path("/audit/views"), &form, error),
    }
}

/// Gives a view up.
///
/// # Errors
/// A page about it.
pub async fn delete_view(org: Organization, Path((_, view)): Path<(String, String)>) -> Answer {
    let id = view.parse().map_err(|_| Error::from(Problem::NotFound))?;
    let view = views::delete(&org.access, id).await?;
    let values = [("name", view.name.as_str()), ("query", view.query.as_str())];
    let done = Done::ViewDeleted { name: view.name.clone() };
    Ok(forms::done_with_undo(&org.page, &org.path("/audit"), done, org.path("/audit/views"), &values))
}
