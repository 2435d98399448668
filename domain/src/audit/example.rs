//! The example of `docs/audit-log.md`, computed: what stands there is what this program writes and takes.

use time::macros::datetime;
use uuid::Uuid;

use super::{
    Action, Actor, Checkpoint, ConsistencyProof, Context, Draft, Entry, EntryProof, Expected, FileVerifier, Frontier,
    Hash, LogId, Opening, Personal, Signer, Verdict,
    export::{Manifest, entry_line, gap_line, manifest_line, removed_line},
};
use crate::ids::AccountId;

const DOC: &str = include_str!("../../../docs/audit-log.md");

fn signer() -> Signer {
    Signer::new(LogId::Platform, &[7; 32])
}

/// Three entries; the last has two personal values.
fn log() -> Vec<(Entry, Vec<Opening>)> {
    let ada = AccountId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
    let drafts = [
        Draft::done(Action::new("organization.suspended"), Actor::operator()).unnamed_target("organization", "7"),
        Draft::done(Action::new("session.ended"), Actor::system()).unnamed_target("session", "42"),
        Draft::done(Action::new("account.profile_changed"), Actor::person(ada, "Ada"))
            .unnamed_target("account", ada)
            .changed("name", Personal("Ada".into()), Personal("Ada \"Countess\" Lovelace".into()))
            .within(Context::request("r-1", None, None)),
    ];
    let mut salt = 0;
    let mut salts = || {
        salt += 1;
        [salt; 32]
    };
    let seal = |(index, draft): (u64, Draft)| {
        draft.seal(LogId::Platform, index, datetime!(2026-01-02 03:04:05.000_006 UTC), &mut salts)
    };
    (0..).zip(drafts).map(seal).collect()
}

fn leaves() -> Vec<Hash> {
    log().iter().map(|(entry, _)| entry.leaf()).collect()
}

fn tree(size: usize) -> Frontier {
    leaves()[..size].iter().copied().collect()
}

fn note(size: usize) -> String {
    Checkpoint::of(LogId::Platform, &tree(size)).sign(&signer())
}

fn canonical(index: usize) -> String {
    String::from_utf8(log()[index].0.canonical()).unwrap()
}

fn line(index: usize) -> String {
    entry_line(&canonical(index), leaves()[index], log()[index].1.clone()).unwrap()
}

fn manifest() -> Manifest {
    Manifest::new(LogId::Platform, &Frontier::default(), &tree(3), datetime!(2026-01-03 0:00 UTC), &signer())
}

/// Everything below must stand in the document, as a block or as a word of it.
fn stands_there(what: &str, text: &str) {
    assert!(DOC.contains(text), "{what} does not stand in docs/audit-log.md:\n{text}");
}

/// A file must stand there, and verify.
fn is_a_good_file(what: &str, file: &str) -> Verdict {
    stands_there(what, file);
    let expected = Expected { key: Some(signer().verifier()), checkpoints: vec![note(2)] };
    let mut verifier = FileVerifier::new(expected);
    verifier.push(file.as_bytes()).unwrap();
    verifier.finish().unwrap()
}

#[test]
fn entries_and_their_hashes() {
    for (index, (entry, openings)) in log().iter().enumerate() {
        stands_there("an entry", &format!("\n{}\n", canonical(index)));
        stands_there("a leaf", &format!("leaf {index} = {}\n", entry.leaf()));
        for opening in openings {
            let commitment = opening.commitment().0.to_string();
            stands_there("a commitment", &commitment);
            stands_there("an opening", &serde_json::to_string(opening).unwrap());
        }
    }
    stands_there("a node", &format!("node(leaf 0, leaf 1) = {}\n", tree(2).root()));
    stands_there("the root", &format!("root = node(node(leaf 0, leaf 1), leaf 2) = {}\n", tree(3).root()));
}

#[test]
fn key_and_checkpoint() {
    stands_there("the key", &format!("\n{}\n", signer().verifier()));
    stands_there("the checkpoint", &format!("\n{}```", note(3)));
}

#[test]
fn exports() {
    let whole = [manifest_line(manifest()), line(0), line(1), line(2)].join("\n") + "\n";
    assert!(matches!(is_a_good_file("the export", &whole), Verdict::Export(report) if report.entries == 3));

    let gap = gap_line(0, 2, &[tree(2).root()]);
    let filtered =
        [manifest_line(manifest().filtered("action=account.profile_changed")), gap, line(2)].join("\n") + "\n";
    assert!(
        matches!(is_a_good_file("the filtered export", &filtered), Verdict::Export(report) if report.withheld == 2)
    );

    let removed = [manifest_line(manifest()), removed_line(0, leaves()[0]), line(1), line(2)].join("\n") + "\n";
    stands_there("the line of a removed entry", &format!("\n{}\n", removed_line(0, leaves()[0])));
    let mut verifier = FileVerifier::new(Expected::default());
    verifier.push(removed.as_bytes()).unwrap();
    assert!(matches!(verifier.finish(), Ok(Verdict::Export(report)) if report.removed == 1));
}

#[test]
fn proofs() {
    let key = signer().verifier();
    let path = vec![leaves()[0], leaves()[2]];
    let proof = EntryProof::new(&canonical(1), Vec::new(), note(3), &key, path).unwrap().to_json();
    assert!(matches!(is_a_good_file("the proof of an entry", &proof), Verdict::Entry(report) if report.index == 1));
    let proof = ConsistencyProof::new(note(2), note(3), &key, vec![leaves()[2]]).to_json();
    assert!(
        matches!(is_a_good_file("the proof of consistency", &proof), Verdict::Consistency(report) if report.from == 2)
    );
}
