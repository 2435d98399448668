//! What states are called, and how they are shown.

use domain::webhooks::DeliveryState;
use server::webhooks::{Attempt, Endpoint};

use crate::ui::Tone;

/// How an endpoint does.
pub(super) fn endpoint(endpoint: &Endpoint) -> (Tone, &'static str) {
    match (endpoint.disabled, endpoint.failing_since, endpoint.last) {
        (Some(_), _, _) => (Tone::Idle, "Disabled"),
        (None, Some(_), _) => (Tone::Bad, "Failing"),
        (None, None, Some(_)) => (Tone::Ok, "Enabled"),
        (None, None, None) => (Tone::Info, "Nothing sent yet"),
    }
}

/// How far a message has come.
pub(super) fn delivery(state: DeliveryState) -> (Tone, &'static str) {
    let tone = match state {
        DeliveryState::Waiting => Tone::Info,
        DeliveryState::Delivered => Tone::Ok,
        DeliveryState::Failed => Tone::Bad,
    };
    (tone, state.name())
}

/// What came back of a message.
pub(super) fn attempt(attempt: &Attempt) -> (Tone, String) {
    match attempt.outcome {
        Ok(status @ 200..=299) => (Tone::Ok, status.to_string()),
        Ok(status) => (Tone::Bad, status.to_string()),
        Err(problem) => (Tone::Bad, problem.name().to_owned()),
    }
}
