//! Pages about what did not work.

use std::sync::{Arc, OnceLock};

use axum::RequestExt;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::problem::Problem;
use leptos::prelude::*;
use server::Error;
use server::sessions::Visitor;

use crate::context::PageContext;
use crate::forms::{choose_password_for, enrol_for, step_up_for};
use crate::routes::page_above;
use crate::state::AppState;
use crate::texts;
use crate::ui::{Button, ButtonLink, ButtonVariant, ErrorPage, Form};

/// Why a handler has no page to show.
#[derive(Debug)]
pub enum Fault {
    /// A page about this.
    Problem(Problem),
    /// Somewhere else.
    Elsewhere(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(source) => tracing::error!(error = %source, "a use case failed"),
            Error::Unavailable(source) => tracing::warn!(error = %source, "the database does not answer"),
            Error::Invalid(_) | Error::Refused(_) | Error::Busy => {}
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
    if let Some(seconds) = problem.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
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

/// Who turns out to ask: [`explain`] stands outside of what finds that out, and has pages that look as
/// this person likes them, also when the request came to a sudden end.
#[derive(Clone, Default)]
pub(crate) struct Asker(Arc<OnceLock<Visitor>>);

impl Asker {
    /// Notes who asks. A request has one asker, and the first one stays.
    pub(crate) fn note(&self, visitor: &Visitor) {
        let _ = self.0.set(visitor.clone());
    }
}

/// Gives every answer that is an error the page that explains it. The status stays.
pub async fn explain(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Ok(mut context) = request.extract_parts_with_state::<PageContext, _>(&state).await;
    let asked_for = request.method() == Method::GET;
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let (Some(problem), false) = (problem_of(&response), is_page) else { return response };
    // What was only asked for can be asked for again.
    let again = asked_for.then(|| context.address());
    let way = way_through(problem, again.as_deref().unwrap_or_else(|| page_above(context.path())));
    if let Some(way) = way {
        return Redirect::to(&way).into_response();
    }
    context.visitor = asker.0.get().cloned();
    let status = response.status();
    let mut page = page(&context, status, problem, again).await;
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

/// Where somebody does what comes first, to go on at this page.
fn way_through(problem: Problem, page: &str) -> Option<String> {
    Some(match problem {
        // There it is found out which of the two it is.
        Problem::StepUpFirst | Problem::SignInAgain(_) => step_up_for(page),
        Problem::EnrolFirst => enrol_for(page),
        Problem::ChoosePassword => choose_password_for(page),
        _ => return None,
    })
}

/// The page about a problem, for what answers outside of [`explain`].
pub async fn answer(state: &AppState, mut request: Request, problem: Problem) -> Response {
    let Ok(context) = request.extract_parts_with_state::<PageContext, _>(state).await;
    let bare = bare(problem);
    page(&context, bare.status(), problem, None).await
}

async fn page(context: &PageContext, status: StatusCode, problem: Problem, again: Option<String>) -> Response {
    let words = texts::problem(problem);
    let request_id = context.request.request_id.clone().filter(|_| status.is_server_error());
    let Way { href, label, sign_out } = way_on(problem, context.visitor.is_some(), again);
    let title = words.title;
    context
        .render_with(status, title, move || {
            view! {
                <ErrorPage
                    status=status.as_u16()
                    title=words.title
                    text=words.text
                    request_id
                    action=move || {
                        view! {
                            <ButtonLink href variant=ButtonVariant::Primary>{label}</ButtonLink>
                            {sign_out.then(|| view! { <Form action="/sign-out" class="contents"><Button>"Sign out"</Button></Form> })}
                        }
                    }
                />
            }
            .into_any()
        })
        .await
}

/// What a page about a problem offers.
struct Way {
    href: String,
    label: &'static str,
    /// Whether it helps to be somebody else.
    sign_out: bool,
}

/// A way on that does not lead back to the same problem, unless that may have passed.
fn way_on(problem: Problem, signed_in: bool, again: Option<String>) -> Way {
    let (href, label) = match problem {
        Problem::Internal | Problem::Unavailable | Problem::Busy | Problem::TimedOut if again.is_some() => {
            return Way { href: again.unwrap_or_default(), label: "Try again", sign_out: false };
        }
        // The same would take as long again.
        Problem::TookTooLong if again.is_some() => {
            let again = again.unwrap_or_default();
            let href = again.split('?').next().unwrap_or("/").to_owned();
            return Way { href, label: "Search anew", sign_out: false };
        }
        Problem::SignInFirst | Problem::WrongAddress | Problem::LinkUsed if !signed_in => ("/sign-in", "Go to sign-in"),
        // From there the other organizations can be reached.
        Problem::OrganizationSuspended
        | Problem::OrganizationDeleting
        | Problem::MembershipSuspended
        | Problem::OrganizationBehind
        | Problem::OrganizationNotUpgraded
            if signed_in =>
        {
            ("/account", "Go to your account")
        }
        _ => ("/", "Go to the start page"),
    };
    let sign_out = signed_in && (href == "/account" || problem == Problem::WrongAddress);
    Way { href: href.to_owned(), label, sign_out }
}
