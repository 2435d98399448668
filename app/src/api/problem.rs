//! What programs are told that get no answer: problem details (RFC 9457) with codes that stay what they are.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::fields::{FieldErrors, FieldProblem};
use domain::problem::Problem;
use serde::Serialize;
use server::Error;
use utoipa::ToSchema;

use super::codes::{CODES, ProblemCode};
use crate::state::AppState;
use crate::texts;

/// Problem details.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// The address at which the code is explained.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// What happened, the same for every problem with this code.
    #[schema(example = "The key lacks a scope")]
    pub(super) title: &'static str,
    /// The status of the answer.
    #[schema(example = 403)]
    pub(super) status: u16,
    /// What happened this time.
    pub(super) detail: String,
    /// A code for programs.
    #[schema(example = "missing_scope")]
    pub(super) code: &'static str,
    /// What is wrong with the request, place by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Misplaced>,
    /// The id under which the server's log has the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
}

/// What is wrong at one place of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Misplaced {
    /// The place in the body, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/checks/3/permission")]
    pub(super) pointer: Option<String>,
    /// The name of the parameter or the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<String>,
    /// A code for programs.
    #[schema(example = "unknown_choice")]
    pub(super) code: String,
    /// The same in words.
    pub(super) message: String,
}

impl Misplaced {
    /// At a place of the body.
    pub(super) fn at(pointer: String, code: &str, message: String) -> Self {
        Self { pointer: Some(pointer), parameter: None, code: code.to_owned(), message }
    }

    /// In a parameter or header.
    pub(super) fn parameter(name: &str, code: &str, message: String) -> Self {
        Self { pointer: None, parameter: Some(name.to_owned()), code: code.to_owned(), message }
    }

    /// The same, of what stands in the address: its places are parameters.
    fn in_query(self) -> Self {
        let name = self.pointer.map(|pointer| pointer.trim_start_matches('/').to_owned());
        Self { pointer: None, parameter: name.or(self.parameter), ..self }
    }

    fn of(name: &str, problem: FieldProblem) -> Self {
        let (code, message) = (code_of(problem), texts::field(name, problem));
        // Headers are no fields of a body, and no field is spelt like one.
        if name.starts_with(char::is_uppercase) {
            return Self::parameter(name, &code, message);
        }
        Self::at(format!("/{}", name.replace('.', "/")), &code, message)
    }
}

/// Why a program gets no answer.
#[derive(Clone, Debug)]
pub struct Refused {
    code: &'static ProblemCode,
    detail: Option<String>,
    errors: Vec<Misplaced>,
    retry_after: Option<u32>,
}

impl Refused {
    /// With this code.
    pub(super) fn new(code: &str) -> Self {
        Self { code: ProblemCode::named(code), detail: None, errors: Vec::new(), retry_after: None }
    }

    /// With other words than the usual ones.
    pub(super) fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// What is wrong with the request.
    pub(super) fn invalid(errors: Vec<Misplaced>) -> Self {
        Self { errors, ..Self::new("invalid") }
    }

    /// The same, of what was asked for in the address.
    pub(super) fn in_query(self) -> Self {
        let errors = self.errors.into_iter().map(Misplaced::in_query).collect();
        Self { errors, ..self }
    }

    /// With the places that it is about.
    pub(super) fn about(self, errors: Vec<Misplaced>) -> Self {
        Self { errors, ..self }
    }

    /// Whether nobody can tell if it was done: something went wrong meanwhile.
    pub(super) const fn is_open(&self) -> bool {
        self.code.status >= 500
    }

    fn of_status(status: StatusCode) -> Self {
        let known = CODES.iter().find(|code| code.status == status.as_u16());
        known.map_or_else(
            || Self::new(if status.is_client_error() { "bad_request" } else { "internal" }),
            |code| Self::new(code.code),
        )
    }

    fn details(self, base_url: &str, request_id: Option<String>) -> ProblemDetails {
        ProblemDetails {
            kind: format!("{base_url}/api/v1/docs#{}", self.code.code),
            title: self.code.title,
            status: self.code.status,
            detail: self.detail.unwrap_or_else(|| self.code.detail.to_owned()),
            code: self.code.code,
            errors: self.errors,
            request_id,
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let code = match problem {
            Problem::BadRequest => "bad_request",
            Problem::KeyRefused => "key_refused",
            Problem::Forbidden => "missing_scope",
            Problem::IdempotencyConflict => "idempotency_conflict",
            Problem::IdempotencyInProgress => "idempotency_in_progress",
            Problem::OverQuota { .. } => "over_quota",
            Problem::TooLarge => "too_large",
            Problem::TimedOut => "timed_out",
            // The same everywhere: what is told apart for people is one thing for programs.
            other => match other.status() {
                403 => "kept_out",
                404 => "not_found",
                409 | 410 => "conflict",
                429 => "too_many_requests",
                503 => "unavailable",
                _ => "internal",
            },
        };
        let is_told = matches!(code, "conflict" | "kept_out" | "over_quota") || problem.is_behind();
        let detail = is_told.then(|| texts::problem(problem).sentence());
        Self { detail, retry_after: problem.retry_after(), ..Self::new(code) }
    }
}

impl From<FieldErrors> for Refused {
    fn from(errors: FieldErrors) -> Self {
        Self::invalid(errors.iter().map(|(name, problem)| Misplaced::of(name, problem)).collect())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(source) => tracing::error!(error = %source, "a use case failed"),
            Error::Unavailable(source) => tracing::warn!(error = %source, "the database does not answer"),
            Error::Invalid(_) | Error::Refused(_) | Error::Busy => {}
        }
        match error {
            Error::Invalid(errors) => errors.into(),
            error => error.problem().into(),
        }
    }
}

impl IntoResponse for Refused {
    /// A bare answer; [`explain`] gives it its body.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"Portcullis\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The code of what is wrong with a field.
fn code_of(problem: FieldProblem) -> String {
    match serde_json::to_value(problem) {
        Ok(serde_json::Value::String(code)) => code,
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().next().map(|(code, _)| code).unwrap_or_default(),
        _ => "malformed".to_owned(),
    }
}

/// Gives every answer that is an error its problem details, whichever layer it comes from.
pub async fn explain(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let refused = parts.extensions.remove::<Refused>();
    let problem = parts.extensions.get::<Problem>().copied();
    let refused = refused.or_else(|| problem.map(Refused::from)).unwrap_or_else(|| Refused::of_status(status));
    let details = refused.details(&state.portal.settings().base_url, id);
    parts.status = StatusCode::from_u16(details.status).unwrap_or(status);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_SECURITY_POLICY);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let body = serde_json::to_string(&details).unwrap_or_default();
    Response::from_parts(parts, body.into())
}

/// Nothing is at this address.
pub(crate) async fn nothing() -> Refused {
    Refused::new("not_found").because("There is nothing at this address. /api/v1/openapi.json lists what there is.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_pointers_and_problems_have_codes() {
        let mut errors = FieldErrors::one("checks/3/permission", FieldProblem::UnknownChoice);
        errors.add("amounts.memory", FieldProblem::TooLong(7));
        errors.add("Idempotency-Key", FieldProblem::Required);
        let refused = Refused::from(errors);
        assert_eq!((refused.code.code, refused.code.status), ("invalid", 422));
        let places: Vec<_> = refused.errors.iter().map(|it| (it.pointer.as_deref(), it.code.as_str())).collect();
        let pointed = [(Some("/checks/3/permission"), "unknown_choice"), (Some("/amounts/memory"), "too_long")];
        assert_eq!(places[..2], pointed);
        assert_eq!(refused.errors[2].parameter.as_deref(), Some("Idempotency-Key"));
        let asked = Refused::from(FieldErrors::one("range", FieldProblem::UnknownChoice)).in_query();
        let place = (asked.errors[0].pointer.as_deref(), asked.errors[0].parameter.as_deref());
        assert_eq!(place, (None, Some("range")));
    }

    #[test]
    fn every_answer_that_is_an_error_has_a_code() {
        for (status, code) in
            [(400, "bad_request"), (405, "method_not_allowed"), (415, "unsupported_media_type"), (418, "bad_request")]
        {
            assert_eq!(Refused::of_status(StatusCode::from_u16(status).unwrap()).code.code, code);
        }
        assert_eq!(Refused::from(Problem::Throttled { seconds: 3 }).retry_after, Some(3));
        assert_eq!(Refused::from(Problem::OrganizationSuspended).code.code, "kept_out");
    }
}
