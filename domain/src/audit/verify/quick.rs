//! The way of nearly every line: one look at each byte, and nothing written.
//!
//! The careful way reads a line into an entry and writes that again, to see that it comes to the same bytes. As there is
//! only one way to write it, most lines can be followed from their first byte to the last instead. What is not as
//! expected here is not wrong for that: the careful way has the last word, and says what it is.

mod base64;
mod scan;
mod sealed;

use self::{scan::Scan, sealed::Sealed};
use crate::audit::{Commitment, Hash, action::is_code, merkle::leaf_hash};

/// What a line of an entry proved to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checked {
    /// The entry's leaf hash.
    pub leaf: Hash,
    /// How many of its personal values are not disclosed.
    pub erased: u64,
}

/// A commitment or a hash, as it is written.
type Hex = [u8; 64];

/// The line of the entry at an index of a log, if it is canonical and all that it says is right.
pub(super) fn entry_line(line: &[u8], log: &str, index: u64) -> Option<Checked> {
    let scan = &mut Scan::new(line);
    scan.skip(r#"{"entry":"#)?;
    let before = scan.rest();
    let mut sealed = Sealed::default();
    entry(scan, log, index, &mut sealed)?;
    let leaf = leaf_hash(&before[..before.len() - scan.rest().len()]);
    scan.skip(r#","hash":""#)?;
    scan.skip_bytes(&leaf.to_hex())?;
    scan.skip(r#"","openings":["#)?;
    if !scan.skips("]") {
        opening(scan, &mut sealed)?;
        while scan.skips(",") {
            opening(scan, &mut sealed)?;
        }
        scan.skip("]")?;
    }
    scan.skip("}")?;
    // The others are those of openings, which were compared with a hash as it is written.
    let left = sealed.left();
    let is_over = scan.rest().is_empty() && left.iter().all(|hash| scan::is_hex(hash));
    is_over.then_some(Checked { leaf, erased: left.len() as u64 })
}

/// Everything that there is in an entry, in the order in which it is written.
fn entry<'a>(scan: &mut Scan<'a>, log: &str, index: u64, sealed: &mut Sealed<'a>) -> Option<()> {
    scan.skip(r#"{"action":""#)?;
    is_code(scan.string()?).then_some(())?;
    actor(scan, sealed)?;
    scan.skip(r#","at":""#)?;
    scan.instant()?;
    scan.skip(r#","changes":["#)?;
    if !scan.skips("]") {
        change(scan, sealed)?;
        while scan.skips(",") {
            change(scan, sealed)?;
        }
        scan.skip("]")?;
    }
    context(scan, sealed)?;
    scan.skip(r#","index":"#)?;
    (scan.number()? == index).then_some(())?;
    scan.skip(r#","log":""#)?;
    scan.skip(log)?;
    scan.skip(r#"","outcome":"#)?;
    scan.one_of(&[r#""done""#, r#""denied""#, r#""failed""#])?;
    if scan.skips(r#","reason":"#) {
        value(scan, sealed)?;
    }
    target(scan, sealed)?;
    scan.skip(r#","v":1}"#)
}

fn actor<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    scan.skip(r#","actor":{"#)?;
    if scan.skips(r#""id":""#) {
        scan.uuid()?;
        scan.skip(r#"","#)?;
    }
    scan.skip(r#""kind":"#)?;
    scan.one_of(&[r#""person""#, r#""system""#, r#""operator""#, r#""key""#])?;
    name(scan, sealed)
}

fn target<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    scan.skip(r#","target":{"id":""#)?;
    scan.string()?;
    scan.skip(r#","kind":""#)?;
    scan.string()?;
    name(scan, sealed)
}

/// The name that may be the last of an actor or a target.
fn name<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    if scan.skips(r#","name":"#) {
        value(scan, sealed)?;
    }
    scan.skip("}")
}

fn change<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    scan.skip("{")?;
    if scan.skips(r#""after":"#) {
        value(scan, sealed)?;
        scan.skip(",")?;
    }
    if scan.skips(r#""before":"#) {
        value(scan, sealed)?;
        scan.skip(",")?;
    }
    scan.skip(r#""field":""#)?;
    scan.string()?;
    scan.skip("}")
}

fn context<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    scan.skip(r#","context":{"#)?;
    let mut is_first = true;
    for of in [r#""device":"#, r#""ip":"#] {
        if scan.begins(of, is_first) {
            value(scan, sealed)?;
            is_first = false;
        }
    }
    if scan.begins(r#""request_id":""#, is_first) {
        scan.string()?;
    }
    scan.skip("}")
}

fn value<'a>(scan: &mut Scan<'a>, sealed: &mut Sealed<'a>) -> Option<()> {
    if scan.skips(r#"{"commit":""#) {
        sealed.add(scan.take()?)?;
        return scan.skip(r#""}"#);
    }
    scan.skip(r#"{"public":""#)?;
    scan.string()?;
    scan.skip("}")
}

/// An opening, and the commitment that it is of, which has no other.
fn opening(scan: &mut Scan<'_>, sealed: &mut Sealed<'_>) -> Option<()> {
    scan.skip(r#"{"salt":""#)?;
    let salt = scan.base64()?;
    scan.skip(r#"","value":""#)?;
    let value = scan.plain_string()?;
    scan.skip("}")?;
    let hash = Commitment::to(&salt, value).0.to_hex();
    sealed.open(&hash)
}

#[cfg(test)]
mod tests;
