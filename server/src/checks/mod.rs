//! Answering what members may do, for the platform's services: thousands of times a second.
//!
//! `domain::checks` holds the words and the judgement; here is what it judges by. That is read once for each
//! change of the organization's, so that most questions cost no statement beside the look-up of their key, and are
//! answered all the same by what is true when they come: see [`desk`].

mod desk;
mod sql;

use domain::audit::Action;
use domain::checks::{Answer, Question};
use domain::roles::Permission;

use crate::callers::Caller;
use crate::error::Error;

pub(crate) use desk::Desks;

const CHECKED: Action = Action::new("access.checked");

/// The answers to questions, in their order.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn check(caller: &Caller, questions: &[Question]) -> Result<Vec<Answer>, Error> {
    caller.require(Permission::CheckAccess, CHECKED).await?;
    let request = caller.request();
    let subjects: Vec<_> = questions.iter().map(|question| &question.subject).collect();
    let (rulebook, people) = request.portal().desks().look(caller, &subjects).await?;
    let answers = questions.iter().zip(people);
    Ok(answers.map(|(question, person)| rulebook.answer(question, person.as_deref(), request.now)).collect())
}
