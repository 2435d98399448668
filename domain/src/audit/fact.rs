//! The parts of a draft, in clear, and how each is sealed.

use super::{Actor, ActorKind, Change, Context, Target, Value};
use crate::ids::{AccountId, ApiKeyId};

/// A text in a draft, and whether it tells something about a person.
///
/// Texts in the source code are public by themselves; for any other the writer has to say which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Goes into the log in clear, for ever.
    Public(String),
    /// Goes into the log as a commitment, and can be erased.
    Personal(String),
}

impl Fact {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Public(text) | Self::Personal(text) => text,
        }
    }
}

impl From<&'static str> for Fact {
    fn from(text: &'static str) -> Self {
        Self::Public(text.into())
    }
}

impl Actor<Fact> {
    /// A person with an account, by its id and name.
    pub fn person(id: AccountId, name: impl Into<String>) -> Self {
        Self { id: Some(id), kind: ActorKind::Person, name: Some(Fact::Personal(name.into())) }
    }

    /// Somebody who has not proved who they are.
    pub fn stranger() -> Self {
        Self { id: None, kind: ActorKind::Person, name: None }
    }

    /// The program itself: a job, the first start.
    pub fn system() -> Self {
        Self { id: None, kind: ActorKind::System, name: None }
    }

    /// Whoever runs the platform, at the command line.
    pub fn operator() -> Self {
        Self { id: None, kind: ActorKind::Operator, name: None }
    }

    /// A person who runs the platform, by the id and name of their account.
    pub fn operator_account(id: AccountId, name: impl Into<String>) -> Self {
        Self { kind: ActorKind::Operator, ..Self::person(id, name) }
    }

    /// A program that comes with a key, by the key's id and name.
    pub fn key(id: ApiKeyId, name: impl Into<String>) -> Self {
        Self { kind: ActorKind::Key, ..Self::person(AccountId(id.0), name) }
    }

    pub(super) fn seal(self, seal: &mut impl FnMut(Fact) -> Value) -> Actor {
        Actor { id: self.id, kind: self.kind, name: self.name.map(seal) }
    }
}

impl Target<Fact> {
    pub(super) fn seal(self, seal: &mut impl FnMut(Fact) -> Value) -> Target {
        Target { id: self.id, kind: self.kind, name: self.name.map(seal) }
    }
}

impl Change<Fact> {
    pub(super) fn seal(self, seal: &mut impl FnMut(Fact) -> Value) -> Change {
        Change { after: self.after.map(&mut *seal), before: self.before.map(&mut *seal), field: self.field }
    }
}

impl Context<Fact> {
    /// A request, by the id that its traces have, the peer's address and what its browser says it is.
    pub fn request(id: impl Into<String>, ip: Option<String>, device: Option<String>) -> Self {
        Self { device: device.map(Fact::Personal), ip: ip.map(Fact::Personal), request_id: Some(id.into()) }
    }

    pub(super) fn seal(self, seal: &mut impl FnMut(Fact) -> Value) -> Context {
        Context { device: self.device.map(&mut *seal), ip: self.ip.map(&mut *seal), request_id: self.request_id }
    }
}

impl<V> Default for Context<V> {
    fn default() -> Self {
        Self { device: None, ip: None, request_id: None }
    }
}
