//! Proofs as files: that an entry is in a log, and that a log has only grown. Neither needs the rest of the log.

mod consistency;
mod entry;

pub use consistency::{ConsistencyProof, ConsistencyReport};
pub use entry::{EntryProof, EntryReport};

use serde::Serialize;

use super::{KeptError, MalformedKey, NoteError, Problem, VerifierKey};

/// The format of both.
const VERSION: u8 = 1;

/// What is wrong with a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not JSON, or a field is missing, unknown, there twice or of the wrong kind.
    #[error("it is malformed: {0}")]
    Malformed(String),
    /// A version of the format that this program does not know.
    #[error("version {0} of the format is not known")]
    Version(u8),
    /// The key in it is none.
    #[error("its verifier is {0}")]
    Verifier(#[from] MalformedKey),
    /// It is signed with a key that is not the expected one.
    #[error("the key is not the expected one but {0}")]
    AnotherKey(String),
    /// The checkpoint proves nothing, or the later one of two.
    #[error("the checkpoint is wrong: {0}")]
    Checkpoint(NoteError),
    /// The earlier one of two checkpoints proves nothing.
    #[error("the earlier checkpoint is wrong: {0}")]
    Earlier(NoteError),
    /// The checkpoints that were kept are none to compare with.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The entry is wrong.
    #[error("entry {index}: {problem}")]
    Entry {
        /// Its index, or 0 where even that cannot be read.
        index: u64,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The entry's index is not below the checkpoint's size.
    #[error("entry {index} is not among the {size} entries of the checkpoint")]
    Beyond {
        /// The entry's index.
        index: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// The hashes do not lead from the entry to the checkpoint's root.
    #[error("entry {0} is not in the tree that is signed: its path does not lead to the root")]
    Path(u64),
    /// The log of the later checkpoint is smaller.
    #[error("the log has shrunk: it had {from} entries, and {to} later")]
    Shrunk {
        /// The earlier size.
        from: u64,
        /// The later size.
        to: u64,
    },
    /// The hashes do not lead from the earlier root to the later one.
    #[error("the path does not show that the log of {to} entries began as the one of {from}")]
    Rewritten {
        /// The earlier size.
        from: u64,
        /// The later size.
        to: u64,
    },
}

impl ProofError {
    /// The index of the entry, where it is to blame.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Entry { index, .. } | Self::Beyond { index, .. } | Self::Path(index) => Some(*index),
            _ => None,
        }
    }
}

/// The key that a proof names, when no other is expected.
fn key(verifier: &str, expected: Option<&VerifierKey>) -> Result<VerifierKey, ProofError> {
    let key: VerifierKey = verifier.parse()?;
    if expected.is_some_and(|expected| *expected != key) {
        return Err(ProofError::AnotherKey(verifier.to_owned()));
    }
    Ok(key)
}

fn read<'a, P: serde::Deserialize<'a>>(text: &'a str) -> Result<P, ProofError> {
    serde_json::from_str(text).map_err(|error| ProofError::Malformed(error.to_string()))
}

fn write(proof: &impl Serialize) -> String {
    serde_json::to_string_pretty(proof).expect("strings and numbers in memory can always be written as JSON") + "\n"
}

#[cfg(test)]
mod tests;
