//! Verifying a file of which nobody has said what it is, slice by slice.

mod error;
mod kind;
mod verdict;

use self::kind::Kind;
use super::{
    ConsistencyProof, EntryProof, Hash, ProofError, Verifier, VerifierKey,
    verify::{Lines, kept},
};

pub use error::FileError;
pub use verdict::Verdict;

/// The most bytes of a proof; one of an entry has some thousands. Of an export it is the most of one line.
const LONGEST: usize = 1 << 24;

/// What is known from elsewhere, so that the file need not be believed.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The key that has to have signed it. Without, the file's own word is taken for it.
    pub key: Option<VerifierKey>,
    /// Checkpoints that were kept: signed notes, each by itself.
    pub checkpoints: Vec<String>,
}

impl Expected {
    fn notes(&self) -> Vec<&str> {
        self.checkpoints.iter().map(String::as_str).collect()
    }
}

/// A verification under way.
#[derive(Debug)]
pub struct FileVerifier {
    expected: Expected,
    lines: Lines,
    content: Content,
}

/// What has come so far.
#[derive(Debug)]
enum Content {
    Nothing,
    /// An export, and how many lines of it there were.
    Export(Box<Verifier>, u64),
    /// A document that is read as a whole.
    Proof(String),
}

impl FileVerifier {
    /// Begins, before anything of the file has come.
    pub fn new(expected: Expected) -> Self {
        Self { expected, lines: Lines::default(), content: Content::Nothing }
    }

    /// Goes on with the next slice of the file, however it is cut.
    ///
    /// # Errors
    /// With the first thing that is wrong. Nothing that comes after it means anything.
    pub fn push(&mut self, slice: &[u8]) -> Result<(), FileError> {
        let Self { expected, lines, content } = self;
        lines.push(slice, |line| content.take(line, expected))?;
        if lines.pending() > LONGEST { Err(content.too_long()) } else { Ok(()) }
    }

    /// Ends after the last slice.
    ///
    /// # Errors
    /// When something is missing, or all together is not what was signed.
    pub fn finish(self) -> Result<Verdict, FileError> {
        let Self { expected, lines, mut content } = self;
        lines.finish(|line| content.take(line, &expected))?;
        match content {
            Content::Nothing => Err(FileError::Empty),
            Content::Export(verifier, _) => match verifier.finish() {
                Ok(report) => Ok(Verdict::Export(report)),
                Err(error) => Err(FileError::Export { line: None, error }),
            },
            Content::Proof(text) => proof(&text, &expected),
        }
    }
}

impl Content {
    /// Takes a line. The first one tells what the file is.
    fn take(&mut self, line: &[u8], expected: &Expected) -> Result<(), FileError> {
        match self {
            Self::Export(verifier, lines) => {
                *lines += 1;
                verifier.bytes(line).map_err(|error| FileError::of_export(*lines, error))
            }
            Self::Proof(text) => {
                text.push_str(str::from_utf8(line).map_err(|_| FileError::NotText)?);
                text.push('\n');
                if text.len() > LONGEST { Err(FileError::Unknown) } else { Ok(()) }
            }
            Self::Nothing => {
                *self = match Kind::of(line)? {
                    Kind::Export(manifest) => Self::Export(Box::new(begin(manifest, expected)?), 1),
                    Kind::Proof(line) => Self::Proof(format!("{line}\n")),
                };
                Ok(())
            }
        }
    }

    fn too_long(&self) -> FileError {
        match self {
            Self::Export(_, lines) => FileError::TooLong(lines + 1),
            Self::Nothing | Self::Proof(_) => FileError::Unknown,
        }
    }
}

fn begin(manifest: &str, expected: &Expected) -> Result<Verifier, FileError> {
    Verifier::begin(manifest, expected.key.as_ref(), &expected.notes()).map_err(|error| FileError::of_export(1, error))
}

/// Verifies a proof, whichever of the two it is.
fn proof(text: &str, expected: &Expected) -> Result<Verdict, FileError> {
    let key = expected.key.as_ref();
    if kind::is_of_entry(text)? {
        let mut report = EntryProof::parse(text)?.verify(key)?;
        let known = [(report.size, report.root)];
        (report.continues, report.unchecked) = compare(expected, &report.verifier, &known)?;
        Ok(Verdict::Entry(report))
    } else {
        let mut report = ConsistencyProof::parse(text)?.verify(key)?;
        let known = [(report.from, report.from_root), (report.to, report.to_root)];
        (report.continues, report.unchecked) = compare(expected, &report.verifier, &known)?;
        Ok(Verdict::Consistency(report))
    }
}

/// Compares the roots that a proof has shown with the kept checkpoints: the sizes of those that agree, and of those of
/// which it says nothing.
fn compare(expected: &Expected, verifier: &str, known: &[(u64, Hash)]) -> Result<(Vec<u64>, Vec<u64>), ProofError> {
    let kept = kept::read(&expected.notes(), &verifier.parse()?)?;
    Ok(kept::compare(&kept, known)?)
}

#[cfg(test)]
mod tests;
