//! The audit trail as files.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use domain::problem::Problem;
use server::Error;
use server::audit::{self, Format};

use super::address::{address, asked};
use super::ask::ask_address;
use crate::context::Organization;
use crate::files::{file, or_step_up};
use crate::problems::Fault;

/// What the address asks for as NDJSON, as it is read: the whole log, unless it is filtered.
///
/// # Errors
/// A page about it.
pub async fn export(org: Organization) -> Result<Response, Fault> {
    begin(org, Format::Ndjson).await
}

/// The same as CSV.
///
/// # Errors
/// A page about it.
pub async fn export_table(org: Organization) -> Result<Response, Fault> {
    begin(org, Format::Csv).await
}

/// Begins a file, and says at which address of its own whoever lost the connection goes on.
async fn begin(org: Organization, format: Format) -> Result<Response, Fault> {
    let query = asked(&org).from_the_start();
    let ticket = audit::begin_export(&org.access, format, &query).await;
    let ticket = ticket.map_err(|error| match error {
        Error::Refused(Problem::ApprovalFirst) => Fault::Elsewhere(ask_address(&org, format, &query)),
        error => or_step_up(&address(&org, &query), error),
    })?;
    let place = org.path(&format!("/audit/exports/{ticket}"));
    Ok(([(header::CONTENT_LOCATION, place)], read(&org, &ticket, None).await?).into_response())
}

/// The file of a ticket; with `?after=` and the index of the last entry that has arrived, what comes behind it.
///
/// # Errors
/// A page about it.
pub async fn export_file(org: Organization, Path((_, ticket)): Path<(String, String)>) -> Result<Response, Fault> {
    let after = org.page.query_value("after").and_then(|index| index.parse().ok());
    read(&org, &ticket, after).await
}

async fn read(org: &Organization, ticket: &str, after: Option<u64>) -> Result<Response, Fault> {
    let export = audit::export(org.access.clone(), ticket, after).await?;
    let name = format!("{}-audit.{}", org.access.slug(), export.format.code());
    let kind = match export.format {
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
    };
    Ok(file(&name, kind, Body::from_stream(export.lines)))
}
