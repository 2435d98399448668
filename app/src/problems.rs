//! Pages about what did not work.

use axum::RequestExt;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::problem::Problem;
use leptos::prelude::*;
use server::Error;

use crate::context::PageContext;
use crate::state::AppState;
use crate::texts;
use crate::ui::{ButtonLink, ButtonVariant, ErrorPage};

/// Why a handler has no page to show.
#[derive(Debug)]
pub enum Fault {
    /// A page about this.
    Problem(Problem),
    /// Somewhere else.
    Elsewhere(String),
}

impl Fault {
    /// To the sign-in, and from there back to where somebody wanted to go.
    pub fn sign_in(next: &str) -> Self {
        let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
        Self::Elsewhere(format!("/sign-in?{query}"))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(source) => tracing::error!(error = %source, "a use case failed"),
            Error::Unavailable(source) => tracing::warn!(error = %source, "the database does not answer"),
            Error::Invalid(_) | Error::Refused(_) => {}
        }
        Self::Problem(error.problem())
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for Fault {
    /// A bare answer; [`explain`] turns it into a page.
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => bare(problem),
            Self::Elsewhere(path) => Redirect::to(&path).into_response(),
        }
    }
}

/// An answer that only says which problem it is.
pub fn bare(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status.into_response();
    response.extensions_mut().insert(problem);
    if problem == Problem::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

/// The problem behind an answer that some layer has given without a page.
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(*problem);
    }
    match response.status().as_u16() {
        404 | 405 => Some(Problem::NotFound),
        413 => Some(Problem::TooLarge),
        400 | 415 | 422 => Some(Problem::BadRequest),
        408 | 500 => Some(Problem::Internal),
        503 => Some(Problem::Unavailable),
        _ => None,
    }
}

/// Gives every answer that is an error the page that explains it. The status stays.
pub async fn explain(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let context = request.extract_parts_with_state::<PageContext, _>(&state).await;
    let response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let (Some(problem), false) = (problem_of(&response), is_page) else { return response };
    let Ok(context) = context;
    let status = response.status();
    let mut page = page(&context, status, problem).await;
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

async fn page(context: &PageContext, status: StatusCode, problem: Problem) -> Response {
    let words = texts::problem(problem);
    let request_id = context.request.request_id.clone().filter(|_| status.is_server_error());
    let (href, label) = match problem {
        Problem::SignInFirst | Problem::WrongAddress | Problem::LinkUsed => ("/sign-in", "Go to sign-in"),
        _ => ("/", "Go to the start page"),
    };
    let title = words.title;
    context
        .render_with(status, title, move || {
            view! {
                <ErrorPage
                    status=status.as_u16()
                    title=words.title
                    text=words.text
                    request_id
                    action=move || view! { <ButtonLink href variant=ButtonVariant::Primary>{label}</ButtonLink> }
                />
            }
            .into_any()
        })
        .await
}
