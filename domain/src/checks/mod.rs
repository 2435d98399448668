//! Whether somebody may do something: what the platform's services ask about an organization's members, and the answer.
//!
//! A [`Check`] is what a service sends, and a [`Question`] what it comes to. [`Rulebook::answer`] judges it by the
//! organization's roles, groups and security policy, with the facts that the service knows: pure, and quick enough to be
//! asked at every step.

mod answer;
mod facts;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::AccountId;
use crate::roles::Permission;
use crate::text::is_unprintable;

pub use answer::{Answer, Ground, GroundKind, Person, Reason, Rulebook};
pub use facts::{GivenFactor, GivenFacts};

/// The most questions of one request.
pub const CHECKS_MAX: usize = 100;
/// The most characters of a subject.
const SUBJECT_MAX: u16 = 254;
/// The most characters of a resource's kind.
const KIND_MAX: u16 = 64;
/// The most characters of a resource's id.
const ID_MAX: u16 = 256;

/// May a subject do this, to that, given these facts?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Who wants to do it: the id of a member, or their address.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 254, example = "ada@acme.example"))]
    pub subject: String,
    /// What they want to do: the code of a permission, as `/roles` lists them.
    #[cfg_attr(feature = "openapi", schema(example = "members.invite"))]
    pub permission: String,
    /// What they want to do it to. It is the service's own, and does not decide anything yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// What the service knows of the subject's request.
    #[serde(default)]
    pub facts: GivenFacts,
}

/// A thing of a service's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// What kind of thing it is.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "invoice"))]
    pub kind: String,
    /// Which one.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256, example = "2026-0042"))]
    pub id: String,
}

/// Somebody, as a question names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// By their account.
    Id(AccountId),
    /// By their address.
    Email(EmailAddress),
    /// By what is nobody's name.
    Nobody,
}

/// A question that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub subject: Subject,
    /// What.
    pub permission: Permission,
    /// What is known.
    pub facts: GivenFacts,
}

impl Check {
    /// Parses every field. What is wrong is named by its place below `at`, which is empty or ends with a slash.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self, at: &str) -> Result<Question, FieldErrors> {
        let mut errors = FieldErrors::default();
        let place = |name: &str| format!("{at}{name}");
        let subject = errors.check(&place("subject"), Subject::parse(&self.subject));
        let permission = Permission::from_code(&self.permission).ok_or(FieldProblem::UnknownChoice);
        let permission = errors.check(&place("permission"), permission);
        if let Some(resource) = &self.resource {
            errors.check(&place("resource/kind"), judge_text(&resource.kind, KIND_MAX));
            errors.check(&place("resource/id"), judge_text(&resource.id, ID_MAX));
        }
        errors.check(&place("facts/region"), self.facts.judge_region());
        match (subject, permission) {
            (Some(subject), Some(permission)) if errors.is_empty() => {
                Ok(Question { subject, permission, facts: self.facts.clone() })
            }
            _ => Err(errors),
        }
    }
}

impl Subject {
    /// Whom a text names. What nobody can be called is nobody's name, and no error: a service asks about whoever comes.
    ///
    /// # Errors
    /// Nothing, or more than any name has.
    fn parse(text: &str) -> Result<Self, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Required);
        }
        if text.chars().count() > usize::from(SUBJECT_MAX) {
            return Err(FieldProblem::TooLong(SUBJECT_MAX));
        }
        Ok(match (text.parse(), EmailAddress::asked(text)) {
            (Ok(id), _) => Self::Id(id),
            (_, Ok(email)) => Self::Email(email),
            _ => Self::Nobody,
        })
    }
}

/// A text of a service's own: something, not too long, and nothing that steers a display.
pub(crate) fn judge_text(text: &str, most: u16) -> Result<(), FieldProblem> {
    if text.is_empty() {
        return Err(FieldProblem::Required);
    }
    if text.chars().count() > usize::from(most) {
        return Err(FieldProblem::TooLong(most));
    }
    if text.chars().any(is_unprintable) { Err(FieldProblem::ForbiddenCharacters) } else { Ok(()) }
}
