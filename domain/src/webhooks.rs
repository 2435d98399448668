//! Webhooks: what other programs are told, where, and how they know that it is true.
//!
//! A message is signed as the [Standard Webhooks](https://www.standardwebhooks.com) specification says. What is no
//! business of a database's or of a connection's is here: which addresses are sent to, when it is tried again, and how
//! a message is written and signed.

mod address;
mod delivery;
mod endpoint;
mod event;
mod retry;
mod signature;

pub use address::may_connect;
pub use delivery::{DeliveryFilter, DeliveryState, DisabledWhy, SendProblem};
pub use endpoint::{EndpointForm, EndpointUrl, EndpointWish, URL_MAX};
pub use event::{EventKind, Message};
pub use retry::{ATTEMPTS, FAILING_FOR, GIVEN_UP_IN_A_ROW, LONGEST, pause};
pub use signature::{MessageId, SECRET_BYTES, SecretError, SigningSecret};

#[cfg(test)]
mod tests;
