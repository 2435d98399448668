//! What happens: use cases, Postgres, mail, keys and jobs.
//!
//! A use case is a function of one of the slices (`members`, `invitations`, …). It takes the
//! [`Portal`] and whoever asks ([`Access`] inside of an organization), and does four things in this
//! order: authorize, begin a transaction, change, commit with an audit entry.

pub mod access;
pub mod accounts;
pub mod alerts;
pub mod api;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod callers;
pub mod carrying;
pub mod checks;
pub mod cluster;
pub mod demo;
pub mod detections;
pub mod edges;
pub mod error;
pub mod factors;
mod filters;
pub mod housekeeping;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod members;
pub mod notices;
pub mod notifications;
pub mod operators;
pub mod organizations;
pub mod outbox;
mod paging;
pub mod passwords;
pub mod policy;
mod portal;
pub mod quotas;
pub mod request;
mod revisions;
pub mod roles;
mod scram;
pub mod security;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
mod spreadsheet;
pub mod step_up;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
pub mod webhooks;

pub use access::Access;
pub use error::Error;
pub use portal::{Portal, Settings};
pub use request::RequestContext;
pub use store::{Store, StoreError};
