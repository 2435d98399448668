//! The parts of an entry.

use serde::{Deserialize, Serialize};

use super::{Commitment, Opening};
use crate::ids::AccountId;

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Denied,
    /// It was allowed and did not succeed.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Done, Self::Denied, Self::Failed];

    /// The name under which it is stored and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Denied => "Denied",
            Self::Failed => "Failed",
        }
    }

    /// The outcome of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.code() == code)
    }
}

/// A text in an entry: in clear, or only committed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Tells nothing about a person.
    Public(String),
    /// Personal: its [`Opening`] is kept apart.
    Commit(Commitment),
}

impl Value {
    /// The text as it can be shown; `None` when it is personal and its opening is not there, because it was erased.
    pub fn reveal<'a>(&'a self, openings: &'a [Opening]) -> Option<&'a str> {
        match self {
            Self::Public(text) => Some(text),
            Self::Commit(commitment) => openings
                .iter()
                .find(|opening| opening.commitment() == *commitment)
                .map(|opening| opening.value.as_str()),
        }
    }
}

/// Who did something. Its values are a [`Value`] in an entry and a [`Fact`](super::Fact) in a draft; so are those of
/// [`Target`], [`Change`] and [`Context`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor<V = Value> {
    /// The account, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<AccountId>,
    /// In which capacity.
    pub kind: ActorKind,
    /// The name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<V>,
}

/// In which capacity somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person, for themselves or for an organization.
    Person,
    /// The program itself.
    System,
    /// Whoever runs the platform.
    Operator,
    /// A program, by a key of the organization's; the id is the key's.
    Key,
}

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::System, Self::Operator, Self::Key];

    /// The name under which entries have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::System => "system",
            Self::Operator => "operator",
            Self::Key => "key",
        }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target<V = Value> {
    /// Its id, in the form that its kind has.
    pub id: String,
    /// Such as `member`, `invitation`, `organization`, `account` or `session`.
    pub kind: String,
    /// Its name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<V>,
}

/// A field that is different now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change<V = Value> {
    /// The new value; absent when it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<V>,
    /// The old value; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<V>,
    /// The field's name.
    pub field: String,
}

/// The request that an act came with; empty for a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context<V = Value> {
    /// What the browser says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<V>,
    /// The address that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<V>,
    /// The id under which the traces have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
