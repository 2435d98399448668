//! Checking proofs, with nothing but the proof, sizes and roots.

use super::{node_hash, root};
use crate::audit::Hash;

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
