use proptest::prelude::*;
use time::macros::datetime;
use uuid::Uuid;

use super::*;
use crate::{
    audit::{
        Checkpoint, Frontier, NoteError, Signer,
        export::{Manifest, damaged_line, entry_line, leaf_line, manifest_line, unreadable_line},
        merkle::perfect,
        strategies,
    },
    ids::TenantId,
};

mod gaps;
mod kept;
mod tampering;

const LOG: LogId = LogId::Tenant(TenantId(Uuid::from_u128(7)));
const ANOTHER_LOG: LogId = LogId::Platform;

type Entries = Vec<(Entry, Vec<Opening>)>;

fn signer() -> Signer {
    Signer::new(LOG, &[7; 32])
}

fn frontier(entries: &[(Entry, Vec<Opening>)]) -> Frontier {
    entries.iter().map(|(entry, _)| entry.leaf()).collect()
}

fn manifest(entries: &[(Entry, Vec<Opening>)], from: usize) -> Manifest {
    let at = datetime!(2026-01-02 03:04:05 UTC);
    Manifest::new(LOG, &frontier(&entries[..from]), &frontier(entries), at, &signer())
}

fn line((entry, openings): &(Entry, Vec<Opening>)) -> String {
    let text = String::from_utf8(entry.canonical()).unwrap();
    entry_line(&text, entry.leaf(), openings.clone()).unwrap()
}

/// The lines of an export from an index on.
fn export_from(entries: &[(Entry, Vec<Opening>)], from: usize) -> Vec<String> {
    let manifest = manifest_line(manifest(entries, from));
    std::iter::once(manifest).chain(entries[from..].iter().map(line)).collect()
}

fn export(entries: &[(Entry, Vec<Opening>)]) -> Vec<String> {
    export_from(entries, 0)
}

fn verify(lines: &[String]) -> Result<Report, VerifyError> {
    verify_export(lines.join("\n").as_bytes(), Some(&signer().verifier()), &[])
}

fn note(frontier: &Frontier) -> String {
    Checkpoint::of(LOG, frontier).sign(&signer())
}

/// Three entries that are always the same.
fn three() -> Entries {
    use crate::audit::{Action, Actor, Draft, Personal};
    let names = ["Ada", "Bob", "Eve"];
    let seal = |(index, name): (u64, &str)| {
        Draft::done(Action::new("member.suspended"), Actor::system())
            .target("member", index, Personal(name.into()))
            .seal(LOG, index, datetime!(2026-01-02 03:04:05 UTC), &mut strategies::salts())
    };
    (0..).zip(names).map(seal).collect()
}

fn wrong(index: u64, problem: Problem) -> Result<Report, VerifyError> {
    Err(VerifyError::Entry { index, problem })
}

#[test]
fn a_whole_export_is_reported() {
    let entries = three();
    let report = Report {
        log: LOG,
        filter: None,
        from: 0,
        size: 3,
        root: frontier(&entries).root(),
        entries: 3,
        withheld: 0,
        removed: 0,
        erased: 0,
        verifier: signer().verifier().to_string(),
        key_expected: true,
        continues: Vec::new(),
        unchecked: Vec::new(),
    };
    assert_eq!(verify(&export(&entries)), Ok(report));
}

#[test]
fn an_empty_log_has_an_export_too() {
    assert_eq!(verify(&export(&[])).unwrap().size, 0);
}

#[test]
fn erased_values_are_counted_and_the_log_stays_verifiable() {
    let mut entries = three();
    entries[1].1.clear();
    assert_eq!(verify(&export(&entries)).unwrap().erased, 1);
}

#[test]
fn what_a_filter_leaves_out_is_there_as_a_hash() {
    let entries = three();
    let mut lines = export(&entries);
    lines[0] = manifest_line(manifest(&entries, 0).filtered("actor=Bob"));
    lines[1] = leaf_line(0, entries[0].0.leaf());
    lines[3] = leaf_line(2, entries[2].0.leaf());
    let report = verify(&lines).unwrap();
    assert_eq!((report.entries, report.withheld), (1, 2));
    assert_eq!(report.filter.as_deref(), Some("actor=Bob"));

    lines[1] = leaf_line(0, entries[1].0.leaf());
    assert_eq!(verify(&lines), Err(VerifyError::Root));
    lines[1] = leaf_line(1, entries[0].0.leaf());
    assert_eq!(verify(&lines), wrong(0, Problem::AnotherIndex(1)));
}

#[test]
fn nothing_is_left_out_of_an_export_of_everything() {
    let entries = three();
    let mut lines = export(&entries);
    lines[2] = leaf_line(1, entries[1].0.leaf());
    assert_eq!(verify(&lines), wrong(1, Problem::LeftOut));
}

#[test]
fn an_entry_that_was_damaged_before_the_export_is_named() {
    let mut lines = export(&three());
    lines[2] = damaged_line(1);
    assert_eq!(verify(&lines), wrong(1, Problem::Damaged));
}

#[test]
fn an_export_without_its_first_line_is_refused() {
    let lines = export(&three());
    for lines in [&[], &lines[1..]] {
        assert!(matches!(verify(lines), Err(VerifyError::Manifest(_))));
    }
}

#[test]
fn missing_surplus_and_swapped_lines_are_named() {
    let lines = export(&three());
    assert_eq!(verify(&lines[..3]), wrong(2, Problem::Missing));

    let mut surplus = lines.clone();
    surplus.push(lines[3].clone());
    assert_eq!(verify(&surplus), wrong(3, Problem::Surplus));

    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    assert_eq!(verify(&swapped), wrong(0, Problem::AnotherIndex(1)));

    let mut dropped = lines;
    dropped.remove(2);
    assert_eq!(verify(&dropped), wrong(1, Problem::AnotherIndex(2)));
}

#[test]
fn a_changed_entry_is_named() {
    let mut lines = export(&three());
    lines[2] = lines[2].replace("member.suspended", "member.removed");
    assert_eq!(verify(&lines), wrong(1, Problem::Hash));
}

#[test]
fn an_entry_changed_together_with_its_hash_is_found_by_the_root() {
    let mut entries = three();
    let honest = manifest_line(manifest(&entries, 0));
    entries[1].0.action = crate::audit::Action::new("member.removed");
    let mut lines = export(&entries);
    lines[0] = honest;
    assert_eq!(verify(&lines), Err(VerifyError::Root));
}

#[test]
fn an_entry_of_another_log_is_named() {
    let mut entries = three();
    entries[1].0.log = ANOTHER_LOG;
    assert_eq!(verify(&export(&entries)), wrong(1, Problem::AnotherLog(ANOTHER_LOG)));
}

#[test]
fn disclosed_values_must_be_those_of_the_entry() {
    let mut entries = three();
    entries[0].1[0].value = "Ado".into();
    assert_eq!(verify(&export(&entries)), wrong(0, Problem::Opening));
}

#[test]
fn values_that_were_unreadable_are_named_and_not_taken_for_erased() {
    let entries = three();
    let mut lines = export(&entries);
    let (entry, _) = &entries[1];
    lines[2] = unreadable_line(&String::from_utf8(entry.canonical()).unwrap(), entry.leaf()).unwrap();
    assert_eq!(verify(&lines), wrong(1, Problem::Sealed));
    // Saying that they are readable is what every other line does by not mentioning it.
    lines[2] = lines[2].replace("\"unreadable\":true", "\"unreadable\":false");
    assert_eq!(verify(&lines), wrong(1, Problem::NotCanonical));
}

#[test]
fn a_line_in_another_form_is_named() {
    let mut lines = export(&three());
    lines[1] = lines[1].replace(r#","hash""#, r#", "hash""#);
    assert_eq!(verify(&lines), wrong(0, Problem::NotCanonical));
}

#[test]
fn the_key_must_be_the_expected_one() {
    let lines = export(&three()).join("\n");
    let other = Signer::new(LOG, &[8; 32]).verifier();
    let refused = verify_export(lines.as_bytes(), Some(&other), &[]);
    assert_eq!(refused, Err(VerifyError::AnotherKey(signer().verifier().to_string())));
    assert!(!verify_export(lines.as_bytes(), None, &[]).unwrap().key_expected);
}

#[test]
fn the_checkpoint_must_be_signed_and_that_of_the_manifest() {
    let entries = three();
    let forged = |forge: fn(&mut Manifest)| {
        let mut lines = export(&entries);
        let mut manifest = manifest(&entries, 0);
        forge(&mut manifest);
        lines[0] = manifest_line(manifest);
        verify(&lines).unwrap_err()
    };
    let bad_signature = forged(|manifest| manifest.checkpoint = manifest.checkpoint.replace("\n3\n", "\n4\n"));
    assert_eq!(bad_signature, VerifyError::Checkpoint(NoteError::BadSignature));
    for forge in [
        |manifest: &mut Manifest| manifest.size = 4,
        |manifest: &mut Manifest| manifest.root = Hash([0; 32]),
        |manifest: &mut Manifest| manifest.log = ANOTHER_LOG,
        |manifest: &mut Manifest| manifest.checkpoint = note(&Frontier::default()),
    ] {
        assert_eq!(forged(forge), VerifyError::AnotherCheckpoint);
    }
    for forge in [
        |manifest: &mut Manifest| manifest.v = 3,
        |manifest: &mut Manifest| manifest.v = 0,
        |manifest: &mut Manifest| manifest.from = 4,
        |manifest: &mut Manifest| manifest.peaks = vec![Hash([0; 32])],
        |manifest: &mut Manifest| manifest.verifier = "key".into(),
    ] {
        assert!(matches!(forged(forge), VerifyError::Manifest(_)));
    }
}

proptest! {
    #[test]
    fn any_range_of_any_log_verifies(entries in strategies::entries(LOG, 12), from: prop::sample::Index) {
        let from = from.index(entries.len() + 1);
        let report = verify(&export_from(&entries, from)).unwrap();
        prop_assert_eq!((report.from, report.entries), (from as u64, (entries.len() - from) as u64));
    }

    #[test]
    fn any_changed_byte_of_an_entry_is_found_at_its_index(
        entries in strategies::entries(LOG, 3), line: prop::sample::Index, at: prop::sample::Index, flip in 1_u8..,
    ) {
        let mut lines: Vec<Vec<u8>> = export(&entries).into_iter().map(String::into_bytes).collect();
        let index = line.index(entries.len());
        let at = at.index(lines[index + 1].len());
        lines[index + 1][at] ^= flip;
        let refused = verify_export(lines.join(&b'\n').as_slice(), None, &[]).unwrap_err();
        prop_assert_eq!(refused.index(), Some(index as u64), "{}", refused);
    }
}
