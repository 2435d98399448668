//! The members.

use axum::extract::Path;
use axum::http::HeaderMap;
use domain::ids::GroupId;
use domain::members::{Member, MemberQuery, MemberStatus};
use domain::roles::{GrantedRole, RoleBook, RoleId};
use serde::Serialize;
use server::api;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{Answer, json, tagged, write};
use super::audit::next;
use super::document::Reading;
use super::gate::Program;
use super::problem::Refused;
use super::sent::Asked;

/// A role or a group, as others name it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedPart {
    /// Its id; of a built-in role its code.
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberDetails {
    /// Their id.
    id: Uuid,
    /// Their name.
    name: String,
    /// Their address.
    email: String,
    /// `active` or `suspended`.
    status: &'static str,
    /// Their own role.
    role: NamedPart,
    /// The groups that they are in.
    groups: Vec<NamedPart>,
    /// All that they may do, by their role and by their groups.
    permissions: Vec<&'static str>,
    /// Since when they are a member.
    #[serde(with = "time::serde::rfc3339")]
    joined_at: OffsetDateTime,
    /// When they were here last, to a few minutes.
    #[serde(with = "time::serde::rfc3339::option")]
    last_seen_at: Option<OffsetDateTime>,
    /// How they came: `founder`, `invitation` or `import`.
    source: &'static str,
}

/// A part of the members.
#[derive(Debug, Serialize, ToSchema)]
pub struct Members {
    /// The members, by name.
    items: Vec<MemberDetails>,
    /// Sent as the parameter `next`, it brings the next part; there is none behind the last.
    next: Option<String>,
}

impl From<&GrantedRole> for NamedPart {
    fn from(role: &GrantedRole) -> Self {
        Self { id: role.code(), name: role.name().to_owned() }
    }
}

fn details(member: Member, book: &RoleBook) -> MemberDetails {
    let group = |id: &GroupId| {
        book.group(*id).map(|group| NamedPart { id: group.id.to_string(), name: group.name.to_string() })
    };
    MemberDetails {
        id: member.id.0,
        status: member.status.code(),
        role: (&member.role).into(),
        groups: member.groups.iter().filter_map(group).collect(),
        permissions: member.permissions.codes(),
        joined_at: member.joined_at,
        last_seen_at: member.last_seen_at,
        source: member.source.code(),
        name: member.name,
        email: member.email,
    }
}

/// The members.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/members",
    tag = "Members",
    summary = "The organization’s members",
    params(
        ("status" = Option<String>, Query, description = "`active` or `suspended`."),
        ("role" = Option<String>, Query, description = "The id of a role."),
        ("q" = Option<String>, Query, description = "Part of a name or an address."),
        ("limit" = Option<u8>, Query, description = "How many at most: 25, unless it is said."),
        ("next" = Option<String>, Query, description = "From where on, as the part before says."),
    ),
    responses((status = 200, description = "Members.", body = Members), Reading),
    security(("key" = ["members.view"]))
)]
pub async fn list(Program(caller): Program, asked: Asked) -> Answer {
    asked.knows(&["status", "role", "q", "limit", "next"])?;
    let query = MemberQuery {
        status: asked.read("status", MemberStatus::from_code)?,
        role: asked.read("role", RoleId::from_code)?,
        search: asked.words()?,
        cursor: next(&asked)?,
        ..MemberQuery::default()
    };
    let part = api::members(&caller, &query, asked.limit()?).await?;
    let items = part.rows.into_iter().map(|member| details(member, caller.book())).collect();
    json(&Members { items, next: part.next })
}

/// One member.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/members/{member}",
    tag = "Members",
    summary = "One member",
    params(("member" = Uuid, Path, description = "The member’s id.")),
    responses(
        (status = 200, description = "The member.", body = MemberDetails),
        (status = 304, description = "They are as `If-None-Match` says."),
        Reading
    ),
    security(("key" = ["members.view"]))
)]
pub async fn lookup(Program(caller): Program, Path(id): Path<String>, headers: HeaderMap, asked: Asked) -> Answer {
    asked.knows(&[])?;
    let id = id.parse().map_err(|_| Refused::new("not_found"))?;
    let member = api::member(&caller, id).await?;
    Ok(tagged(&headers, "application/json", write(&details(member, caller.book()))?))
}
