//! What was done with a request, for the page after it.

use serde::{Deserialize, Serialize};

/// What was done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum ApprovalDone {
    Asked,
    Counted,
    CarriedOut,
    Granted,
    Denied,
    Lapsed,
    Cancelled,
}

impl ApprovalDone {
    /// The sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Asked => "It is asked for. Nothing has changed yet.",
            Self::Counted => "You have approved it. It is not done yet.",
            Self::CarriedOut => "It is approved and done.",
            Self::Granted => "It is approved. Whoever asked can do it once, within 24 hours.",
            Self::Denied => "It is denied, and will not be done.",
            Self::Lapsed => {
                "You have approved it, and it cannot be done any more. It is over, and nothing has changed."
            }
            Self::Cancelled => "The request is cancelled. Nothing has changed.",
        }
    }
}
