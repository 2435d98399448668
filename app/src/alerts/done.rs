//! What was done with an alert, for the page after it.

use serde::{Deserialize, Serialize};

/// What was done with an alert, or with what raises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum AlertDone {
    Acknowledged,
    Assigned,
    Noted,
    Resolved,
    Reopened,
    Suspended,
    SessionsEnded,
    AccessEnded,
    KeyDisabled,
    KeyEnabled,
    Released,
    Tuned,
}

impl AlertDone {
    /// The sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Acknowledged => "The alert is acknowledged: others see that somebody has seen it.",
            Self::Assigned => "The alert is assigned.",
            Self::Noted => "Your note is in the history.",
            Self::Resolved => "The alert is resolved. If the same is noticed again, there will be another.",
            Self::Reopened => "The alert is open again.",
            Self::Suspended => "The member is suspended, and does not get in before that is undone.",
            Self::SessionsEnded => "The member has to sign in again before they come in here. Their API keys go on.",
            Self::AccessEnded => {
                "The member has to sign in again before they come in here, and API keys whose secret they have are revoked."
            }
            Self::KeyDisabled => "The API key is disabled, and opens nothing before that is undone.",
            Self::KeyEnabled => "It is undone. The API key works again.",
            Self::Released => "It is undone. The member is active again.",
            Self::Tuned => "The detections are saved. They look this way at once.",
        }
    }
}
