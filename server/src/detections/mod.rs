//! Detections: what is noticed of an organization's security, and the alerts that come of it.
//!
//! Facts go in on three ways. What an act is, its audit entry says ([`facts_of`]): they are written in one transaction. A
//! use case or the gate notes what no entry says ([`TenantTx::record`](crate::store::TenantTx::record)). And wrong
//! passwords and codes, which happen before anybody is in an organization, wait in a queue of the platform's for a
//! [`Worker`] to copy them.
//!
//! Whoever keeps facts writes into another queue of the platform's, in the same transaction, that somebody has to look at
//! them. The [`Worker`] takes it from there, looks at that organization's latest with `domain::detections` and raises
//! alerts ([`crate::alerts`]): of what was noticed nothing is missed, whenever a program ends. The logs' keeper forgets
//! what is too old. Pages that watch are told by Postgres' `NOTIFY`, also those of another process
//! ([`Listener`], [`subscribe`]).

mod evaluate;
mod facts;
pub(crate) mod failures;
mod forget;
mod live;
pub(crate) mod queue;
pub(crate) mod sign_ins;
pub(crate) mod sql;
mod watch;
mod worker;

pub(crate) use facts::{Noticed, facts_of, gain, weakened};
pub(crate) use forget::forget;
pub use live::{Listener, subscribe};
pub(crate) use sql::{record, tell};
pub(crate) use watch::Watch;
pub use worker::Worker;

/// The channel on which Postgres tells of organizations whose facts or alerts have changed.
const CHANNEL: &str = "portcullis_security";
