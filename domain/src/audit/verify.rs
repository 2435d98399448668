//! Verifying an export, line by line.

mod error;

use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::{
    Checkpoint, Commitment, Entry, Frontier, Hash, LogId, Opening, VerifierKey,
    entry::NUMBERS_END,
    export::{DamagedLine, EntryLine, LeafLine, Manifest, ManifestLine, VERSION},
    merkle::leaf_hash,
};

pub use error::{Problem, VerifyError};

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
    /// Entries of which only the hash is there.
    pub withheld: u64,
    /// Personal values in the entries whose openings were erased.
    pub erased: u64,
    /// The key that has signed the checkpoint.
    pub verifier: String,
    /// Whether that is the key that was expected. If none was, whoever made the export chose it.
    pub key_expected: bool,
    /// The size at which the log was what the expected checkpoint says.
    pub earlier_size: Option<u64>,
}

/// Verifies an export as it is read.
///
/// With the expected key it proves who signed; with a checkpoint that was kept from earlier, that nothing before it
/// was changed since.
///
/// # Errors
/// With the first thing that is wrong.
pub fn verify_export(
    export: impl BufRead,
    expected_key: Option<&VerifierKey>,
    expected_checkpoint: Option<&str>,
) -> Result<Report, VerifyError> {
    let mut lines = export.lines();
    let manifest = match lines.next() {
        None => return Err(VerifyError::Manifest("there is none".into())),
        Some(line) => line.map_err(|error| VerifyError::Manifest(error.to_string()))?,
    };
    let mut verifier = Verifier::begin(&manifest, expected_key, expected_checkpoint)?;
    for line in lines {
        let line = line.map_err(|error| verifier.blame(Problem::Unreadable(error.to_string())))?;
        verifier.line(&line)?;
    }
    verifier.finish()
}

/// A verification under way, for whoever has the lines one by one.
#[derive(Debug)]
pub struct Verifier {
    manifest: Manifest,
    key_expected: bool,
    earlier: Option<Checkpoint>,
    frontier: Frontier,
    entries: u64,
    withheld: u64,
    erased: u64,
}

impl Verifier {
    /// Begins with the first line and what is expected of it.
    ///
    /// # Errors
    /// When the manifest, its signature or the expected checkpoint is wrong.
    pub fn begin(
        manifest_line: &str,
        expected_key: Option<&VerifierKey>,
        expected_checkpoint: Option<&str>,
    ) -> Result<Self, VerifyError> {
        let ManifestLine { manifest } =
            read(manifest_line).map_err(|problem| VerifyError::Manifest(problem.to_string()))?;
        let frontier = beginning(&manifest)?;
        let key = signature(&manifest, expected_key)?;
        let earlier = expected_checkpoint.map(|note| earlier(note, &key, &manifest)).transpose()?;
        let verifier = Self {
            manifest,
            key_expected: expected_key.is_some(),
            earlier,
            frontier,
            entries: 0,
            withheld: 0,
            erased: 0,
        };
        verifier.compare_with_earlier()?;
        Ok(verifier)
    }

    /// Goes on with the next line, without its newline.
    ///
    /// # Errors
    /// When it is not the next entry of the log, or the log is now seen to differ from the expected checkpoint.
    pub fn line(&mut self, line: &str) -> Result<(), VerifyError> {
        let leaf = self.leaf(line).map_err(|problem| self.blame(problem))?;
        self.frontier.append(leaf);
        self.compare_with_earlier()
    }

    /// Ends after the last line.
    ///
    /// # Errors
    /// When entries are missing, or all together are not what was signed.
    pub fn finish(self) -> Result<Report, VerifyError> {
        if self.frontier.size() < self.manifest.size {
            return Err(self.blame(Problem::Missing));
        }
        if self.frontier.root() != self.manifest.root {
            return Err(VerifyError::Root);
        }
        let Manifest { log, filter, from, size, root, verifier, .. } = self.manifest;
        Ok(Report {
            log,
            filter,
            from,
            size,
            root,
            entries: self.entries,
            withheld: self.withheld,
            erased: self.erased,
            verifier,
            key_expected: self.key_expected,
            earlier_size: self.earlier.map(|earlier| earlier.size),
        })
    }

    /// Checks a line by itself and returns its leaf.
    fn leaf(&mut self, line: &str) -> Result<Hash, Problem> {
        let index = self.frontier.size();
        if index >= self.manifest.size {
            return Err(Problem::Surplus);
        }
        if line.starts_with(r#"{"entry":"#) {
            let line: EntryLine = read(line)?;
            self.erased += self.check(&line)?;
            self.entries += 1;
            Ok(line.hash)
        } else {
            if read::<DamagedLine>(line).is_ok() {
                return Err(Problem::Damaged);
            }
            let line: LeafLine = read(line)?;
            if line.index != index {
                return Err(Problem::AnotherIndex(line.index));
            }
            if self.manifest.filter.is_none() {
                return Err(Problem::LeftOut);
            }
            self.withheld += 1;
            Ok(line.leaf)
        }
    }

    /// Checks an entry that is there in clear and returns how many of its personal values were erased.
    fn check(&self, line: &EntryLine) -> Result<u64, Problem> {
        let bytes = line.entry.get().as_bytes();
        let entry = Entry::parse(bytes)?;
        if leaf_hash(bytes) != line.hash {
            return Err(Problem::Hash);
        }
        if entry.log != self.manifest.log {
            return Err(Problem::AnotherLog(entry.log));
        }
        if entry.index != self.frontier.size() {
            return Err(Problem::AnotherIndex(entry.index));
        }
        if line.unreadable {
            return Err(Problem::Sealed);
        }
        let mut sealed: Vec<Commitment> = entry.commitments().collect();
        for opening in line.openings.iter().map(Opening::commitment) {
            let place = sealed.iter().position(|commitment| *commitment == opening);
            sealed.swap_remove(place.ok_or(Problem::Opening)?);
        }
        Ok(sealed.len() as u64)
    }

    /// When the log is as long as it was at the expected checkpoint, it has to have the same root.
    fn compare_with_earlier(&self) -> Result<(), VerifyError> {
        match &self.earlier {
            Some(Checkpoint { size, root, .. }) if *size == self.frontier.size() && *root != self.frontier.root() => {
                Err(VerifyError::Rewritten(*size))
            }
            _ => Ok(()),
        }
    }

    fn blame(&self, problem: Problem) -> VerifyError {
        VerifyError::Entry { index: self.frontier.size(), problem }
    }
}

/// The frontier before the first line.
fn beginning(manifest: &Manifest) -> Result<Frontier, VerifyError> {
    let wrong = |what: &str| VerifyError::Manifest(what.into());
    if manifest.v != VERSION {
        return Err(wrong("its version is not known"));
    }
    if manifest.from > manifest.size || manifest.size >= NUMBERS_END {
        return Err(wrong("there is no such range"));
    }
    Frontier::new(manifest.from, manifest.peaks.clone()).ok_or_else(|| wrong("its peaks do not belong to its range"))
}

/// The key that has signed the manifest's checkpoint.
fn signature(manifest: &Manifest, expected: Option<&VerifierKey>) -> Result<VerifierKey, VerifyError> {
    let key: VerifierKey =
        manifest.verifier.parse().map_err(|error| VerifyError::Manifest(format!("its verifier is {error}")))?;
    if expected.is_some_and(|expected| *expected != key) {
        return Err(VerifyError::AnotherKey(manifest.verifier.clone()));
    }
    let signed = Checkpoint::verify(&manifest.checkpoint, &key).map_err(VerifyError::Checkpoint)?;
    let stated = Checkpoint { origin: manifest.log.origin(), size: manifest.size, root: manifest.root };
    if signed == stated { Ok(key) } else { Err(VerifyError::AnotherCheckpoint) }
}

/// The expected checkpoint, when it can be compared with this export.
fn earlier(note: &str, key: &VerifierKey, manifest: &Manifest) -> Result<Checkpoint, VerifyError> {
    let earlier = Checkpoint::verify(note, key).map_err(VerifyError::Earlier)?;
    if earlier.size > manifest.size {
        return Err(VerifyError::Shrunk(earlier.size));
    }
    if earlier.size < manifest.from {
        return Err(VerifyError::BeginsAfter(earlier.size));
    }
    Ok(earlier)
}

/// Reads a line that is written in the only way it may be.
fn read<'a, L: Serialize + Deserialize<'a>>(text: &'a str) -> Result<L, Problem> {
    let malformed = |error: serde_json::Error| Problem::Malformed(error.to_string());
    let line = serde_json::from_str(text).map_err(malformed)?;
    if serde_json::to_string(&line).map_err(malformed)? == text { Ok(line) } else { Err(Problem::NotCanonical) }
}

#[cfg(test)]
mod tests;
