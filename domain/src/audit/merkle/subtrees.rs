//! Which subtrees a proof is made of.

use std::ops::Range;

/// A part of a tree: what is below one of its nodes. At the tree's right edge it may be smaller than its siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subtree {
    /// The index of its first leaf.
    pub start: u64,
    /// The index after its last leaf.
    pub end: u64,
}

impl Subtree {
    fn of(size: u64) -> Self {
        Self { start: 0, end: size }
    }

    /// How many leaves it has.
    pub fn leaves(self) -> u64 {
        self.end - self.start
    }

    /// The complete subtrees that it consists of: see [`perfect`].
    pub fn perfect(self) -> Vec<(u8, u64)> {
        perfect(self.start..self.end)
    }

    /// Its two halves, when it has at least two leaves: the left has the largest power of two that leaves something over.
    fn halves(self) -> (Self, Self) {
        let middle = self.start + (1 << (self.leaves() - 1).ilog2());
        (Self { end: middle, ..self }, Self { start: middle, ..self })
    }
}

/// The subtrees whose roots prove that the leaf at `index` is in a tree of this size, from the leaf up: the audit path of
/// section 2.1.1. None when it is not.
pub fn inclusion(index: u64, size: u64) -> Vec<Subtree> {
    let mut path = Vec::new();
    if index >= size {
        return path;
    }
    let mut around = Subtree::of(size);
    while around.leaves() > 1 {
        let (left, right) = around.halves();
        let (inside, beside) = if index < left.end { (left, right) } else { (right, left) };
        path.push(beside);
        around = inside;
    }
    path.reverse();
    path
}

/// The subtrees whose roots prove that a tree of size `to` began as the one of size `from`: section 2.1.2.
///
/// None are needed to prove it of an empty or an equal tree, and none prove it of a larger one.
pub fn consistency(from: u64, to: u64) -> Vec<Subtree> {
    let mut path = Vec::new();
    if from == 0 || from >= to {
        return path;
    }
    let mut around = Subtree::of(to);
    // The subtree at whose right edge the old tree ends.
    while around.end != from {
        let (left, right) = around.halves();
        let (inside, beside) = if from <= left.end { (left, right) } else { (right, left) };
        path.push(beside);
        around = inside;
    }
    // The whole old tree is what its reader knows.
    if around.start > 0 {
        path.push(around);
    }
    path.reverse();
    path
}

/// The largest complete subtrees that a range of leaves consists of, from left to right: the height of each, and how many
/// of the same height are left of it.
///
/// Those of a [`Subtree`] become smaller from left to right, and [`fold`](super::fold) makes one hash of theirs.
#[expect(clippy::cast_possible_truncation, reason = "the height is a logarithm of 64 bits")]
pub fn perfect(range: Range<u64>) -> Vec<(u8, u64)> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let most = (range.end - at).ilog2();
        let height = if at == 0 { most } else { at.trailing_zeros().min(most) };
        found.push((height as u8, at >> height));
        at += 1 << height;
    }
    found
}
