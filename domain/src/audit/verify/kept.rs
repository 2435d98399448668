//! Checkpoints that somebody has kept where whoever runs the portal cannot write.

use super::{KeptError, VerifyError};
use crate::audit::{Checkpoint, Frontier, Hash, VerifierKey};

/// Reads kept checkpoints, the one of the fewest entries first.
///
/// # Errors
/// When one is none of the key's log, or two of them contradict each other.
pub(in crate::audit) fn read(notes: &[&str], key: &VerifierKey) -> Result<Vec<Checkpoint>, KeptError> {
    let mut kept = Vec::new();
    for (number, note) in (1..).zip(notes) {
        kept.push(Checkpoint::verify(note, key).map_err(|error| KeptError::Wrong { number, error })?);
    }
    kept.sort_by_key(|checkpoint| checkpoint.size);
    kept.dedup();
    match kept.windows(2).find(|pair| pair[0].size == pair[1].size) {
        Some(pair) => Err(KeptError::Forked(pair[0].size)),
        None => Ok(kept),
    }
}

/// Compares kept checkpoints with a few sizes whose roots are known: the sizes at which there are both, and those of which
/// nothing can be said.
///
/// # Errors
/// When two contradict each other.
pub(in crate::audit) fn compare(kept: &[Checkpoint], known: &[(u64, Hash)]) -> Result<(Vec<u64>, Vec<u64>), KeptError> {
    let (mut agree, mut unchecked) = (Vec::new(), Vec::new());
    for checkpoint in kept {
        match known.iter().find(|(size, _)| *size == checkpoint.size) {
            None => unchecked.push(checkpoint.size),
            Some((_, root)) if *root == checkpoint.root => agree.push(checkpoint.size),
            Some(_) => return Err(KeptError::Forked(checkpoint.size)),
        }
    }
    Ok((agree, unchecked))
}

/// Kept checkpoints that a growing tree is compared with.
#[derive(Debug)]
pub(super) struct Kept {
    /// Those to come, the next one last.
    ahead: Vec<Checkpoint>,
    /// The sizes at which the tree was what they say.
    pub agree: Vec<u64>,
    /// The sizes at which it could not be seen.
    pub unchecked: Vec<u64>,
}

impl Kept {
    /// Those to compare with a tree that is seen from one size to another.
    ///
    /// # Errors
    /// When the tree was larger once, or is seen at none of their sizes.
    pub fn new(mut ahead: Vec<Checkpoint>, from: u64, to: u64) -> Result<Self, VerifyError> {
        match ahead.last() {
            Some(last) if last.size > to => return Err(VerifyError::Shrunk(last.size)),
            Some(last) if last.size < from => return Err(VerifyError::BeginsAfter(last.size)),
            _ => ahead.reverse(),
        }
        Ok(Self { ahead, agree: Vec::new(), unchecked: Vec::new() })
    }

    /// When the tree is as large as it was at the next one, it has to have the same root.
    ///
    /// # Errors
    /// When it has not.
    pub fn meet(&mut self, tree: &Frontier) -> Result<(), VerifyError> {
        while let Some(next) = self.ahead.pop_if(|next| next.size <= tree.size()) {
            if next.size < tree.size() {
                self.unchecked.push(next.size);
            } else if next.root == tree.root() {
                self.agree.push(next.size);
            } else {
                let intact = self.agree.last().copied().unwrap_or(0);
                return Err(VerifyError::Rewritten { intact, broken: next.size });
            }
        }
        Ok(())
    }
}
