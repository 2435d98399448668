//! The audit trail as files.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::problem::Problem;
use server::{Error, audit};

use crate::context::Organization;
use crate::forms::step_up_for;
use crate::problems::Fault;

/// The whole log as NDJSON, as it is read.
///
/// # Errors
/// A page about it.
pub async fn export(org: Organization) -> Result<Response, Fault> {
    let name = format!("{}-audit.ndjson", org.access.slug());
    let lines = audit::export(org.access.clone()).await.map_err(|error| first_step_up(&org, error))?;
    Ok(file(&name, "application/x-ndjson", Body::from_stream(lines)))
}

/// The whole log as CSV, as it is read.
///
/// # Errors
/// A page about it.
pub async fn export_table(org: Organization) -> Result<Response, Fault> {
    let name = format!("{}-audit.csv", org.access.slug());
    let lines = audit::export_table(org.access.clone()).await.map_err(|error| first_step_up(&org, error))?;
    Ok(file(&name, "text/csv; charset=utf-8", Body::from_stream(lines)))
}

/// A step-up leads back to the trail and not to the file: a browser that saves it would stay on the former page.
fn first_step_up(org: &Organization, error: Error) -> Fault {
    match error {
        Error::Refused(Problem::StepUpFirst) => Fault::Elsewhere(step_up_for(&org.path("/audit"))),
        error => error.into(),
    }
}

/// The key that verifies the log's signatures, to be kept where nobody who can write here can.
///
/// # Errors
/// A page about it.
pub async fn key(org: Organization) -> Result<Response, Fault> {
    let (_, key) = audit::checkpoint(&org.access).await?;
    Ok(file(&format!("{}-audit-key.txt", org.access.slug()), "text/plain; charset=utf-8", Body::from(key + "\n")))
}

/// The log's state as a signed note.
///
/// # Errors
/// A page about it.
pub async fn checkpoint(org: Organization) -> Result<Response, Fault> {
    let (note, _) = audit::checkpoint(&org.access).await?;
    Ok(file(&format!("{}-checkpoint.txt", org.access.slug()), "text/plain; charset=utf-8", Body::from(note)))
}

fn file(name: &str, kind: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}
