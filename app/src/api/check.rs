//! Asking what members may do.

use domain::checks::{Answer as Decision, CHECKS_MAX, Check};
use domain::fields::{FieldErrors, FieldProblem};
use serde::{Deserialize, Serialize};
use server::checks;
use utoipa::ToSchema;

use super::answer::{Answer, json};
use super::document::Writing;
use super::gate::Program;
use super::problem::Refused;
use super::sent::Sent;

/// Questions that are asked together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBatch {
    /// The questions.
    checks: Vec<Check>,
}

/// Their answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckAnswers {
    /// The answers, in the order of the questions.
    answers: Vec<Decision>,
}

/// Whether a member may do something.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/check",
    tag = "Access",
    summary = "May a member do something?",
    description = "Judges by the organization’s roles, groups and security policy as they are at this moment. What the policy asks for and the request does not tell speaks against the member. Somebody who is no member gets an answer, not an error: `unknown_subject`.",
    request_body = Check,
    responses((status = 200, description = "The answer.", body = Decision), Writing),
    security(("key" = ["access.check"]))
)]
pub async fn check(Program(caller): Program, sent: Sent<Check>) -> Answer {
    let question = sent.value.parse("")?;
    let mut answers = checks::check(&caller, &[question]).await?;
    json(&answers.pop().ok_or_else(|| Refused::new("internal"))?)
}

/// As [`check`], for many.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/check/batch",
    tag = "Access",
    summary = "Up to 100 such questions at once",
    description = "All of them are judged by one state of the organization. If one cannot be read, none is answered.",
    request_body = CheckBatch,
    responses((status = 200, description = "The answers.", body = CheckAnswers), Writing),
    security(("key" = ["access.check"]))
)]
pub async fn check_batch(Program(caller): Program, sent: Sent<CheckBatch>) -> Answer {
    let checks = sent.value.checks;
    if checks.is_empty() {
        return Err(FieldErrors::one("checks", FieldProblem::Required).into());
    }
    if checks.len() > CHECKS_MAX {
        let most = u16::try_from(CHECKS_MAX).unwrap_or(u16::MAX);
        return Err(FieldErrors::one("checks", FieldProblem::TooManyOfThem(most)).into());
    }
    let (mut questions, mut errors) = (Vec::with_capacity(checks.len()), FieldErrors::default());
    for (place, check) in checks.iter().enumerate() {
        match check.parse(&format!("checks/{place}/")) {
            Ok(question) => questions.push(question),
            Err(wrong) => wrong.iter().for_each(|(name, problem)| errors.add(name, problem)),
        }
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    json(&CheckAnswers { answers: checks::check(&caller, &questions).await? })
}
