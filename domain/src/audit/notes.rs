//! Many signed notes in one file, as somebody keeps them: one behind the other, each as it was downloaded.

/// What a signature's line begins with.
pub(super) const SIGNATURE: &str = "— ";

/// The signed notes of a text. Blank lines between them belong to none; whatever else stands there is taken for a note, so
/// that verifying it says that it is none.
///
/// ```
/// let (one, two) = ("portcullis/platform\n0\nx\n\n— a b\n", "portcullis/platform\n1\ny\n\n— a b\n");
/// assert_eq!(domain::audit::split_notes(&format!("{one}\n{two}")), [one, two]);
/// ```
pub fn split_notes(text: &str) -> Vec<&str> {
    let mut notes = Vec::new();
    let (mut begin, mut at, mut is_signed) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        if is_signed && !line.starts_with(SIGNATURE) {
            notes.push(&text[begin..at]);
            (begin, is_signed) = (at, false);
        }
        if begin == at && line.trim_end().is_empty() {
            begin += line.len();
        }
        is_signed |= line.starts_with(SIGNATURE);
        at += line.len();
    }
    if begin < at {
        notes.push(&text[begin..]);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Checkpoint, Frontier, Hash, LogId, NoteError, Signer};

    fn note(size: usize) -> String {
        let tree: Frontier = vec![Hash([1; 32]); size].into_iter().collect();
        Checkpoint::of(LogId::Platform, &tree).sign(&Signer::new(LogId::Platform, &[7; 32]))
    }

    #[test]
    fn notes_are_found_with_and_without_blank_lines_between() {
        let (one, two) = (note(1), note(2) + "— witness.example/w AAAAAAAAAAAAAAAA\n");
        for text in [format!("{one}{two}"), format!("\n{one}\n\n{two}\n\n"), format!("{one}\r\n{two} \n")] {
            assert_eq!(split_notes(&text), [one.as_str(), two.as_str()], "{text}");
        }
        assert_eq!(split_notes(&one), [one.as_str()]);
    }

    #[test]
    fn nothing_but_blank_lines_holds_no_note() {
        assert!(split_notes("").is_empty());
        assert!(split_notes("\n \n\r\n").is_empty());
    }

    #[test]
    fn what_is_no_note_is_not_passed_over() {
        let text = format!("{}hello\n", note(1));
        let notes = split_notes(&text);
        assert_eq!(notes.len(), 2);
        let key = Signer::new(LogId::Platform, &[7; 32]).verifier();
        assert_eq!(Checkpoint::verify(notes[1], &key), Err(NoteError::Malformed));
        assert_eq!(split_notes("hello"), ["hello"]);
    }
}
