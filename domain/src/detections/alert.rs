//! What becomes of an alert.

use crate::codes::codes;

codes! {
    /// How far somebody has come with an alert.
    AlertState {
        /// Nobody has looked at it.
        Open = "open" => "Open",
        /// Somebody looks after it.
        Acknowledged = "acknowledged" => "Acknowledged",
        /// It is over.
        Resolved = "resolved" => "Resolved",
    }
}

codes! {
    /// What an alert has turned out to be.
    Resolution {
        /// It was what it looked like, and is contained.
        Contained = "contained" => "Attack contained",
        /// It was not what it looked like.
        FalseAlarm = "false_alarm" => "False alarm",
        /// It was what it looked like, and meant to be.
        Expected = "expected" => "Expected activity",
    }
}

codes! {
    /// What is done about whoever an alert is about.
    Containment {
        /// Ends their access for every session of now, and for nothing else.
        EndSessions = "end_sessions" => "End sessions",
        /// The same, and takes the API keys back whose secret they have.
        EndAccess = "end_access" => "End sessions and API keys",
        /// Keeps them out.
        Suspend = "suspend" => "Suspend member",
        /// Has the API key that the alert is about open nothing.
        DisableKey = "disable_key" => "Disable key",
    }
}

impl Containment {
    /// What it does, in a sentence.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::EndSessions => "They show who they are before they come in again. Their API keys go on.",
            Self::EndAccess => {
                "They show who they are before they come in again, and API keys whose secret they have are revoked for good."
            }
            Self::Suspend => "They are kept out until somebody lets them in again.",
            Self::DisableKey => "The key opens nothing until somebody undoes this or rotates it.",
        }
    }

    /// Whether it can be undone.
    pub const fn is_reversible(self) -> bool {
        matches!(self, Self::Suspend | Self::DisableKey)
    }
}
