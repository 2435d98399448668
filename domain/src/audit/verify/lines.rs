//! Lines of a file that comes in slices.

use memchr::memchr;

/// Puts lines together that lie in several slices.
#[derive(Debug, Default)]
pub(in crate::audit) struct Lines {
    /// The beginning of a line whose end is still to come.
    begun: Vec<u8>,
}

impl Lines {
    /// Hands over each line that ends in this slice, without its newline.
    ///
    /// # Errors
    /// The first of whoever takes them.
    pub fn push<E>(&mut self, mut slice: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        while let Some(end) = memchr(b'\n', slice) {
            let (line, rest) = slice.split_at(end);
            slice = &rest[1..];
            if self.begun.is_empty() {
                take(line)?;
            } else {
                self.begun.extend_from_slice(line);
                take(&self.begun)?;
                self.begun.clear();
            }
        }
        self.begun.extend_from_slice(slice);
        Ok(())
    }

    /// How many bytes there are of a line whose end is still to come.
    pub fn pending(&self) -> usize {
        self.begun.len()
    }

    /// Hands over a last line without a newline.
    ///
    /// # Errors
    /// That of whoever takes it.
    pub fn finish<E>(self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if self.begun.is_empty() { Ok(()) } else { take(&self.begun) }
    }
}
