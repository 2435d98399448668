//! The Merkle tree of [RFC 6962], section 2.1: hashing, appending and proofs.
//!
//! Whoever has the hashes of complete subtrees at hand makes proofs without the leaves: [`inclusion`] and
//! [`consistency`] tell which subtrees a proof is made of, [`perfect`] which complete ones each of these consists of, and
//! [`fold`] makes one hash of theirs.
//!
//! Of the crates that do this, `ct-merkle` keeps every leaf in memory and has no frontier to append to, which is what a
//! row in a database needs; `tlog_tiles` is written for tiles of static files and an older SHA-2.
//!
//! [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1

use super::Hash;

mod proof;
mod subtrees;

pub use proof::{verify_consistency, verify_inclusion};
pub use subtrees::{Subtree, consistency, inclusion, perfect};

/// The hash of a leaf: `SHA-256(0x00 || data)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash::of([&[0x00], data])
}

/// The hash of two subtrees: `SHA-256(0x01 || left || right)`.
fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash::of([&[0x01], &left.0, &right.0])
}

/// The root of the tree that consists of these complete subtrees, each smaller than the one before; of none the hash of
/// nothing.
pub fn fold(peaks: &[Hash]) -> Hash {
    let peaks = peaks.iter().copied().rev();
    peaks.reduce(|right, left| node_hash(left, right)).unwrap_or_else(|| Hash::of([]))
}

/// The root of the tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    leaves.iter().copied().collect::<Frontier>().root()
}

/// All that appending needs to know of a tree: its size, and the roots of the complete subtrees that it consists of.
///
/// A tree of 13 leaves has subtrees of 8, 4 and 1 leaves: one for each binary digit 1 of its size, from the largest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier with this size and these peaks; `None` when their number does not belong to the size.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// The frontier from the bytes of its peaks, as [`Frontier::peak_bytes`] writes them.
    pub fn from_bytes(size: u64, peaks: &[u8]) -> Option<Self> {
        let (peaks, rest) = peaks.as_chunks();
        if rest.is_empty() { Self::new(size, peaks.iter().copied().map(Hash).collect()) } else { None }
    }

    /// The peaks, 32 bytes each.
    pub fn peak_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf by its hash, in logarithmic time.
    pub fn append(&mut self, leaf: Hash) {
        self.carry(0, leaf);
    }

    /// Adds a complete subtree of 2^`height` leaves by its root: whether it can stand here, which is so only where the
    /// size is a multiple of its own.
    #[must_use = "a subtree that cannot stand here was not added"]
    pub fn append_subtree(&mut self, height: u8, root: Hash) -> bool {
        let leaves = 1_u64.checked_shl(height.into());
        let fits =
            leaves.is_some_and(|leaves| self.size.is_multiple_of(leaves) && self.size.checked_add(leaves).is_some());
        if fits {
            self.carry(height, root);
        }
        fits
    }

    /// The root of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }

    /// Adds a subtree where it fits. As adding one carries through the trailing digits 1, it merges with as many of the
    /// smallest subtrees.
    fn carry(&mut self, height: u8, root: Hash) {
        let carried = self.peaks.len() - (self.size >> height).trailing_ones() as usize;
        let peak = self.peaks.drain(carried..).rfold(root, |right, left| node_hash(left, right));
        self.peaks.push(peak);
        self.size += 1 << height;
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut frontier = Self::default();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
        frontier
    }
}

#[cfg(test)]
mod tests;
