//! The security policy.

use axum::http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use server::api;
use utoipa::ToSchema;

use super::answer::{Answer, tagged, write};
use super::document::Reading;
use super::gate::Program;
use super::sent::Asked;

/// The policy that is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyDetails {
    /// Its version.
    version: i64,
    /// What is set: sections, and the settings of each, as in the policy’s text.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    settings: serde_json::Value,
}

/// The policy.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/policy",
    tag = "Members",
    summary = "The security policy that is in force",
    description = "As JSON; as YAML for whoever says `Accept: application/yaml`. The YAML can be imported on the policy’s page.",
    responses(
        (status = 200, description = "The policy.", content((PolicyDetails = "application/json"), (String = "application/yaml"))),
        (status = 304, description = "It is as `If-None-Match` says."),
        Reading
    ),
    security(("key" = ["audit.view"]))
)]
pub async fn policy(Program(caller): Program, headers: HeaderMap, asked: Asked) -> Answer {
    asked.knows(&[])?;
    let text = api::policy(&caller).await?;
    let wanted = headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    let mut response = if wanted.contains("yaml") && !wanted.contains("json") {
        tagged(&headers, "application/yaml", text.yaml)
    } else {
        let details = PolicyDetails { version: text.version, settings: text.settings };
        tagged(&headers, "application/json", write(&details)?)
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}
