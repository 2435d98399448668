//! What a file proved to be.

use serde::Serialize;

use crate::audit::{ConsistencyReport, EntryReport, Report};

/// What a file proved to be, with all that there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(clippy::large_enum_variant, reason = "there is one of them for a whole file")]
pub enum Verdict {
    /// An export.
    Export(Report),
    /// The proof of an entry.
    Entry(EntryReport),
    /// A proof that a log has only grown.
    Consistency(ConsistencyReport),
}

impl Verdict {
    /// Personal values whose openings were erased.
    pub fn erased(&self) -> u64 {
        match self {
            Self::Export(report) => report.erased,
            Self::Entry(report) => report.erased,
            Self::Consistency(_) => 0,
        }
    }

    /// The key that has signed.
    pub fn verifier(&self) -> &str {
        match self {
            Self::Export(report) => &report.verifier,
            Self::Entry(report) => &report.verifier,
            Self::Consistency(report) => &report.verifier,
        }
    }

    /// Whether that is the key that was expected.
    pub fn key_expected(&self) -> bool {
        match self {
            Self::Export(report) => report.key_expected,
            Self::Entry(report) => report.key_expected,
            Self::Consistency(report) => report.key_expected,
        }
    }

    /// The sizes of kept checkpoints that it agrees with.
    pub fn continues(&self) -> &[u64] {
        match self {
            Self::Export(report) => &report.continues,
            Self::Entry(report) => &report.continues,
            Self::Consistency(report) => &report.continues,
        }
    }

    /// The sizes of kept checkpoints that could not be compared with it.
    pub fn unchecked(&self) -> &[u64] {
        match self {
            Self::Export(report) => &report.unchecked,
            Self::Entry(report) => &report.unchecked,
            Self::Consistency(report) => &report.unchecked,
        }
    }
}
