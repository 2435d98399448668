//! The roles.

use axum::http::HeaderMap;
use serde::Serialize;
use server::api;
use server::roles::RoleView;
use utoipa::ToSchema;

use super::answer::{Answer, tagged, write};
use super::document::Reading;
use super::gate::Program;
use super::sent::Asked;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleDetails {
    /// Its id; of a built-in one its code.
    id: String,
    /// What people call it.
    name: String,
    /// Whether every organization has it.
    built_in: bool,
    /// All that it holds, from the roles that it inherits from as well.
    permissions: Vec<&'static str>,
    /// How many members have it.
    members: u64,
}

/// Every role of the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Roles {
    /// The roles: the built-in ones first.
    items: Vec<RoleDetails>,
}

impl From<RoleView> for RoleDetails {
    fn from(RoleView { role, members, .. }: RoleView) -> Self {
        Self {
            id: role.code(),
            name: role.name().to_owned(),
            built_in: role.id().custom().is_none(),
            permissions: role.permissions().codes(),
            members,
        }
    }
}

/// The roles.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/roles",
    tag = "Members",
    summary = "The organization’s roles, and what each may do",
    responses(
        (status = 200, description = "The roles.", body = Roles),
        (status = 304, description = "They are as `If-None-Match` says."),
        Reading
    ),
    security(("key" = ["organization.view"]))
)]
pub async fn list(Program(caller): Program, headers: HeaderMap, asked: Asked) -> Answer {
    asked.knows(&[])?;
    let items = api::roles(&caller).await?.into_iter().map(RoleDetails::from).collect();
    Ok(tagged(&headers, "application/json", write(&Roles { items })?))
}
