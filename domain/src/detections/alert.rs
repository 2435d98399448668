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
        /// Ends their access for every session of now.
        EndSessions = "end_sessions" => "End sessions",
        /// Keeps them out.
        Suspend = "suspend" => "Suspend member",
    }
}

impl Containment {
    /// What it does, in a sentence.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::EndSessions => "They show who they are before they come in again.",
            Self::Suspend => "They are kept out until somebody lets them in again.",
        }
    }

    /// Whether it can be undone.
    pub const fn is_reversible(self) -> bool {
        matches!(self, Self::Suspend)
    }
}
