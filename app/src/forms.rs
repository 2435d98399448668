//! What becomes of a form that was sent.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::fields::FieldErrors;
use domain::problem::Problem;
use serde::Serialize;
use server::Error;

use crate::context::PageContext;
use crate::flash::{Done, Flash, FormFlash};
use crate::problems::Fault;
use crate::sign_in::with_next;
use crate::ui::Undo;

/// The answer to a form: a redirect, or a page about a problem.
pub type Answer = Result<Response, Fault>;

/// Goes to a page and tells it something.
pub fn go(context: &PageContext, to: &str, flash: impl Into<Flash>) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Some(cookie) = flash.into().write(&context.state.portal) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Goes to a page and says what was done.
pub fn done(context: &PageContext, to: &str, done: Done) -> Response {
    go(context, to, done)
}

/// As [`done`], with a button that takes it back.
pub fn done_with_undo(
    context: &PageContext,
    to: &str,
    done: Done,
    action: String,
    values: &[(&str, &str)],
) -> Response {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    go(context, to, Flash { undo: Some(Undo { action, values }), ..Flash::from(done) })
}

/// An answer for scripts.
pub(crate) fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

/// Brings a form back to the page that shows it, with what was typed and what is wrong. Errors that
/// the form's person can do nothing about become pages.
///
/// # Errors
/// The page about what is not the form's fault.
pub fn back(context: &PageContext, page: &str, typed: &impl Serialize, error: Error) -> Answer {
    back_at(context, page, context.path(), typed, error)
}

/// As [`back`], for a form that another address than this one saves: the page shows it as that one's.
///
/// # Errors
/// As [`back`].
pub fn back_at(context: &PageContext, page: &str, action: &str, typed: &impl Serialize, error: Error) -> Answer {
    match error {
        Error::Invalid(errors) => {
            Ok(go(context, page, Flash { form: Some(form(action, errors, typed)), ..Flash::default() }))
        }
        Error::Refused(
            problem @ (Problem::LastOwner
            | Problem::Yourself
            | Problem::Changed
            | Problem::ApprovalFirst
            | Problem::RoleInUse
            | Problem::JobsWaiting
            | Problem::InvitationExpired),
        ) => Ok(go(context, page, refused(action, problem, typed))),
        Error::Refused(Problem::StepUpFirst) => {
            let mut response = Redirect::to(&step_up_for(page)).into_response();
            let account = context.visitor.as_ref().map(|visitor| visitor.account.id);
            let form = Some(form(action, FieldErrors::default(), typed));
            let waiting = Flash { account, form, ..Flash::default() };
            if let Some(cookie) = waiting.carry(&context.state.portal) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        error => Err(error.into()),
    }
}

/// As [`back`], of what is asked for at another address, `…/ask`, where owners have to approve it by now: the page shows
/// what was typed in the form that asks.
///
/// # Errors
/// As [`back`].
pub fn back_or_ask(context: &PageContext, page: &str, typed: &impl Serialize, error: Error) -> Answer {
    let rest = if matches!(error, Error::Refused(Problem::ApprovalFirst)) { "/ask" } else { "" };
    back_at(context, page, &format!("{}{rest}", context.path()), typed, error)
}

/// Where somebody proves who they are, to go on at this page.
pub(crate) fn step_up_for(page: &str) -> String {
    with_next("/account/step-up", page)
}

/// Where somebody sets up the second factor that an organization asks for, to go on at this page of it.
pub(crate) fn enrol_for(page: &str) -> String {
    with_next("/account/enrol", page)
}

/// Where somebody chooses another password that an organization asks for, to go on at this page of it.
pub(crate) fn choose_password_for(page: &str) -> String {
    with_next("/account/new-password", page)
}

/// The organization's slug in the address of a page of its.
pub(crate) fn slug_of(page: &str) -> &str {
    page.strip_prefix("/o/").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default()
}

/// Goes back to a form that nothing is wrong with, as it was typed.
pub fn again(context: &PageContext, page: &str, action: &str, typed: &impl Serialize) -> Response {
    go(context, page, Flash { form: Some(form(action, FieldErrors::default(), typed)), ..Flash::default() })
}

/// As [`back`], for a form that a limit may refuse. Such a refusal is the page itself, rendered at once: a redirect
/// would hide from programs that it is one, and when to try again.
///
/// # Errors
/// As [`back`]; the page's own.
pub async fn back_or_later<F: Future<Output = Result<Response, Fault>>>(
    context: &PageContext,
    to: &str,
    typed: &impl Serialize,
    error: Error,
    page: impl FnOnce(PageContext) -> F,
) -> Answer {
    let problem = match error {
        Error::Refused(problem) if problem.is_limit() => problem,
        error => return back(context, to, typed, error),
    };
    let mut response = page(context.told(refused(context.path(), problem, typed))).await?;
    if response.status() != StatusCode::OK {
        // The page leads elsewhere: somebody is signed in already.
        return Ok(response);
    }
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = problem.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// A form as it was typed, and why it was not done.
fn refused(action: &str, problem: Problem, typed: &impl Serialize) -> Flash {
    Flash { problem: Some(problem), form: Some(form(action, FieldErrors::default(), typed)), ..Flash::default() }
}

/// A form as it was typed, and what is wrong in it.
fn form(action: &str, errors: FieldErrors, typed: &impl Serialize) -> FormFlash {
    FormFlash { action: action.to_owned(), errors, values: values(typed) }
}

/// The fields of a form. Secrets are never among them: their fields are not serialized.
fn values(typed: &impl Serialize) -> Vec<(String, String)> {
    match serde_json::to_value(typed) {
        Ok(serde_json::Value::Object(fields)) => {
            let texts = |value| match value {
                serde_json::Value::String(text) => vec![text],
                // A field that is there several times.
                serde_json::Value::Array(values) => {
                    values.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            };
            fields
                .into_iter()
                .flat_map(|(name, value)| texts(value).into_iter().map(move |text| (name.clone(), text)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A path within this site, or `/`. An address such as `//evil.example` or `/\evil.example` leads
/// elsewhere and is none, and so is what no browser sends: the rest of ASCII, and all beyond it.
pub fn local_path(path: &str) -> &str {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain && path.starts_with('/') && !path.starts_with("//") { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["/", "/o/acme/members?q=1", "/o/acme/members?q=%C3%A9&role="] {
            assert_eq!(local_path(path), path);
        }
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/\t/evil.example"] {
            assert_eq!(local_path(path), "/", "{path:?}");
        }
    }

    #[test]
    fn a_page_of_an_organization_names_it() {
        for page in ["/o/acme", "/o/acme/", "/o/acme/members?q=1", "/o/acme?x", "/o/acme#top"] {
            assert_eq!(slug_of(page), "acme", "{page}");
        }
        for page in ["/", "/o/", "/account", "/organizations/new", ""] {
            assert_eq!(slug_of(page), "", "{page}");
        }
    }

    #[test]
    fn every_path_can_be_led_to() {
        let odd = (0..=0x2ff_u32).filter_map(char::from_u32).map(|char| format!("/{char}x"));
        for path in odd.chain(["/\u{202e}".to_owned(), "/\u{1f600}".to_owned()]) {
            assert_eq!(Redirect::to(local_path(&path)).into_response().status(), 303, "{path:?}");
        }
    }
}
