//! The audit log: what an entry is, how it is hashed, signed, exported and verified.
//!
//! Every organization has a log of its own, and the platform has one. A log is a Merkle tree as in Certificate
//! Transparency ([RFC 6962]): the canonical bytes of an [`Entry`] are a leaf, a [`Frontier`] appends to it, and a signed
//! [`Checkpoint`] states its size and root to the world outside the database.
//!
//! The way of an entry:
//! 1. A use case describes what happened in a [`Draft`], with names and addresses in clear.
//! 2. [`Draft::seal`] turns it into the canonical [`Entry`]. What is personal becomes a salted [`Commitment`]; the
//!    [`Opening`] that belongs to it is stored apart, so that erasing a person leaves the log verifiable.
//! 3. [`export`] writes entries and openings as lines, and [`verify_export`] checks such lines against the checkpoint. An
//!    [`EntryProof`] does with a single entry, and a [`ConsistencyProof`] shows that a log has only grown. A
//!    [`FileVerifier`] takes any of these files: the same code on the server, on an auditor's command line and in a
//!    browser.
//!
//! Nothing here has a clock or randomness: times and salts are arguments.
//!
//! [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962

mod action;
mod acts;
mod checkpoint;
mod commitment;
mod draft;
mod entry;
#[cfg(test)]
mod example;
pub mod export;
mod fact;
mod file;
mod hash;
mod instant;
mod log;
pub mod merkle;
mod notes;
mod parts;
mod proof;
mod query;
mod service;
mod signature;
#[cfg(test)]
mod strategies;
mod verify;

pub use action::{Action, MalformedAction};
pub use acts::{ACTS, Act, Category, Retention};
pub use checkpoint::{Checkpoint, NoteError};
pub use commitment::{Commitment, Opening};
pub use draft::{Draft, Untargeted};
pub use entry::{Entry, ParseError};
pub use fact::{
    Fact,
    Fact::{Personal, Public},
};
pub use file::{Expected, FileError, FileVerifier, Verdict};
pub use hash::{Hash, MalformedHash};
pub use log::{LogId, UnknownLog};
pub use merkle::Frontier;
pub use notes::split_notes;
pub use parts::{Actor, ActorKind, Change, Context, Outcome, Target, Value};
pub use proof::{ConsistencyProof, ConsistencyReport, EntryProof, EntryReport, ProofError};
pub use query::{AuditQuery, MOMENT, Range, moment};
pub use service::{SERVICE_EVENT, SERVICE_EVENTS_MAX, ServiceEvent, ServiceTarget};
pub use signature::{MalformedKey, Signer, VerifierKey};
pub use verify::{KeptError, Problem, Report, Verifier, VerifyError, verify_export};
