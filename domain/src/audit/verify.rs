//! Verifying an export, line by line.

mod error;
pub(super) mod kept;
mod lines;
mod manifest;
mod quick;
mod verifier;

use std::io::{BufRead, ErrorKind};

use serde::{Deserialize, Serialize};

use super::{Commitment, Entry, Hash, LogId, Opening, VerifierKey};

pub use error::{KeptError, Problem, VerifyError};
pub(super) use lines::Lines;
pub use verifier::Verifier;

/// What an export proved to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log.
    pub log: LogId,
    /// What was asked for, when that was not everything.
    pub filter: Option<String>,
    /// The index of the first line.
    pub from: u64,
    /// The size of the log, and the index after the last line.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
    /// Entries that are there in clear.
    pub entries: u64,
    /// Entries that a filter has left out: only hashes of them are there.
    pub withheld: u64,
    /// Entries that retention has taken away: only their hashes are there.
    pub removed: u64,
    /// Personal values in the entries whose openings were erased.
    pub erased: u64,
    /// The key that has signed the checkpoint.
    pub verifier: String,
    /// Whether that is the key that was expected. If none was, whoever made the export chose it.
    pub key_expected: bool,
    /// The sizes at which the log was what a kept checkpoint says.
    pub continues: Vec<u64>,
    /// The sizes of kept checkpoints with which nothing could be compared: the export begins after them, or leaves out
    /// what is on either side.
    pub unchecked: Vec<u64>,
}

/// Verifies an export as it is read.
///
/// With the expected key it proves who signed; with checkpoints that were kept from earlier, that nothing before them
/// was changed since.
///
/// # Errors
/// With the first thing that is wrong.
pub fn verify_export(
    mut export: impl BufRead,
    expected_key: Option<&VerifierKey>,
    kept_checkpoints: &[&str],
) -> Result<Report, VerifyError> {
    let mut verifier: Option<Verifier> = None;
    let mut take = |line: &[u8]| {
        if let Some(verifier) = &mut verifier {
            return verifier.bytes(line);
        }
        let line = str::from_utf8(line).map_err(|error| VerifyError::Manifest(error.to_string()))?;
        verifier = Some(Verifier::begin(line, expected_key, kept_checkpoints)?);
        Ok(())
    };
    let mut lines = Lines::default();
    let broken = loop {
        let slice = match export.fill_buf() {
            Ok([]) => break None,
            Ok(slice) => slice,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Some(error.to_string()),
        };
        lines.push(slice, &mut take)?;
        let length = slice.len();
        export.consume(length);
    };
    if broken.is_none() {
        lines.finish(&mut take)?;
    }
    match (verifier, broken) {
        (Some(verifier), None) => verifier.finish(),
        (Some(verifier), Some(error)) => Err(verifier.blame(Problem::Unreadable(error))),
        (None, broken) => Err(VerifyError::Manifest(broken.unwrap_or_else(|| "there is none".into()))),
    }
}

/// How many of an entry's personal values are not disclosed; `None` when one is disclosed that is not its own.
pub(super) fn undisclosed(entry: &Entry, openings: &[Opening]) -> Option<u64> {
    let mut sealed: Vec<Commitment> = entry.commitments().collect();
    for opening in openings.iter().map(Opening::commitment) {
        let place = sealed.iter().position(|commitment| *commitment == opening)?;
        sealed.swap_remove(place);
    }
    Some(sealed.len() as u64)
}

/// Reads a line that is written in the only way it may be.
fn read<'a, L: Serialize + Deserialize<'a>>(text: &'a str) -> Result<L, Problem> {
    let malformed = |error: serde_json::Error| Problem::Malformed(error.to_string());
    let line = serde_json::from_str(text).map_err(malformed)?;
    if serde_json::to_string(&line).map_err(malformed)? == text { Ok(line) } else { Err(Problem::NotCanonical) }
}

#[cfg(test)]
mod tests;
