//! What the first line says, and whether it is signed.

use super::VerifyError;
use crate::audit::{
    Checkpoint, Frontier, VerifierKey,
    entry::NUMBERS_END,
    export::{FIRST_VERSION, Manifest, VERSION},
};

/// The frontier before the first line.
pub(super) fn beginning(manifest: &Manifest) -> Result<Frontier, VerifyError> {
    let wrong = |what: &str| VerifyError::Manifest(what.into());
    if !(FIRST_VERSION..=VERSION).contains(&manifest.v) {
        return Err(wrong("its version is not known"));
    }
    if manifest.from > manifest.size || manifest.size >= NUMBERS_END {
        return Err(wrong("there is no such range"));
    }
    Frontier::new(manifest.from, manifest.peaks.clone()).ok_or_else(|| wrong("its peaks do not belong to its range"))
}

/// The key that has signed the manifest's checkpoint.
pub(super) fn signature(manifest: &Manifest, expected: Option<&VerifierKey>) -> Result<VerifierKey, VerifyError> {
    let key: VerifierKey =
        manifest.verifier.parse().map_err(|error| VerifyError::Manifest(format!("its verifier is {error}")))?;
    if expected.is_some_and(|expected| *expected != key) {
        return Err(VerifyError::AnotherKey(manifest.verifier.clone()));
    }
    let signed = Checkpoint::verify(&manifest.checkpoint, &key).map_err(VerifyError::Checkpoint)?;
    let stated = Checkpoint { origin: manifest.log.origin(), size: manifest.size, root: manifest.root };
    if signed == stated { Ok(key) } else { Err(VerifyError::AnotherCheckpoint) }
}
