//! The Merkle tree of [RFC 6962], section 2.1: hashing, appending and proofs.
//!
//! Of the crates that do this, `ct-merkle` keeps every leaf in memory and has no frontier to append to, which is what a
//! row in a database needs; `tlog_tiles` is written for tiles of static files and an older SHA-2.
//!
//! [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1

use sha2::{Digest, Sha256};

use super::Hash;

/// The hash of a leaf: `SHA-256(0x00 || data)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0x00]).chain_update(data).finalize().into())
}

/// The hash of two subtrees: `SHA-256(0x01 || left || right)`.
fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0).finalize().into())
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
        // As adding one carries through the trailing digits 1, the leaf merges with as many of the smallest subtrees.
        let carried = self.peaks.len() - self.size.trailing_ones() as usize;
        let peak = self.peaks.drain(carried..).rfold(leaf, |right, left| node_hash(left, right));
        self.peaks.push(peak);
        self.size += 1;
    }

    /// The root of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Hash {
        let peaks = self.peaks.iter().copied().rev();
        peaks.reduce(|right, left| node_hash(left, right)).unwrap_or_else(|| Hash(Sha256::digest([]).into()))
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut frontier = Self::default();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
        frontier
    }
}

/// What proves that the leaf at `index` is in the tree over `leaves`: section 2.1.1. `None` when it is not.
pub fn inclusion_proof(mut leaves: &[Hash], mut index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    while leaves.len() > 1 {
        let (left, right) = halves(leaves);
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    Some(path)
}

/// What proves that the tree over `leaves` began with `old_size` of them: section 2.1.2. `None` when it is smaller.
///
/// Nothing is needed to prove it of an empty or an equal tree.
pub fn consistency_proof(mut leaves: &[Hash], old_size: usize) -> Option<Vec<Hash>> {
    let mut old = old_size;
    if old == 0 || old >= leaves.len() {
        return (old <= leaves.len()).then(Vec::new);
    }
    let mut path = Vec::new();
    // Whether what remains of the old tree is a subtree whose root the verifier knows.
    let mut known = true;
    while old < leaves.len() {
        let (left, right) = halves(leaves);
        if old <= left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            old -= left.len();
            leaves = right;
            known = false;
        }
    }
    if !known {
        path.push(root(leaves));
    }
    path.reverse();
    Some(path)
}

/// The two subtrees of a tree of at least two leaves: the left has the largest power of two that leaves something over.
fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(1 << (leaves.len() - 1).ilog2())
}

/// Whether `proof` shows that `leaf` is at `index` of the tree with this size and root: [RFC 9162], section 2.1.3.2.
///
/// [RFC 9162]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = leaf;
    for &sibling in proof {
        match climb.step() {
            None => return false,
            Some(Side::Left) => hash = node_hash(sibling, hash),
            Some(Side::Right) => hash = node_hash(hash, sibling),
        }
    }
    climb.last == 0 && hash == root
}

/// Whether `proof` shows that the tree with the new size and root began as the old one: [RFC 9162], section 2.1.4.2.
///
/// [RFC 9162]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
pub fn verify_consistency(old_size: u64, old_root: Hash, new_size: u64, new_root: Hash, proof: &[Hash]) -> bool {
    if old_size == 0 || old_size >= new_size {
        let same = if old_size == 0 { old_root == root(&[]) } else { old_root == new_root };
        return proof.is_empty() && same && old_size <= new_size;
    }
    // The largest subtree at the old tree's right edge; where that is the whole old tree, its root is not repeated.
    let (seed, rest) = match proof {
        _ if old_size.is_power_of_two() => (old_root, proof),
        [first, rest @ ..] => (*first, rest),
        [] => return false,
    };
    let shift = old_size.trailing_zeros();
    let mut climb = Climb { node: (old_size - 1) >> shift, last: (new_size - 1) >> shift };
    let (mut old, mut new) = (seed, seed);
    for &sibling in rest {
        match climb.step() {
            None => return false,
            Some(Side::Left) => (old, new) = (node_hash(sibling, old), node_hash(sibling, new)),
            Some(Side::Right) => new = node_hash(new, sibling),
        }
    }
    climb.last == 0 && old == old_root && new == new_root
}

/// A way from a node up to the root: the node's number in its level, and the number of the level's last one.
struct Climb {
    node: u64,
    last: u64,
}

/// On which side of a node its sibling is.
enum Side {
    Left,
    Right,
}

impl Climb {
    /// Goes up to the next node that has a sibling, past it, and says where the sibling is; `None` at the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let alone = self.node == self.last && self.node & 1 == 0;
        let levels = if alone { self.node.trailing_zeros() } else { 0 };
        let side = if alone || self.node & 1 == 1 { Side::Left } else { Side::Right };
        // In two steps, because a shift by all 64 bits is none.
        self.node = self.node >> levels >> 1;
        self.last = self.last >> levels >> 1;
        Some(side)
    }
}

#[cfg(test)]
mod tests;
