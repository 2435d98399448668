//! Answers that browsers save.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::problem::Problem;
use server::Error;

use crate::forms::step_up_for;
use crate::problems::Fault;

/// A file of this name and kind.
pub(crate) fn file(name: &str, kind: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// Why there is no file. A step-up leads back to the page that offers it and not to the file: a browser that saves it
/// would stay on the former page.
pub(crate) fn or_step_up(page: &str, error: Error) -> Fault {
    match error {
        Error::Refused(Problem::StepUpFirst) => Fault::Elsewhere(step_up_for(page)),
        error => error.into(),
    }
}
