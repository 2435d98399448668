//! The proof of one entry.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ProofError, VERSION, key, read, write};
use crate::audit::{
    Checkpoint, Entry, Hash, LogId, Opening, Problem, VerifierKey,
    merkle::{leaf_hash, verify_inclusion},
    verify::undisclosed,
};

/// One entry, and what shows that a signed checkpoint is of a log that has it.
///
/// As JSON, in any layout but for the entry itself, which is written as it was hashed:
///
/// ```text
/// {"v":1,"checkpoint":"<note>","verifier":"<key>","entry":<canonical entry>,"openings":[…],"path":["<hash>",…]}
/// ```
///
/// The path is made of the hashes of the subtrees that [`inclusion`](crate::audit::merkle::inclusion) names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryProof {
    v: u8,
    checkpoint: String,
    verifier: String,
    entry: Box<RawValue>,
    openings: Vec<Opening>,
    path: Vec<Hash>,
}

/// What the proof of an entry proved to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntryReport {
    /// The log.
    pub log: LogId,
    /// The entry's index in it.
    pub index: u64,
    /// The size of the log at the checkpoint.
    pub size: u64,
    /// The root of its tree then.
    pub root: Hash,
    /// The entry.
    pub entry: Entry,
    /// The personal values that are disclosed with it.
    pub openings: Vec<Opening>,
    /// Personal values in it whose openings were erased.
    pub erased: u64,
    /// The key that has signed the checkpoint.
    pub verifier: String,
    /// Whether that is the key that was expected. If none was, whoever made the proof chose it.
    pub key_expected: bool,
    /// The checkpoint's size, when there is a kept one that says the same.
    pub continues: Vec<u64>,
    /// The sizes of kept checkpoints that it cannot be compared with.
    pub unchecked: Vec<u64>,
}

impl EntryProof {
    /// The proof of an entry, from its canonical text, the openings that were not erased, a checkpoint that covers it,
    /// and the path to that one's root.
    ///
    /// # Errors
    /// When the text is not JSON. What else may be wrong with it, the reader of the proof shall find.
    pub fn new(
        canonical: &str,
        openings: Vec<Opening>,
        checkpoint: impl Into<String>,
        verifier: &VerifierKey,
        path: Vec<Hash>,
    ) -> Result<Self, serde_json::Error> {
        let entry = RawValue::from_string(canonical.to_owned())?;
        Ok(Self { v: VERSION, checkpoint: checkpoint.into(), verifier: verifier.to_string(), entry, openings, path })
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
    pub fn verify(&self, expected_key: Option<&VerifierKey>) -> Result<EntryReport, ProofError> {
        let key = key(&self.verifier, expected_key)?;
        let Checkpoint { origin, size, root } =
            Checkpoint::verify(&self.checkpoint, &key).map_err(ProofError::Checkpoint)?;
        let bytes = self.entry.get().as_bytes();
        let entry = Entry::parse(bytes).map_err(|error| ProofError::Entry { index: 0, problem: error.into() })?;
        let index = entry.index;
        let blame = |problem| ProofError::Entry { index, problem };
        if entry.log.origin() != origin {
            return Err(blame(Problem::AnotherLog(entry.log)));
        }
        let erased = undisclosed(&entry, &self.openings).ok_or_else(|| blame(Problem::Opening))?;
        if index >= size {
            return Err(ProofError::Beyond { index, size });
        }
        if !verify_inclusion(leaf_hash(bytes), index, size, &self.path, root) {
            return Err(ProofError::Path(index));
        }
        Ok(EntryReport {
            log: entry.log,
            index,
            size,
            root,
            entry,
            openings: self.openings.clone(),
            erased,
            verifier: self.verifier.clone(),
            key_expected: expected_key.is_some(),
            continues: Vec::new(),
            unchecked: Vec::new(),
        })
    }
}
