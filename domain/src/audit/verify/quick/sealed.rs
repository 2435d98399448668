//! The commitments of an entry that no opening was found for yet.

use super::Hex;

/// More than any entry has that is not left to the careful way.
const MOST: usize = 32;

/// The commitments, as they are written, in a place that is there already.
pub(super) struct Sealed<'a> {
    hashes: [&'a Hex; MOST],
    opened: usize,
    count: usize,
}

impl Default for Sealed<'_> {
    fn default() -> Self {
        Self { hashes: [&[0; 64]; MOST], opened: 0, count: 0 }
    }
}

impl<'a> Sealed<'a> {
    /// One more commitment, where there is a place for it.
    pub fn add(&mut self, hash: &'a Hex) -> Option<()> {
        *self.hashes.get_mut(self.count)? = hash;
        self.count += 1;
        Some(())
    }

    /// The commitment that has this hash has its opening: it takes no other. Mostly it is the next one.
    pub fn open(&mut self, hash: &Hex) -> Option<()> {
        let place = self.left().iter().position(|left| *left == hash)?;
        self.hashes.swap(self.opened, self.opened + place);
        self.opened += 1;
        Some(())
    }

    /// Those without an opening.
    pub fn left(&self) -> &[&'a Hex] {
        &self.hashes[self.opened..self.count]
    }
}
