//! The description of the API: OpenAPI 3.1, made from the handlers themselves.
//!
//! What the types of a handler do not say, such as which texts a field may have, is filled in by [`values`] from the tables
//! that judge it, and [`links`] say which operation goes on with what another one has answered.

mod links;
mod values;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::response::{Response as Documented, ResponseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Object, Ref, RefOr, Server, Type};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::answer::tagged;
use super::codes::CODES;
use super::problem::ProblemDetails;
use super::{audit, check, invitations, members, policy, quotas, roles};
use crate::state::AppState;

/// What every request for something may be answered with instead.
pub(super) struct Reading;

/// What every request that does something may be.
pub(super) struct Writing;

const READING: &[u16] = &[400, 401, 403, 404, 405, 413, 422, 429, 500, 503];
const WRITING: &[u16] = &[400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503];

impl IntoResponses for Reading {
    fn responses() -> BTreeMap<String, RefOr<Documented>> {
        problems(READING)
    }
}

impl IntoResponses for Writing {
    fn responses() -> BTreeMap<String, RefOr<Documented>> {
        problems(WRITING)
    }
}

/// Problem details with these statuses, and the codes that each may have.
fn problems(statuses: &[u16]) -> BTreeMap<String, RefOr<Documented>> {
    let one = |status: &u16| {
        let codes = CODES.iter().filter(|code| code.status == *status);
        let codes: Vec<_> = codes.map(|code| format!("`{}`: {}.", code.code, code.title)).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails"))).build();
        let response = ResponseBuilder::new().description(codes.join(" ")).content("application/problem+json", content);
        let response = headers(*status).into_iter().fold(response, |it, (name, header)| it.header(name, header));
        (status.to_string(), RefOr::T(response.build()))
    };
    statuses.iter().map(one).collect()
}

/// The headers of problems with a status.
fn headers(status: u16) -> Vec<(&'static str, Header)> {
    let header = |name: &'static str, kind: Type, text: &'static str| {
        let header = HeaderBuilder::new().schema(Some(Object::with_type(kind))).description(Some(text)).build();
        (name, header)
    };
    let later = |text: &'static str| header("Retry-After", Type::Integer, text);
    match status {
        401 => vec![header("WWW-Authenticate", Type::String, "How a key is brought: `Bearer`.")],
        429 => vec![
            later("In how many seconds there is room again, if that is known."),
            header("RateLimit-Policy", Type::String, "The limits that were looked at: `q` in `w` seconds."),
            header("RateLimit", Type::String, "What is left of each: `r`, and in how many seconds there is more, `t`."),
        ],
        503 => vec![later("In how many seconds to try again.")],
        _ => Vec::new(),
    }
}

const DESCRIPTION: &str = "What programs ask of an organization: whether its members may do something, how much is left \
of its quotas, what is in its audit trail, and who is in it.\n\nEvery request brings an API key of the organization as \
`Authorization: Bearer <key>`; a key’s scopes are permissions, and of these it may what both whoever answers for it and \
whoever has made its secret hold at that time. It opens nothing when one of them has left or is suspended, or an alert \
has disabled it. Bodies are JSON in UTF-8 of 1 MiB at most; fields and parameters that are not known are refused, as are \
parameters that are empty. Lists are read part by part: as long as an answer has `next`, that brings the next part. An answer \
with an `ETag` can be asked for with `If-None-Match`. A POST with an `Idempotency-Key` can be sent again. \
`RateLimit-Policy` and `RateLimit` tell what is left of each limit, and `Retry-After` when there is room again. Every answer \
has an `X-Request-Id`.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Portcullis", version = "1", description = DESCRIPTION, license(name = "Apache-2.0", identifier = "Apache-2.0")),
    paths(
        check::check,
        check::check_batch,
        quotas::limits,
        quotas::reserve,
        quotas::settle,
        quotas::release,
        quotas::usage,
        quotas::record,
        audit::events,
        audit::event,
        audit::ingest,
        members::list,
        members::lookup,
        invitations::list,
        invitations::invite,
        roles::list,
        policy::policy,
    ),
    components(schemas(ProblemDetails)),
    tags(
        (name = "Access", description = "Whether a member may do something."),
        (name = "Quotas", description = "How much the organization’s services may use, and what they have used."),
        (name = "Audit trail", description = "What was done in the organization, and in its services."),
        (name = "Members", description = "Who is in the organization, what they may do, and what is asked of them."),
    ),
    modifiers(&Key)
)]
struct Description;

/// How programs show who they are.
struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, made on the organization’s page “API keys”."))
            .build();
        document.components.get_or_insert_default().add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// The description of the API that is reached at an address. Operations are named by their method and path.
pub fn document(base_url: &str) -> serde_json::Value {
    let mut document = Description::openapi();
    document.servers = Some(vec![Server::new(base_url)]);
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            operation["operationId"] = operation_id(method, path).into();
        }
    }
    values::fill(&mut document);
    links::add(&mut document);
    document
}

/// What an operation is called in clients that are made from the description, such as `post_check_batch`.
fn operation_id(method: &str, path: &str) -> String {
    let parts = path.trim_start_matches("/api/v1").split('/').filter(|part| !part.is_empty());
    let parts = parts.map(|part| part.trim_matches(['{', '}']));
    std::iter::once(method).chain(parts).collect::<Vec<_>>().join("_")
}

/// The description, for programs that read it.
pub async fn openapi(State(state): State<AppState>, headers: HeaderMap) -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document(&state.portal.settings().base_url).to_string());
    let mut response = tagged(&headers, "application/json", text.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

#[cfg(test)]
mod tests;
