//! What a file is, by its first line.

use serde::{Deserialize, de::IgnoredAny};

use super::FileError;

/// A file that can be verified, with its first line.
pub(super) enum Kind<'a> {
    Export(&'a str),
    Proof(&'a str),
}

/// What programs for texts put before one.
const BYTE_ORDER_MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
/// What the lines of an export behind the first begin with.
const FURTHER_LINES: [&str; 3] = [r#"{"entry":"#, r#"{"hashes":"#, r#"{"index":"#];

impl<'a> Kind<'a> {
    /// What begins with this line.
    ///
    /// # Errors
    /// When it is nothing that proves anything: what people choose by mistake is named.
    pub fn of(line: &'a [u8]) -> Result<Self, FileError> {
        if BYTE_ORDER_MARKS.iter().any(|mark| line.starts_with(mark)) {
            return Err(FileError::Converted);
        }
        let text = str::from_utf8(line).ok().filter(|text| !text.contains('\0')).ok_or(FileError::NotText)?;
        if text.starts_with("index,at,") {
            Err(FileError::Csv)
        } else if text.starts_with("portcullis/") {
            Err(if text.contains('+') { FileError::Key } else { FileError::Checkpoint })
        } else if text.starts_with(r#"{"manifest":"#) {
            if text.ends_with('\r') { Err(FileError::Converted) } else { Ok(Self::Export(text)) }
        } else if FURTHER_LINES.iter().any(|begin| text.starts_with(begin)) {
            Err(FileError::Headless)
        } else if text.starts_with('{') {
            Ok(Self::Proof(text))
        } else {
            Err(FileError::Unknown)
        }
    }
}

/// What tells one proof from the other.
#[derive(Deserialize)]
struct Members {
    entry: Option<IgnoredAny>,
    from: Option<IgnoredAny>,
}

/// Whether a document is the proof of an entry, and not that of two checkpoints.
///
/// # Errors
/// When it is neither.
pub(super) fn is_of_entry(text: &str) -> Result<bool, FileError> {
    match serde_json::from_str(text) {
        Ok(Members { entry: Some(_), .. }) => Ok(true),
        Ok(Members { from: Some(_), .. }) => Ok(false),
        _ => Err(FileError::Unknown),
    }
}
