//! The proof that a log has only grown.

use serde::{Deserialize, Serialize};

use super::{ProofError, VERSION, key, read, write};
use crate::audit::{Checkpoint, Hash, LogId, NoteError, VerifierKey, merkle::verify_consistency};

/// Two checkpoints of a log, and what shows that the later state began as the earlier one.
///
/// As JSON, in any layout:
///
/// ```text
/// {"v":1,"from":"<note>","to":"<note>","verifier":"<key>","path":["<hash>",…]}
/// ```
///
/// The path is made of the hashes of the subtrees that [`consistency`](crate::audit::merkle::consistency) names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    v: u8,
    from: String,
    to: String,
    verifier: String,
    path: Vec<Hash>,
}

/// What a proof of consistency proved to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsistencyReport {
    /// The log.
    pub log: LogId,
    /// The size of the log at the earlier checkpoint.
    pub from: u64,
    /// The root of its tree then.
    pub from_root: Hash,
    /// The size of the log at the later checkpoint.
    pub to: u64,
    /// The root of its tree then.
    pub to_root: Hash,
    /// The key that has signed both.
    pub verifier: String,
    /// Whether that is the key that was expected. If none was, whoever made the proof chose it.
    pub key_expected: bool,
    /// The sizes of the two at which there is a kept checkpoint that says the same.
    pub continues: Vec<u64>,
    /// The sizes of kept checkpoints that it cannot be compared with.
    pub unchecked: Vec<u64>,
}

impl ConsistencyProof {
    /// The proof, from two signed notes, the earlier one first, and the path from one root to the other.
    pub fn new(from: impl Into<String>, to: impl Into<String>, verifier: &VerifierKey, path: Vec<Hash>) -> Self {
        Self { v: VERSION, from: from.into(), to: to.into(), verifier: verifier.to_string(), path }
    }

    /// The file.
    pub fn to_json(&self) -> String {
        write(self)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let proof: Self = read(text)?;
        if proof.v == VERSION { Ok(proof) } else { Err(ProofError::Version(proof.v)) }
    }

    /// Verifies it, and with the expected key also who signed.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn verify(&self, expected_key: Option<&VerifierKey>) -> Result<ConsistencyReport, ProofError> {
        let key = key(&self.verifier, expected_key)?;
        let from = Checkpoint::verify(&self.from, &key).map_err(ProofError::Earlier)?;
        let to = Checkpoint::verify(&self.to, &key).map_err(ProofError::Checkpoint)?;
        let log = LogId::from_origin(&to.origin).ok_or(ProofError::Checkpoint(NoteError::AnotherLog))?;
        let sizes = (from.size, to.size);
        if from.size > to.size {
            return Err(ProofError::Shrunk { from: sizes.0, to: sizes.1 });
        }
        if !verify_consistency(from.size, from.root, to.size, to.root, &self.path) {
            return Err(ProofError::Rewritten { from: sizes.0, to: sizes.1 });
        }
        Ok(ConsistencyReport {
            log,
            from: from.size,
            from_root: from.root,
            to: to.size,
            to_root: to.root,
            verifier: self.verifier.clone(),
            key_expected: expected_key.is_some(),
            continues: Vec::new(),
            unchecked: Vec::new(),
        })
    }
}
