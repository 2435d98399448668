//! The vocabulary that server and pages share.
//!
//! Everything here is pure: no input or output, no clock, no randomness, no database. Values are
//! parsed on their way in, so that a function which takes an [`EmailAddress`](email::EmailAddress)
//! need not ask again whether it is one. The crate compiles to wasm.

pub mod accounts;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod checks;
mod codes;
pub mod detections;
pub mod device;
pub mod email;
pub mod factors;
pub mod fields;
pub mod ids;
pub mod invitations;
pub mod jobs;
pub mod members;
pub mod notices;
pub mod notifications;
pub mod numbers;
pub mod operators;
pub mod organizations;
pub mod paging;
pub mod password;
pub mod policy;
pub mod problem;
pub mod quotas;
pub mod roles;
pub mod slug;
pub mod text;
pub mod webhooks;
