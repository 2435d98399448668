use proptest::prelude::*;

use super::*;
use crate::audit::{
    Action, Actor, Checkpoint, Draft, Entry, Frontier, Hash, LogId, Opening, ParseError, Personal, Signer,
    merkle::{Subtree, consistency, fold, inclusion},
    strategies,
};

const LOG: LogId = LogId::Platform;

type Entries = Vec<(Entry, Vec<Opening>)>;

fn signer() -> Signer {
    Signer::new(LOG, &[7; 32])
}

fn log(size: u64) -> Entries {
    let seal = |index| {
        Draft::done(Action::new("member.suspended"), Actor::system())
            .target("thing", index, Personal(format!("Thing {index}")))
            .seal(LOG, index, time::macros::datetime!(2026-01-02 03:04:05 UTC), &mut strategies::salts())
    };
    (0..size).map(seal).collect()
}

fn tree(entries: &[(Entry, Vec<Opening>)]) -> Frontier {
    entries.iter().map(|(entry, _)| entry.leaf()).collect()
}

fn note(entries: &[(Entry, Vec<Opening>)]) -> String {
    Checkpoint::of(LOG, &tree(entries)).sign(&signer())
}

/// The roots of subtrees, each from the complete ones that it consists of.
fn path(entries: &[(Entry, Vec<Opening>)], subtrees: Vec<Subtree>) -> Vec<Hash> {
    let at = |number: u64| usize::try_from(number).unwrap();
    let complete = |(height, index): (u8, u64)| tree(&entries[at(index << height)..at((index + 1) << height)]).root();
    let root = |subtree: Subtree| fold(&subtree.perfect().into_iter().map(complete).collect::<Vec<_>>());
    subtrees.into_iter().map(root).collect()
}

fn of_entry(entries: &[(Entry, Vec<Opening>)], index: usize) -> EntryProof {
    let (entry, openings) = &entries[index];
    let text = String::from_utf8(entry.canonical()).unwrap();
    let path = path(entries, inclusion(index as u64, entries.len() as u64));
    EntryProof::new(&text, openings.clone(), note(entries), &signer().verifier(), path).unwrap()
}

fn of_growth(entries: &[(Entry, Vec<Opening>)], from: usize) -> ConsistencyProof {
    let path = path(entries, consistency(from as u64, entries.len() as u64));
    ConsistencyProof::new(note(&entries[..from]), note(entries), &signer().verifier(), path)
}

fn verify_entry(json: &str) -> Result<EntryReport, ProofError> {
    EntryProof::parse(json)?.verify(Some(&signer().verifier()))
}

fn verify_growth(json: &str) -> Result<ConsistencyReport, ProofError> {
    ConsistencyProof::parse(json)?.verify(Some(&signer().verifier()))
}

#[test]
fn a_file_tells_of_an_entry_what_there_is_to_tell() {
    let entries = log(11);
    let report = verify_entry(&of_entry(&entries, 6).to_json()).unwrap();
    assert_eq!((report.log, report.index, report.size), (LOG, 6, 11));
    assert_eq!((report.entry, report.root), (entries[6].0.clone(), tree(&entries).root()));
    assert_eq!((report.openings[0].value.as_str(), report.erased, report.key_expected), ("Thing 6", 0, true));
    let report = of_entry(&entries, 6).verify(None).unwrap();
    assert!(!report.key_expected);
}

#[test]
fn erased_values_are_counted() {
    let mut entries = log(3);
    entries[1].1.clear();
    assert_eq!(of_entry(&entries, 1).verify(None).unwrap().erased, 1);
}

#[test]
fn an_entry_that_is_not_in_the_tree_is_not_proved() {
    let entries = log(11);
    let mut other = entries.clone();
    other[6].0.action = Action::new("member.resumed");
    // The honest tree, and an entry that was changed.
    let text = String::from_utf8(other[6].0.canonical()).unwrap();
    let honest = path(&entries, inclusion(6, 11));
    let key = signer().verifier();
    let proof = |note: String, path| EntryProof::new(&text, Vec::new(), note, &key, path).unwrap().verify(None);
    assert_eq!(proof(note(&entries), honest.clone()).unwrap_err(), ProofError::Path(6));
    assert_eq!(proof(note(&entries), path(&other, inclusion(6, 11))).unwrap_err(), ProofError::Path(6));
    assert_eq!(proof(note(&entries[..6]), honest).unwrap_err(), ProofError::Beyond { index: 6, size: 6 });
    assert!(proof(note(&other), path(&other, inclusion(6, 11))).is_ok());
}

#[test]
fn the_entry_must_be_of_the_checkpoints_log_and_canonical() {
    let mut entries = log(2);
    let json = of_entry(&entries, 1).to_json();
    let spaced = json.replace(r#""v":1}"#, r#""v": 1}"#);
    let refused = ProofError::Entry { index: 0, problem: ParseError::NotCanonical.into() };
    assert_eq!(verify_entry(&spaced), Err(refused));
    let foreign = json.replace("Thing 1", "Thing 2");
    assert_eq!(verify_entry(&foreign), Err(ProofError::Entry { index: 1, problem: Problem::Opening }));
    let other = LogId::Tenant(crate::ids::TenantId(uuid::Uuid::nil()));
    entries[1].0.log = other;
    let refused = ProofError::Entry { index: 1, problem: Problem::AnotherLog(other) };
    assert_eq!(of_entry(&entries, 1).verify(None), Err(refused));
}

#[test]
fn a_log_that_has_only_grown_is_seen_to_have() {
    let entries = log(11);
    for from in 0..=11 {
        let report = verify_growth(&of_growth(&entries, from).to_json()).unwrap();
        assert_eq!((report.log, report.from, report.to), (LOG, from as u64, 11));
        assert_eq!((report.from_root, report.to_root), (tree(&entries[..from]).root(), tree(&entries).root()));
    }
}

#[test]
fn a_log_that_was_rewritten_or_cut_is_found() {
    let entries = log(11);
    let mut other = entries.clone();
    other[3].0.action = Action::new("member.resumed");
    let key = signer().verifier();
    let prove =
        |from: &Entries, to: &Entries, path| ConsistencyProof::new(note(from), note(to), &key, path).verify(None);
    let before = entries[..6].to_vec();
    for path in [path(&entries, consistency(6, 11)), path(&other, consistency(6, 11)), Vec::new()] {
        assert_eq!(prove(&before, &other, path), Err(ProofError::Rewritten { from: 6, to: 11 }));
    }
    assert_eq!(prove(&entries, &before, Vec::new()), Err(ProofError::Shrunk { from: 11, to: 6 }));
    // Two states of the same size.
    assert_eq!(prove(&entries, &other, Vec::new()), Err(ProofError::Rewritten { from: 11, to: 11 }));
}

#[test]
fn both_checkpoints_must_be_signed_by_the_key_that_is_expected() {
    let entries = log(11);
    let growth = of_growth(&entries, 6).to_json();
    let other = Signer::new(LOG, &[8; 32]).verifier();
    let another = ProofError::AnotherKey(signer().verifier().to_string());
    assert_eq!(of_growth(&entries, 6).verify(Some(&other)).unwrap_err(), another);
    assert_eq!(of_entry(&entries, 6).verify(Some(&other)).unwrap_err(), another);
    let wrong = |from: &str, to: &str| verify_growth(&growth.replace(from, to)).unwrap_err();
    assert_eq!(wrong(r"platform\n6\n", r"platform\n5\n"), ProofError::Earlier(NoteError::BadSignature));
    assert_eq!(wrong(r"platform\n11\n", r"platform\n12\n"), ProofError::Checkpoint(NoteError::BadSignature));
    assert_eq!(wrong("portcullis/platform+", "portcullis/other+"), ProofError::Verifier(MalformedKey));
}

#[test]
fn files_are_read_strictly() {
    let entries = log(3);
    let (entry, growth) = (of_entry(&entries, 1).to_json(), of_growth(&entries, 2).to_json());
    for (from, to) in [
        ("\"v\": 1,\n", "\"v\": 1, \"more\": 1,\n"),
        ("\"v\": 1,\n", "\"v\": 1, \"v\": 1,\n"),
        ("\"v\": 1,\n", ""),
        ("\"path\": [", "\"path\": [1"),
        ("}\n", "} x"),
    ] {
        for json in [&entry, &growth] {
            assert!(json.contains(from), "{from}");
            let json = json.replacen(from, to, 1).replace("} x\n", "}");
            let refused = (EntryProof::parse(&json).unwrap_err(), ConsistencyProof::parse(&json).unwrap_err());
            assert!(matches!(refused, (ProofError::Malformed(_), ProofError::Malformed(_))), "{to}");
        }
    }
    assert_eq!(verify_entry(&entry.replace("\"v\": 1,\n", "\"v\": 2,\n")), Err(ProofError::Version(2)));
    assert_eq!(verify_growth(&growth.replace("\"v\": 1", "\"v\": 2")), Err(ProofError::Version(2)));
    // In any layout, but for the entry itself.
    let compact = entry.replace("\n  \"", "\"").replace("\": \"", "\":\"");
    assert!(verify_entry(&compact).is_ok());
}

proptest! {
    #[test]
    fn every_entry_of_a_log_of_every_size_is_proved(size in 1_u64..70, index: prop::sample::Index) {
        let entries = log(size);
        let index = index.index(entries.len());
        let report = verify_entry(&of_entry(&entries, index).to_json()).unwrap();
        prop_assert_eq!(&report.entry, &entries[index].0);
        prop_assert_eq!(verify_growth(&of_growth(&entries, index).to_json()).unwrap().from, index as u64);
    }

    #[test]
    fn any_changed_byte_of_a_proof_is_found(at: prop::sample::Index, flip in 1_u8..) {
        let entries = log(5);
        for json in [of_entry(&entries, 2).to_json(), of_growth(&entries, 3).to_json()] {
            let mut bytes = json.into_bytes();
            let at = at.index(bytes.len());
            // Between the members there may be any blank.
            prop_assume!(!bytes[at].is_ascii_whitespace());
            bytes[at] ^= flip;
            let Ok(json) = String::from_utf8(bytes) else { continue };
            prop_assert!(verify_entry(&json).is_err() && verify_growth(&json).is_err(), "{}", json);
        }
    }
}
