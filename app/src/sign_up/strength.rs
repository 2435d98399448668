//! How strong a password is that somebody chooses, for scripts that ask while it is typed.

use axum::Form;
use axum::response::Response;
use domain::fields::FieldProblem;
use domain::password::{PASSWORD_MAX, PASSWORD_MIN};
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
    /// How many characters it has at least, as the page says; never less than the portal asks for.
    #[serde(default)]
    least: u16,
}

impl Question {
    fn least(&self) -> u16 {
        self.least.clamp(PASSWORD_MIN, PASSWORD_MAX)
    }

    /// Whether it is shorter than the page asks for.
    fn is_short(&self) -> bool {
        self.password.chars().count() < usize::from(self.least())
    }
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
    let strength = passwords::strength(&page.request, &question.password, &about).await?;
    let verdict = match strength {
        Ok(_) if question.is_short() => short(question.least()),
        Ok(Strength::Strong) => Verdict { level: "strong", text: "Strength: strong".into() },
        Ok(Strength::Fair) => Verdict { level: "fair", text: "Strength: fair".into() },
        Err(FieldProblem::Required | FieldProblem::TooShort(_)) => short(question.least()),
        Err(problem) => Verdict { level: "weak", text: format!("Too weak. {}", texts::field("password", problem)) },
    };
    Ok(forms::json(serde_json::to_string(&verdict).map_err(server::Error::internal)?))
}

fn short(least: u16) -> Verdict {
    Verdict { level: "too-short", text: format!("Too short: use at least {least} characters.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_as_long_as_the_page_asks_for_and_never_shorter_than_the_portal_does() {
        let asked = |password: &str, least| Question { password: password.to_owned(), about: String::new(), least };
        assert!(asked("twelve chars", 14).is_short() && !asked("twelve chars", 12).is_short());
        assert!(asked("nine char", 0).is_short() && !asked("ten chars.", 0).is_short());
        assert_eq!(short(asked("", 14).least()).text, "Too short: use at least 14 characters.");
        assert_eq!(asked("", 9_999).least(), PASSWORD_MAX);
    }
}
