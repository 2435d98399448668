//! Passwords that attackers try first, because they are in a list of what others had.
//!
//! The program carries a short list. Whoever runs it may give the long one, of some forty gigabytes: it is looked
//! up where it lies.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use domain::password::NewPassword;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

/// The passwords of ten or more characters among zxcvbn's thirty thousand most frequent ones, the first five hundred
/// of them written twice and thrice, and runs of a keyboard and of one sign. In lower case.
const COMMON: &str = include_str!("common.txt");

/// No line is longer: 40 digits, a colon, a number and the line's end.
const LINE_MAX: usize = 128;

/// In how many places a file is looked at before it is used.
const SAMPLES: u64 = 256;

/// A SHA-1 hash: what lists of breached passwords are exchanged as. Nothing else here rests on it.
type Hash = [u8; 20];

/// What nobody should choose as a password.
pub struct BreachedPasswords {
    file: Option<HashFile>,
}

impl BreachedPasswords {
    /// The list that the program carries.
    pub fn common() -> Self {
        Self { file: None }
    }

    /// That list, and a file with a line `HASH` or `HASH:count` for each password, sorted by its SHA-1 hash in
    /// hexadecimal digits: the format in which Have I Been Pwned offers its list.
    ///
    /// # Errors
    /// When the file cannot be read, or samples of it are not of this format.
    pub fn with_file(path: &Path) -> io::Result<Self> {
        Ok(Self { file: Some(HashFile::open(path)?) })
    }

    /// Whether a password is in one of the lists. It may read from the disk, and so may block.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn hold(&self, password: &NewPassword) -> io::Result<bool> {
        let lower = Zeroizing::new(password.expose().to_lowercase());
        if COMMON.lines().any(|common| common == *lower) {
            return Ok(true);
        }
        match &self.file {
            Some(file) => file.has(&Sha1::digest(password.expose().as_bytes()).into()),
            None => Ok(false),
        }
    }
}

/// A line of the file, by the bytes that it takes up without its end.
struct Line {
    start: u64,
    end: u64,
    hash: Hash,
}

/// A sorted file of hashes, of which a few lines are read at a time.
struct HashFile {
    file: File,
    /// Where the last line ends.
    end: u64,
}

impl HashFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is no file"));
        }
        let mut hashes = Self { file, end: metadata.len() };
        let tail_at = hashes.end.saturating_sub(LINE_MAX as u64);
        let tail = hashes.read(tail_at)?;
        hashes.end = tail_at + tail.trim_ascii_end().len() as u64;
        hashes.check_samples()?;
        Ok(hashes)
    }

    /// Looks whether it is of the format at all, and sorted.
    fn check_samples(&self) -> io::Result<()> {
        let mut last: Option<Line> = None;
        let first = self.line_from(0)?.ok_or_else(|| malformed(0))?;
        for sample in 0..SAMPLES {
            let at = u64::try_from(u128::from(self.end) * u128::from(sample) / u128::from(SAMPLES)).unwrap_or(0);
            let line = if sample == 0 { None } else { self.line_from(at)? };
            let Some(line) = line else { continue };
            let before = last.as_ref().unwrap_or(&first);
            if line.start > before.start && line.hash <= before.hash {
                let message = format!("it is not sorted by hash: the line at byte {} comes too late", line.start);
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
            last = Some(line);
        }
        Ok(())
    }

    /// Whether the hash is in the file: a binary search for the line by its bytes.
    fn has(&self, wanted: &Hash) -> io::Result<bool> {
        // If there is such a line, it begins at or behind `low`, which is a line's beginning, and before `high`.
        let (mut low, mut high) = (0, self.end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)? {
                Some(line) if line.start < high => match line.hash.cmp(wanted) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = line.end + 1,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }

    /// The first line that begins at this byte or behind it.
    fn line_from(&self, at: u64) -> io::Result<Option<Line>> {
        let from = at.saturating_sub(1);
        let bytes = self.read(from)?;
        let skipped = match at {
            0 => 0,
            _ => match bytes.iter().take(LINE_MAX).position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None if from + bytes.len() as u64 >= self.end => return Ok(None),
                None => return Err(malformed(at)),
            },
        };
        let start = from + skipped as u64;
        if start >= self.end {
            return Ok(None);
        }
        let line = bytes[skipped..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let hash = hash_of(line).ok_or_else(|| malformed(start))?;
        Ok(Some(Line { start, end: start + line.len() as u64, hash }))
    }

    /// Enough bytes for the rest of one line and all of the next, unless the file ends.
    fn read(&self, at: u64) -> io::Result<Vec<u8>> {
        let most = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX).min(2 * LINE_MAX);
        let mut bytes = vec![0; most];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }
}

/// The hash that a line begins with, if it is all that is there or a colon follows.
fn hash_of(line: &[u8]) -> Option<Hash> {
    let (digits, rest) = line.trim_ascii_end().split_at_checked(40)?;
    let mut hash = Hash::default();
    hex::decode_to_slice(digits, &mut hash).ok()?;
    (rest.is_empty() || rest.starts_with(b":")).then_some(hash)
}

fn malformed(at: u64) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("there is no SHA-1 hash in the line at byte {at}"))
}

#[cfg(test)]
mod tests;
