use proptest::prelude::*;

use super::*;
use crate::audit::{
    Action, Actor, Checkpoint, Draft, Entry, Frontier, KeptError, LogId, NoteError, Opening, Personal, Problem, Signer,
    VerifyError,
    export::{Manifest, entry_line, manifest_line},
    merkle::{consistency, inclusion},
    split_notes, strategies,
};

const LOG: LogId = LogId::Platform;

fn signer() -> Signer {
    Signer::new(LOG, &[7; 32])
}

/// Two entries, with letters of more than one byte.
fn log() -> Vec<(Entry, Vec<Opening>)> {
    let seal = |(index, name): (u64, &str)| {
        Draft::done(Action::new("member.suspended"), Actor::system())
            .target("member", index, Personal(name.into()))
            .seal(LOG, index, time::macros::datetime!(2026-01-02 03:04:05 UTC), &mut strategies::salts())
    };
    (0..).zip(["Ada Öberg", "Ngũgĩ 🦊"]).map(seal).collect()
}

fn tree(entries: &[(Entry, Vec<Opening>)]) -> Frontier {
    entries.iter().map(|(entry, _)| entry.leaf()).collect()
}

fn note(size: usize) -> String {
    Checkpoint::of(LOG, &tree(&log()[..size])).sign(&signer())
}

fn export() -> String {
    let entries = log();
    let at = time::macros::datetime!(2026-01-03 00:00 UTC);
    let manifest = Manifest::new(LOG, &Frontier::default(), &tree(&entries), at, &signer());
    let line = |(entry, openings): &(Entry, Vec<Opening>)| {
        entry_line(&String::from_utf8(entry.canonical()).unwrap(), entry.leaf(), openings.clone()).unwrap()
    };
    let lines = std::iter::once(manifest_line(manifest)).chain(entries.iter().map(line));
    lines.map(|line| line + "\n").collect()
}

fn entry_proof() -> String {
    let entries = log();
    assert_eq!(inclusion(1, 2).len(), 1);
    let text = String::from_utf8(entries[1].0.canonical()).unwrap();
    let path = vec![entries[0].0.leaf()];
    EntryProof::new(&text, entries[1].1.clone(), note(2), &signer().verifier(), path).unwrap().to_json()
}

fn consistency_proof() -> String {
    assert_eq!(consistency(1, 2).len(), 1);
    ConsistencyProof::new(note(1), note(2), &signer().verifier(), vec![log()[1].0.leaf()]).to_json()
}

fn verify_with(file: &[u8], checkpoints: &[String]) -> Result<Verdict, FileError> {
    let expected = Expected { key: Some(signer().verifier()), checkpoints: checkpoints.to_vec() };
    let mut verifier = FileVerifier::new(expected);
    verifier.push(file)?;
    verifier.finish()
}

fn verify(file: impl AsRef<[u8]>) -> Result<Verdict, FileError> {
    verify_with(file.as_ref(), &[])
}

fn wrong(file: impl AsRef<[u8]>) -> FileError {
    verify(file).unwrap_err()
}

#[test]
fn each_kind_of_file_is_found_out_by_itself() {
    assert!(matches!(verify(export()), Ok(Verdict::Export(report)) if report.entries == 2 && report.key_expected));
    assert!(matches!(verify(entry_proof()), Ok(Verdict::Entry(report)) if report.index == 1));
    assert!(matches!(verify(consistency_proof()), Ok(Verdict::Consistency(report)) if report.from == 1));
}

#[test]
fn what_people_choose_by_mistake_is_named() {
    assert_eq!(wrong(""), FileError::Empty);
    assert_eq!(wrong("index,at,actor,actor_kind\r\n0,2026"), FileError::Csv);
    assert_eq!(wrong(note(1)), FileError::Checkpoint);
    assert_eq!(wrong(signer().verifier().to_string()), FileError::Key);
    assert_eq!(wrong(b"PK\x03\x04\xff\xff"), FileError::NotText);
    assert_eq!(wrong([0; 40]), FileError::NotText);
    assert_eq!(wrong("hello\n"), FileError::Unknown);
    assert_eq!(wrong("{}"), FileError::Unknown);
    assert_eq!(wrong("{\n\"entry\""), FileError::Unknown);
    assert_eq!(wrong("\n"), FileError::Unknown);
    assert_eq!(wrong(export().split_once('\n').unwrap().1), FileError::Headless);
}

#[test]
fn a_file_that_a_program_has_converted_is_said_to_be() {
    assert_eq!(wrong(export().replace('\n', "\r\n")), FileError::Converted);
    assert_eq!(wrong(format!("\u{feff}{}", export())), FileError::Converted);
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(wrong(wide), FileError::Converted);
    // A proof is read as JSON, for which it is the same.
    assert!(verify(entry_proof().replace('\n', "\r\n")).is_ok());
}

#[test]
fn index_and_line_are_named() {
    let error = wrong(export().replace("\"member\"", "\"nember\""));
    assert_eq!((error.what(), error.index(), error.line()), ("export", Some(0), Some(2)));
    let lines = export();
    let (head, _) = lines.trim_end().rsplit_once('\n').unwrap();
    let error = wrong(head);
    assert_eq!((error.index(), error.line()), (Some(1), None));
    assert!(matches!(error, FileError::Export { error: VerifyError::Entry { problem: Problem::Missing, .. }, .. }));
    let error = wrong(export().replace("\"v\":2", "\"v\":3"));
    assert_eq!((error.index(), error.line()), (None, Some(1)));
    let mut bytes = export().into_bytes();
    let at = export().find('Ö').unwrap();
    bytes[at] = 0xff;
    let error = wrong(bytes);
    assert_eq!((error.index(), error.line()), (Some(0), Some(2)));
    let error = wrong(entry_proof().replace("Ngũgĩ", "Ngugi"));
    assert_eq!((error.what(), error.index(), error.line()), ("proof", Some(1), None));
}

#[test]
fn lines_without_an_end_do_not_fill_the_memory() {
    let mut verifier = FileVerifier::new(Expected::default());
    let mut slices = 0;
    let error = loop {
        if let Err(error) = verifier.push(&vec![b'x'; 1 << 20]) {
            break error;
        }
        slices += 1;
    };
    assert_eq!((error, slices), (FileError::Unknown, LONGEST >> 20));
    let mut verifier = FileVerifier::new(Expected::default());
    verifier.push(export().as_bytes()).unwrap();
    let error = loop {
        if let Err(error) = verifier.push(&vec![b'x'; 1 << 20]) {
            break error;
        }
    };
    assert_eq!(error, FileError::TooLong(4));
}

#[test]
fn kept_checkpoints_are_compared_with_what_a_file_is_about() {
    let kept = split_notes(&(note(2) + &note(0) + &note(1))).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let sizes = |verdict| match verdict {
        Verdict::Export(report) => (report.continues, report.unchecked),
        Verdict::Entry(report) => (report.continues, report.unchecked),
        Verdict::Consistency(report) => (report.continues, report.unchecked),
    };
    assert_eq!(sizes(verify_with(export().as_bytes(), &kept).unwrap()), (vec![0, 1, 2], vec![]));
    assert_eq!(sizes(verify_with(entry_proof().as_bytes(), &kept).unwrap()), (vec![2], vec![0, 1]));
    assert_eq!(sizes(verify_with(consistency_proof().as_bytes(), &kept).unwrap()), (vec![1, 2], vec![0]));

    let other: Frontier = [Hash([1; 32]); 2].into_iter().collect();
    let other = Checkpoint::of(LOG, &other).sign(&signer());
    let refused = verify_with(export().as_bytes(), std::slice::from_ref(&other)).unwrap_err();
    let error = VerifyError::Rewritten { intact: 0, broken: 2 };
    assert_eq!(refused, FileError::Export { line: None, error });
    for proof in [entry_proof(), consistency_proof()] {
        let refused = verify_with(proof.as_bytes(), std::slice::from_ref(&other)).unwrap_err();
        assert_eq!(refused, FileError::Proof(ProofError::Kept(KeptError::Forked(2))));
        let refused = verify_with(proof.as_bytes(), &["hello".into()]).unwrap_err();
        let error = KeptError::Wrong { number: 1, error: NoteError::Malformed };
        assert_eq!(refused, FileError::Proof(ProofError::Kept(error)));
    }
}

proptest! {
    /// Lines and letters lie across slices.
    #[test]
    fn it_does_not_matter_how_a_file_is_cut(lengths in prop::collection::vec(0_usize..400, 0..60)) {
        for file in [export(), entry_proof(), export().replace("member", "nember")] {
            let mut verifier = FileVerifier::new(Expected { key: Some(signer().verifier()), checkpoints: Vec::new() });
            let mut rest = file.as_bytes();
            let mut pushed = Ok(());
            for length in lengths.iter().copied().chain([usize::MAX]) {
                let slice;
                (slice, rest) = rest.split_at(length.min(rest.len()));
                pushed = pushed.and_then(|()| verifier.push(slice));
            }
            prop_assert_eq!(pushed.and_then(|()| verifier.finish()), verify(&file));
        }
    }
}
