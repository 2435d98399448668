//! Checkpoints: a log's size and root in a signed note, as [C2SP tlog-checkpoint] and [C2SP signed-note] write them.
//!
//! ```text
//! portcullis/platform
//! 42
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — portcullis/platform Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//! ```
//!
//! [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
//! [C2SP signed-note]: https://c2sp.org/signed-note

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Frontier, Hash, LogId, Signer, VerifierKey, notes::SIGNATURE, signature::KeyId};

/// What a log says of itself: so many entries, under this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, `portcullis/<log>`.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// The note is not a checkpoint of the key's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a note: text, a blank line, signatures.
    #[error("it is not a signed note")]
    Malformed,
    /// No signature is by this key.
    #[error("the key has not signed it")]
    Unsigned,
    /// The signature says it is by this key, and is not.
    #[error("its signature is wrong")]
    BadSignature,
    /// Signed, but no checkpoint.
    #[error("it is not a checkpoint")]
    NotACheckpoint,
    /// A checkpoint of a log that the key does not belong to.
    #[error("it is the checkpoint of another log")]
    AnotherLog,
}

impl Checkpoint {
    /// The checkpoint of a log in this state.
    pub fn of(log: LogId, frontier: &Frontier) -> Self {
        Self { origin: log.origin(), size: frontier.size(), root: frontier.root() }
    }

    /// The signed note.
    pub fn sign(&self, signer: &Signer) -> String {
        let text = self.text();
        let key = signer.verifier();
        let signature = [key.id().as_slice(), &signer.sign(&text)].concat();
        format!("{text}\n{SIGNATURE}{} {}\n", key.name(), BASE64_STANDARD.encode(signature))
    }

    /// Reads a signed note, when this key has signed it for the log that it is named after.
    ///
    /// Signatures of others, such as witnesses, are passed over, as the format asks.
    ///
    /// # Errors
    /// When the key has not signed it, or it is not the checkpoint of the key's log.
    pub fn verify(note: &str, key: &VerifierKey) -> Result<Self, NoteError> {
        let (text, signatures) = split(note).ok_or(NoteError::Malformed)?;
        let mut signed = false;
        for line in signatures.split_terminator('\n') {
            let (name, id, signature) = signature_line(line).ok_or(NoteError::Malformed)?;
            if name == key.name() && id == key.id() {
                let signature = signature.as_slice().try_into().map_err(|_| NoteError::BadSignature)?;
                if !key.accepts(text, signature) {
                    return Err(NoteError::BadSignature);
                }
                signed = true;
            }
        }
        if !signed {
            return Err(NoteError::Unsigned);
        }
        let checkpoint = Self::parse(text).ok_or(NoteError::NotACheckpoint)?;
        if checkpoint.origin == key.name() { Ok(checkpoint) } else { Err(NoteError::AnotherLog) }
    }

    /// What is signed: origin, size and root, each on a line.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root.0))
    }

    /// Reads what [`Checkpoint::text`] writes. The extension lines that the format allows, these logs never have.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split_terminator('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = BASE64_STANDARD.decode(root).ok()?.try_into().ok()?;
        let checkpoint = Self { origin: origin.to_owned(), size: size.parse().ok()?, root: Hash(root) };
        // Writing it again refuses leading zeros, signs and further lines.
        (checkpoint.text() == text).then_some(checkpoint)
    }
}

/// The note's text with its last newline, and its signature lines: the blank line between them is the last one.
fn split(note: &str) -> Option<(&str, &str)> {
    let blank = note.rfind("\n\n")?;
    let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
    signatures.ends_with('\n').then_some((text, signatures))
}

/// `— <name> <Base64 of key id and signature>`.
fn signature_line(line: &str) -> Option<(&str, KeyId, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(SIGNATURE)?.split_once(' ')?;
    let bytes = BASE64_STANDARD.decode(signature).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    Some((name, *id, signature.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: [u8; 32] = [7; 32];

    fn signer() -> Signer {
        Signer::new(LogId::Platform, &SEED)
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "portcullis/platform".into(), size: 42, root: Hash([1; 32]) }
    }

    fn signed(text: &str) -> String {
        let key = signer().verifier();
        let signature = [key.id().as_slice(), &signer().sign(text)].concat();
        format!("{text}\n— {} {}\n", key.name(), BASE64_STANDARD.encode(signature))
    }

    #[test]
    fn a_signed_checkpoint_is_read_back() {
        let note = checkpoint().sign(&signer());
        assert!(note.starts_with(
            "portcullis/platform\n42\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n— portcullis/platform "
        ));
        assert_eq!(Checkpoint::verify(&note, &signer().verifier()), Ok(checkpoint()));
    }

    /// The example of Go's `golang.org/x/mod/sumdb/note`, which defined the format.
    #[test]
    fn signatures_of_other_tools_are_understood() {
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert_eq!(Checkpoint::verify(note, &key), Err(NoteError::NotACheckpoint));
        assert_eq!(Checkpoint::verify(&note.replace("answer", "anwser"), &key), Err(NoteError::BadSignature));
    }

    #[test]
    fn another_key_is_told_from_a_wrong_signature() {
        let note = checkpoint().sign(&signer());
        let other = Signer::new(LogId::Platform, &[8; 32]).verifier();
        assert_eq!(Checkpoint::verify(&note, &other), Err(NoteError::Unsigned));
        let note = note.replace("42", "43");
        assert_eq!(Checkpoint::verify(&note, &signer().verifier()), Err(NoteError::BadSignature));
    }

    #[test]
    fn signatures_of_witnesses_are_passed_over() {
        let note = checkpoint().sign(&signer()) + "— witness.example/w AAAAAAAAAAAAAAAA\n";
        assert_eq!(Checkpoint::verify(&note, &signer().verifier()), Ok(checkpoint()));
    }

    #[test]
    fn a_signed_text_must_be_the_checkpoint_of_the_keys_log() {
        let root = BASE64_STANDARD.encode([1; 32]);
        for text in [
            "hello\n".into(),
            format!("portcullis/platform\n042\n{root}\n"),
            format!("portcullis/platform\n42\n{root}\nmore\n"),
        ] {
            assert_eq!(
                Checkpoint::verify(&signed(&text), &signer().verifier()),
                Err(NoteError::NotACheckpoint),
                "{text}"
            );
        }
        let other = format!("portcullis/other\n42\n{root}\n");
        assert_eq!(Checkpoint::verify(&signed(&other), &signer().verifier()), Err(NoteError::AnotherLog));
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        let note = checkpoint().sign(&signer());
        for text in ["", "\n\n", "a\n\n— b c", note.trim_end(), &note.replace('—', "-")] {
            assert!(
                matches!(
                    Checkpoint::verify(text, &signer().verifier()),
                    Err(NoteError::Malformed | NoteError::Unsigned)
                ),
                "{text}"
            );
        }
    }
}
