//! The members as files.

use axum::body::Body;
use axum::response::Response;
use domain::members::MemberQuery;
use server::members::{self, Format};

use super::bar::address;
use crate::context::Organization;
use crate::files::{file, or_step_up};
use crate::problems::Fault;

/// The members that the address asks for, as CSV.
///
/// # Errors
/// A page about it.
pub async fn export_csv(org: Organization) -> Result<Response, Fault> {
    export(org, Format::Csv, "csv", "text/csv; charset=utf-8").await
}

/// The same as NDJSON.
///
/// # Errors
/// A page about it.
pub async fn export_ndjson(org: Organization) -> Result<Response, Fault> {
    export(org, Format::Ndjson, "ndjson", "application/x-ndjson").await
}

async fn export(org: Organization, format: Format, ending: &str, kind: &'static str) -> Result<Response, Fault> {
    let pairs = org.page.query();
    let query = MemberQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let list = address(&org, &query);
    let lines = members::export(org.access.clone(), query, format).await.map_err(|error| or_step_up(&list, error))?;
    Ok(file(&format!("{}-members.{ending}", org.access.slug()), kind, Body::from_stream(lines)))
}
