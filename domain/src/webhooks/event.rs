//! What is told, and how a message says it.

use serde::Serialize;
use time::OffsetDateTime;

use crate::codes::codes;

codes! {
    /// What is told. Messages and endpoints name it by its code, which never changes.
    EventKind {
        /// A detection has raised an alert.
        AlertRaised = "alert.raised" => "Alert raised",
        /// Somebody has done something about an alert.
        AlertChanged = "alert.changed" => "Alert changed",
        /// The state of the audit trail was signed.
        AuditCheckpoint = "audit.checkpoint" => "Checkpoint of the audit trail",
        /// So much of a quota is used.
        QuotaThreshold = "quota.threshold" => "Quota threshold reached",
        /// An API key ends soon.
        KeyExpiring = "key.expiring" => "API key about to expire",
        /// Somebody has become a member.
        MemberJoined = "member.joined" => "Member joined",
        /// Somebody is a member no more.
        MemberRemoved = "member.removed" => "Member removed",
        /// Another policy is in force.
        PolicyEnforced = "policy.enforced" => "Security policy enforced",
        /// Somebody tries an endpoint.
        Test = "webhook.test" => "Test",
    }
}

impl EventKind {
    /// Whether endpoints can choose it. A test goes to the endpoint that is tried.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        !matches!(self, Self::Test)
    }

    /// Those that endpoints can choose.
    pub fn offered() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| kind.is_offered())
    }

    /// When it is sent, and what it carries.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::AlertRaised => "A detection has noticed something: the rule, its severity, and whom it is about.",
            Self::AlertChanged => "Somebody has acknowledged, assigned, contained, resolved or reopened an alert.",
            Self::AuditCheckpoint => "The signed state of the audit trail, to be kept where nobody here can write.",
            Self::QuotaThreshold => "A metric has reached a threshold of its quota: the metric, the amount, the limit.",
            Self::KeyExpiring => "An API key ends soon: its name, when and why.",
            Self::MemberJoined => "Somebody has joined: their id, name, address and role.",
            Self::MemberRemoved => "Somebody was removed or has left: their id and role.",
            Self::PolicyEnforced => {
                "Another version of the security policy is in force: its number and what it changes."
            }
            Self::Test => "Somebody has pressed “Send test event”.",
        }
    }
}

/// A message's body.
#[derive(Debug, Serialize)]
pub struct Message<'a> {
    /// What is told: the code of an [`EventKind`].
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// When it happened.
    #[serde(with = "time::serde::rfc3339")]
    pub timestamp: OffsetDateTime,
    /// What there is to know.
    pub data: serde_json::Value,
}
