//! The lines of an export (NDJSON): a manifest, then the entries of the range, in their order.
//!
//! ```text
//! {"manifest":{"at":…,"checkpoint":…,"filter":…,"from":0,"log":…,"peaks":[],"root":…,"size":1003,"v":2,"verifier":…}}
//! {"entry":<canonical entry>,"hash":"<its leaf hash>","openings":[{"salt":…,"value":…}]}
//! {"hashes":["<hash>",…],"index":1,"until":1000}
//! {"entry":<canonical entry>,"hash":"<its leaf hash>","openings":[]}
//! {"index":1001,"leaf":"<leaf hash of an entry that retention has taken away>","removed":true}
//! {"entry":<canonical entry>,"hash":"<its leaf hash>","openings":[],"unreadable":true}
//! {"index":1003,"unreadable":true}
//! ```
//!
//! A range goes from the manifest's first index to the end of the log. Each entry's hash is beside it, so that an entry
//! that was changed is found at its index; that no hash was changed is what the root says. What a filter leaves out is a
//! gap: the roots of the largest complete subtrees that its entries are, from left to right. All lines are canonical like
//! the entries in them: [`verify_export`](super::verify_export) refuses any other way to write them.
//!
//! Version 1 had no gaps and no removed entries: each entry that a filter left out had a line of its own,
//! `{"index":1,"leaf":"<its leaf hash>"}`. It is still read, and so is such a line in version 2.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::{Checkpoint, Frontier, Hash, LogId, Opening, Signer, instant};
use crate::codes::codes;

codes! {
    /// How a file is written.
    Format {
        /// Lines that anybody can verify.
        Ndjson = "ndjson" => "NDJSON",
        /// A table for people and their spreadsheets. It proves nothing.
        Csv = "csv" => "CSV",
    }
}

/// The format of the lines.
pub(super) const VERSION: u8 = 2;
/// The format before there were gaps and removed entries.
pub(super) const FIRST_VERSION: u8 = 1;

/// What an export is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// When it was made.
    #[serde(with = "instant")]
    pub at: OffsetDateTime,
    /// The log's state at that time, as a signed note.
    pub checkpoint: String,
    /// What was asked for, when that was not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The index of the first line after this one.
    pub from: u64,
    /// The log.
    pub log: LogId,
    /// The peaks of the [`Frontier`] before the first line, from which the root can be computed without what is before.
    pub peaks: Vec<Hash>,
    /// The root of the log's tree.
    pub root: Hash,
    /// The number of entries in the log, and the index after the last line.
    pub size: u64,
    /// The version of the format.
    pub(super) v: u8,
    /// The key that has signed the checkpoint: to be compared with one that came another way.
    pub verifier: String,
}

impl Manifest {
    /// The manifest for the lines between two states of a log: what was there before the first line, an empty
    /// frontier for everything, and what is there after the last.
    pub fn new(log: LogId, before: &Frontier, after: &Frontier, at: OffsetDateTime, signer: &Signer) -> Self {
        Self {
            at: instant::truncate(at),
            checkpoint: Checkpoint::of(log, after).sign(signer),
            filter: None,
            from: before.size(),
            log,
            peaks: before.peaks().to_vec(),
            root: after.root(),
            size: after.size(),
            v: VERSION,
            verifier: signer.verifier().to_string(),
        }
    }

    /// The same, for an export that leaves out what does not match.
    #[must_use]
    pub fn filtered(self, filter: impl Into<String>) -> Self {
        Self { filter: Some(filter.into()), ..self }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ManifestLine {
    pub manifest: Manifest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine<'a> {
    /// As it was hashed, byte by byte.
    #[serde(borrow)]
    pub entry: &'a RawValue,
    pub hash: Hash,
    pub openings: Vec<Opening>,
    /// Whether openings are missing because what is stored in their place does not open, and not because they were
    /// erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeafLine {
    pub index: u64,
    pub leaf: Hash,
    /// Whether it is not the filter that leaves the entry out, but retention that has taken it away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

/// In place of all entries between two, which the filter leaves out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GapLine<'a> {
    pub hashes: Cow<'a, [Hash]>,
    pub index: u64,
    pub until: u64,
}

/// In place of an entry of which nothing can be read any more.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DamagedLine {
    pub index: u64,
    pub unreadable: bool,
}

/// The first line of an export, without a newline.
pub fn manifest_line(manifest: Manifest) -> String {
    write(&ManifestLine { manifest })
}

/// The line of an entry, from its canonical text, the hash that was stored with it and the openings that were not
/// erased, without a newline.
///
/// # Errors
/// When the text is not JSON. What else may be wrong with it, the reader of the export shall find.
pub fn entry_line(canonical: &str, hash: Hash, openings: Vec<Opening>) -> Result<String, serde_json::Error> {
    let entry = serde_json::from_str(canonical)?;
    Ok(write(&EntryLine { entry, hash, openings, unreadable: false }))
}

/// As [`entry_line`], for an entry whose sealed openings are damaged. That it is, is for everybody to see.
///
/// # Errors
/// As [`entry_line`].
pub fn unreadable_line(canonical: &str, hash: Hash) -> Result<String, serde_json::Error> {
    let entry = serde_json::from_str(canonical)?;
    Ok(write(&EntryLine { entry, hash, openings: Vec::new(), unreadable: true }))
}

/// The line of an entry that the filter leaves out, without a newline.
pub fn leaf_line(index: u64, leaf: Hash) -> String {
    write(&LeafLine { index, leaf, removed: false })
}

/// The line of the entries that the filter leaves out, from an index until another, without a newline.
///
/// The hashes are those of the complete subtrees that [`perfect`](super::merkle::perfect) names. At the size of a
/// checkpoint that somebody may have kept, a gap is better divided into two lines: it can be compared there, then.
pub fn gap_line(from: u64, until: u64, hashes: &[Hash]) -> String {
    write(&GapLine { hashes: hashes.into(), index: from, until })
}

/// The line of an entry that retention has taken away, without a newline.
pub fn removed_line(index: u64, leaf: Hash) -> String {
    write(&LeafLine { index, leaf, removed: true })
}

/// The line of an entry that is damaged so that not even its text can be written, without a newline.
pub fn damaged_line(index: u64) -> String {
    write(&DamagedLine { index, unreadable: true })
}

/// The line in the only way it may be written.
fn write(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("strings and numbers in memory can always be written as JSON")
}
