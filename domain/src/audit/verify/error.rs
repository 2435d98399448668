//! What verifying may find.

use crate::audit::{LogId, NoteError, ParseError};

/// What is wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The first line is no manifest.
    #[error("the manifest is wrong: {0}")]
    Manifest(String),
    /// It is signed with a key that is not the expected one.
    #[error("the key is not the expected one but {0}")]
    AnotherKey(String),
    /// The checkpoint proves nothing.
    #[error("the checkpoint is wrong: {0}")]
    Checkpoint(NoteError),
    /// The checkpoint is good, but states another log, size or root than the manifest.
    #[error("the checkpoint is not that of the manifest")]
    AnotherCheckpoint,
    /// The checkpoints that were kept are none to compare with.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The log was larger once.
    #[error("the log has fewer entries than the {0} of a kept checkpoint: it was cut, or is an older state of itself")]
    Shrunk(u64),
    /// The range begins too late to see the log as it was at any kept checkpoint.
    #[error("the export begins after the first {0} entries, which the kept checkpoint is about")]
    BeginsAfter(u64),
    /// The log had another beginning once.
    #[error("{}", rewritten(*.intact, *.broken))]
    Rewritten {
        /// The size of the last kept checkpoint that still agrees; 0 if there is none.
        intact: u64,
        /// The size of the first one that does not: what was changed lies between the two.
        broken: u64,
    },
    /// An entry is wrong: the first one that is.
    #[error("entry {index}: {problem}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong with it.
        problem: Problem,
    },
    /// Each line is good by itself, but they are not the log's: a hash was changed together with what it is of.
    #[error("the entries do not have the root that is signed")]
    Root,
}

/// What is wrong with checkpoints that were kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    /// One is none of this log and key.
    #[error("kept checkpoint {number} is wrong: {error}")]
    Wrong {
        /// Which of them, counted from one.
        number: usize,
        /// Why.
        error: NoteError,
    },
    /// The key has signed two states of the log that cannot both have been.
    #[error("the log was forked: two checkpoints of {0} entries, both signed, have different roots")]
    Forked(u64),
}

/// What is wrong with an entry of an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The line cannot be read.
    #[error("its line cannot be read: {0}")]
    Unreadable(String),
    /// The line is not one of an export.
    #[error("its line is malformed: {0}")]
    Malformed(String),
    /// The line says the right thing in another way than the only one.
    #[error("its line is not in canonical form")]
    NotCanonical,
    /// The entry is not canonical.
    #[error("{0}")]
    Parse(#[from] ParseError),
    /// The entry is another one.
    #[error("in its place is entry {0}")]
    AnotherIndex(u64),
    /// The entry is of another log.
    #[error("it belongs to the log {0}")]
    AnotherLog(LogId),
    /// The entry is not the one that was hashed.
    #[error("it does not have the hash beside it")]
    Hash,
    /// A disclosed value is not the one that was committed to.
    #[error("a personal value disclosed with it is not one of its own")]
    Opening,
    /// The export says that the values stored with it were damaged by then.
    #[error("its personal values were unreadable when the export was made: what is stored does not match the entry")]
    Sealed,
    /// The export says that what is stored in its place is no entry.
    #[error("it was damaged when the export was made: what is stored in its place is no entry")]
    Damaged,
    /// The export leaves it out although it says to be of everything.
    #[error("it is left out of an export that is said to be of everything")]
    LeftOut,
    /// A line stands for entries from this one on, but they are none, or more than the log has.
    #[error("the entries from it until {0} are left out, and there is no such range")]
    Gap(u64),
    /// A line stands for entries from this one on by other hashes than those of the range.
    #[error("the entries from it on are left out by {found} hashes instead of {needed}")]
    GapHashes {
        /// How many hashes there are.
        found: usize,
        /// How many complete subtrees the range consists of.
        needed: usize,
    },
    /// The line is of a kind that the export's version does not have.
    #[error("its line is none of version 1, which the export is said to be")]
    NotInVersion,
    /// The export ends before it.
    #[error("it is missing")]
    Missing,
    /// The export goes on after its last one.
    #[error("it is more than the log has")]
    Surplus,
}

impl VerifyError {
    /// The index of the first bad entry, where one entry is to blame.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Entry { index, .. } => Some(*index),
            _ => None,
        }
    }
}

fn rewritten(intact: u64, broken: u64) -> String {
    let broken = format!("the first {broken} entries are not those of a kept checkpoint");
    if intact == 0 { broken } else { format!("{broken}, while the first {intact} are those of another") }
}
