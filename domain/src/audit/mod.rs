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
//! 3. [`export`] writes entries and openings as lines, and [`verify_export`] checks such lines against the checkpoint:
//!    the same code on the server, on an auditor's command line and in a browser.
//!
//! Nothing here has a clock or randomness: times and salts are arguments.
//!
//! [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962

mod action;
mod checkpoint;
mod commitment;
mod draft;
mod entry;
pub mod export;
mod fact;
mod hash;
mod instant;
mod log;
pub mod merkle;
mod parts;
mod signature;
#[cfg(test)]
mod strategies;
mod verify;

pub use action::{Action, MalformedAction};
pub use checkpoint::{Checkpoint, NoteError};
pub use commitment::{Commitment, Opening};
pub use draft::{Draft, Untargeted};
pub use entry::{Entry, ParseError};
pub use fact::{
    Fact,
    Fact::{Personal, Public},
};
pub use hash::{Hash, MalformedHash};
pub use log::{LogId, UnknownLog};
pub use merkle::Frontier;
pub use parts::{Actor, ActorKind, Change, Context, Outcome, Target, Value};
pub use signature::{MalformedKey, Signer, VerifierKey};
pub use verify::{Problem, Report, Verifier, VerifyError, verify_export};
