//! Why a file proves nothing, or what is wrong with its proof.

use crate::audit::{ProofError, VerifyError};

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// The table that is meant to be read.
    #[error("it is an export as CSV, which is for reading and proves nothing: take the one as NDJSON")]
    Csv,
    /// The right file, changed by a program that took it for a text of its own kind.
    #[error(
        "a program has converted it since it was made, so that its lines end in another way or it begins with a byte \
         order mark: take it as it was downloaded"
    )]
    Converted,
    /// Bytes that are no UTF-8.
    #[error("it is not a text: neither an export as NDJSON nor a proof")]
    NotText,
    /// A checkpoint by itself.
    #[error("it is a checkpoint: what it proves is that an export or a proof continues it, and that is what to verify")]
    Checkpoint,
    /// A key.
    #[error("it is a key: take it as the key that is expected, and verify an export or a proof")]
    Key,
    /// An export that begins with an entry.
    #[error("its first line is missing, which says what the entries are and who has signed them")]
    Headless,
    /// Anything else.
    #[error("it is neither an export as NDJSON nor a proof")]
    Unknown,
    /// A line that is longer than any of an export.
    #[error("line {0} is longer than any line of an export")]
    TooLong(u64),
    /// An export that does not verify.
    #[error("{error}")]
    Export {
        /// The line that is to blame, counted from one, where one is.
        line: Option<u64>,
        /// What is wrong.
        error: VerifyError,
    },
    /// A proof that does not verify.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl FileError {
    /// An error at this line of an export.
    pub(super) fn of_export(line: u64, error: VerifyError) -> Self {
        let is_its = matches!(error, VerifyError::Entry { .. } | VerifyError::Manifest(_));
        Self::Export { line: is_its.then_some(line), error }
    }

    /// The index of the first bad entry, where one entry is to blame.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Export { error, .. } => error.index(),
            Self::Proof(error) => error.index(),
            _ => None,
        }
    }

    /// The line that is to blame, counted from one, where one is.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::TooLong(line) => Some(*line),
            Self::Export { line, .. } => *line,
            _ => None,
        }
    }

    /// What it is that does not verify: an export, a proof, or a file of which that is as much as can be said.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Export { .. } | Self::TooLong(_) | Self::Headless => "export",
            Self::Proof(_) => "proof",
            _ => "file",
        }
    }
}
