//! What becomes of messages and of endpoints.

use crate::codes::codes;

codes! {
    /// How far a message has come on its way to an endpoint.
    DeliveryState {
        /// It is sent, or sent again after a while.
        Waiting = "waiting" => "Waiting",
        /// The endpoint has taken it.
        Delivered = "delivered" => "Delivered",
        /// It was given up.
        Failed = "failed" => "Failed",
    }
}

codes! {
    /// Why nothing is sent to an endpoint.
    DisabledWhy {
        /// Somebody has said so.
        Person = "person" => "Disabled by a member",
        /// It has answered that it is gone: status 410.
        Gone = "gone" => "Disabled because it answered 410 Gone",
        /// It has not taken anything for too long.
        Failing = "failing" => "Disabled because it took nothing for days",
    }
}

codes! {
    /// Why nothing came back of a message.
    SendProblem {
        /// The address leads to where nothing is sent.
        Address = "address" => "The host has no public address",
        /// There was nobody to talk to, or not in private.
        Connect = "connect" => "No connection, or no secure one, could be made",
        /// It took too long.
        TimedOut = "timed_out" => "No answer came in time",
        /// It ended before it was an answer.
        Broken = "broken" => "The connection broke off before there was an answer",
    }
}

/// Which deliveries a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter(pub Option<DeliveryState>);

impl DeliveryFilter {
    /// The filter of an address. What is none shows all.
    pub fn from_code(code: Option<&str>) -> Self {
        Self(code.and_then(DeliveryState::from_code))
    }

    /// The state, as a statement binds it.
    pub fn code(self) -> Option<&'static str> {
        self.0.map(DeliveryState::code)
    }
}
