//! The audit trail as files.

use axum::body::Body;
use axum::response::Response;
use server::audit;

use crate::context::Organization;
use crate::files::{file, or_step_up};
use crate::problems::Fault;

/// The whole log as NDJSON, as it is read.
///
/// # Errors
/// A page about it.
pub async fn export(org: Organization) -> Result<Response, Fault> {
    let name = format!("{}-audit.ndjson", org.access.slug());
    let lines = audit::export(org.access.clone()).await.map_err(|error| or_step_up(&org.path("/audit"), error))?;
    Ok(file(&name, "application/x-ndjson", Body::from_stream(lines)))
}

/// The whole log as CSV, as it is read.
///
/// # Errors
/// A page about it.
pub async fn export_table(org: Organization) -> Result<Response, Fault> {
    let name = format!("{}-audit.csv", org.access.slug());
    let lines =
        audit::export_table(org.access.clone()).await.map_err(|error| or_step_up(&org.path("/audit"), error))?;
    Ok(file(&name, "text/csv; charset=utf-8", Body::from_stream(lines)))
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
