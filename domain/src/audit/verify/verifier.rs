//! Following a log line by line.

use super::{
    Problem, Report, VerifyError,
    kept::{self, Kept},
    manifest::{beginning, signature},
    quick::{self, Checked},
    read, undisclosed,
};
use crate::audit::{
    Entry, Frontier, Hash, VerifierKey,
    export::{DamagedLine, EntryLine, GapLine, LeafLine, Manifest, ManifestLine, VERSION},
    merkle::{leaf_hash, perfect},
};

/// A verification under way, for whoever has the lines one by one.
#[derive(Debug)]
pub struct Verifier {
    manifest: Manifest,
    /// The log as entries name it.
    log: String,
    key_expected: bool,
    kept: Kept,
    frontier: Frontier,
    entries: u64,
    withheld: u64,
    removed: u64,
    erased: u64,
}

impl Verifier {
    /// Begins with the first line and what is expected of it.
    ///
    /// # Errors
    /// When the manifest, its signature or a kept checkpoint is wrong.
    pub fn begin(
        manifest_line: &str,
        expected_key: Option<&VerifierKey>,
        kept_checkpoints: &[&str],
    ) -> Result<Self, VerifyError> {
        let ManifestLine { manifest } =
            read(manifest_line).map_err(|problem| VerifyError::Manifest(problem.to_string()))?;
        let frontier = beginning(&manifest)?;
        let key = signature(&manifest, expected_key)?;
        let mut kept = Kept::new(kept::read(kept_checkpoints, &key)?, manifest.from, manifest.size)?;
        kept.meet(&frontier)?;
        Ok(Self {
            log: manifest.log.to_string(),
            manifest,
            key_expected: expected_key.is_some(),
            kept,
            frontier,
            entries: 0,
            withheld: 0,
            removed: 0,
            erased: 0,
        })
    }

    /// Goes on with the next line, without its newline.
    ///
    /// # Errors
    /// When it is not of the next entries of the log, or the log is now seen to differ from a kept checkpoint.
    pub fn line(&mut self, line: &str) -> Result<(), VerifyError> {
        self.bytes(line.as_bytes())
    }

    /// As [`Verifier::line`], for bytes that may be no text.
    pub(in crate::audit) fn bytes(&mut self, line: &[u8]) -> Result<(), VerifyError> {
        let index = self.frontier.size();
        if index >= self.manifest.size {
            return Err(self.blame(Problem::Surplus));
        }
        if let Some(Checked { leaf, erased }) = quick::entry_line(line, &self.log, index) {
            self.entries += 1;
            self.erased += erased;
            self.frontier.append(leaf);
            return self.kept.meet(&self.frontier);
        }
        let line = str::from_utf8(line).map_err(|error| self.blame(Problem::Unreadable(error.to_string())))?;
        if line.starts_with(r#"{"hashes":"#) {
            return self.gap(line);
        }
        let leaf = self.leaf(line).map_err(|problem| self.blame(problem))?;
        self.frontier.append(leaf);
        self.kept.meet(&self.frontier)
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
            removed: self.removed,
            erased: self.erased,
            verifier,
            key_expected: self.key_expected,
            continues: self.kept.agree,
            unchecked: self.kept.unchecked,
        })
    }

    /// Checks a line that stands for one entry and returns its leaf.
    fn leaf(&mut self, line: &str) -> Result<Hash, Problem> {
        if line.starts_with(r#"{"entry":"#) {
            let line: EntryLine = read(line)?;
            self.erased += self.check(&line)?;
            self.entries += 1;
            return Ok(line.hash);
        }
        if read::<DamagedLine>(line).is_ok() {
            return Err(Problem::Damaged);
        }
        let line: LeafLine = read(line)?;
        if line.index != self.frontier.size() {
            return Err(Problem::AnotherIndex(line.index));
        }
        if line.removed {
            self.is_second_version()?;
            self.removed += 1;
        } else {
            self.is_filtered()?;
            self.withheld += 1;
        }
        Ok(line.leaf)
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
        undisclosed(&entry, &line.openings).ok_or(Problem::Opening)
    }

    /// Goes on with a line that stands for all entries of a range.
    fn gap(&mut self, line: &str) -> Result<(), VerifyError> {
        let line: GapLine = read(line).map_err(|problem| self.blame(problem))?;
        let subtrees = self.subtrees(&line).map_err(|problem| self.blame(problem))?;
        self.withheld += line.until - line.index;
        for ((height, _), hash) in subtrees.into_iter().zip(line.hashes.iter()) {
            if !self.frontier.append_subtree(height, *hash) {
                return Err(self.blame(Problem::Gap(line.until)));
            }
            self.kept.meet(&self.frontier)?;
        }
        Ok(())
    }

    /// The subtrees that a gap has to have the hashes of.
    fn subtrees(&self, line: &GapLine) -> Result<Vec<(u8, u64)>, Problem> {
        self.is_second_version()?;
        if line.index != self.frontier.size() {
            return Err(Problem::AnotherIndex(line.index));
        }
        self.is_filtered()?;
        if line.until <= line.index || line.until > self.manifest.size {
            return Err(Problem::Gap(line.until));
        }
        let subtrees = perfect(line.index..line.until);
        let (found, needed) = (line.hashes.len(), subtrees.len());
        if found == needed { Ok(subtrees) } else { Err(Problem::GapHashes { found, needed }) }
    }

    fn is_filtered(&self) -> Result<(), Problem> {
        if self.manifest.filter.is_some() { Ok(()) } else { Err(Problem::LeftOut) }
    }

    fn is_second_version(&self) -> Result<(), Problem> {
        if self.manifest.v == VERSION { Ok(()) } else { Err(Problem::NotInVersion) }
    }

    pub(super) fn blame(&self, problem: Problem) -> VerifyError {
        VerifyError::Entry { index: self.frontier.size(), problem }
    }
}
