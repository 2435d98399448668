//! What was done with a webhook, for the page after it.

use serde::{Deserialize, Serialize};

use crate::ui::number;

/// What was done with a webhook, or with what was sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum WebhookDone {
    Saved,
    Enabled,
    Disabled,
    Deleted,
    Tested,
    Replayed { count: u64 },
}

impl WebhookDone {
    /// The sentence.
    pub fn text(self) -> String {
        match self {
            Self::Saved => "The webhook is saved. It holds for what happens from now on.".into(),
            Self::Enabled => "The webhook is enabled. It is told what happens from now on.".into(),
            Self::Disabled => "The webhook is disabled. Nothing is sent to it.".into(),
            Self::Deleted => "The webhook is deleted, with its secret and all that was sent to it.".into(),
            Self::Tested => "A test event is on its way. Reload this page to see what came of it.".into(),
            Self::Replayed { count: 0 } => "There was nothing to send again.".into(),
            Self::Replayed { count: 1 } => "The message goes out again.".into(),
            Self::Replayed { count } => format!("{} messages go out again.", number(count)),
        }
    }
}
