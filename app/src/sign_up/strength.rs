//! How strong a password is that somebody chooses, for scripts that ask while it is typed.

use axum::Form;
use axum::response::Response;
use domain::fields::FieldProblem;
use domain::password::PASSWORD_MIN;
use serde::{Deserialize, Serialize};
use server::passwords::{self, About, Strength};

use crate::context::PageContext;
use crate::forms;
use crate::problems::Fault;
use crate::texts;

/// A password as far as it is typed, and what the page knows of whoever chooses it, line by line.
#[derive(Deserialize)]
pub struct Question {
    #[serde(default)]
    password: String,
    #[serde(default)]
    about: String,
}

/// What a page says of a password.
#[derive(Serialize)]
struct Verdict {
    /// The name that styles know it by.
    level: &'static str,
    text: String,
}

/// Judges a password by the same rule as the form that it stands in.
///
/// # Errors
/// Too many questions from one network.
pub async fn password_strength(page: PageContext, Form(question): Form<Question>) -> Result<Response, Fault> {
    let about = About::of(question.about.lines());
    let verdict = match passwords::strength(&page.request, &question.password, &about).await? {
        Ok(Strength::Strong) => Verdict { level: "strong", text: "Strength: strong".into() },
        Ok(Strength::Fair) => Verdict { level: "fair", text: "Strength: fair".into() },
        Err(FieldProblem::Required | FieldProblem::TooShort(_)) => {
            Verdict { level: "too-short", text: format!("Too short: use at least {PASSWORD_MIN} characters.") }
        }
        Err(problem) => Verdict { level: "weak", text: format!("Too weak. {}", texts::field("password", problem)) },
    };
    Ok(forms::json(serde_json::to_string(&verdict).map_err(server::Error::internal)?))
}
