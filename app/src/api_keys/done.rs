//! What was done with a key or a service account, for the page after it.

use serde::{Deserialize, Serialize};

/// What was done with a key or a service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum KeyDone {
    Changed,
    Revoked,
    AccountCreated,
    AccountChanged,
    AccountDisabled,
    AccountEnabled,
    AccountTakenOver,
}

impl KeyDone {
    /// The sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Changed => "The key is saved. It holds from its next request on.",
            Self::Revoked => "The key is revoked, and opens nothing any more.",
            Self::AccountCreated => "The service account is there. Create a key for it next.",
            Self::AccountChanged => "The service account is saved.",
            Self::AccountDisabled => "The service account is disabled. Its keys open nothing until it is enabled.",
            Self::AccountEnabled => "The service account is enabled. Its keys work again.",
            Self::AccountTakenOver => {
                "You stand for the service account now. Its keys may do what you may, at most. Rotate those whose maker has left."
            }
        }
    }
}
