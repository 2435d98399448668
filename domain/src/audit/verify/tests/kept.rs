//! What checkpoints that were kept find out.

use super::*;
use crate::audit::Checkpoint;

/// So many entries, always the same; from the other end on they are another history.
fn log(size: u64, rewritten_from: u64) -> Entries {
    use crate::audit::{Action, Actor, Draft};
    let at = datetime!(2026-01-02 03:04:05 UTC);
    let seal = |index| {
        let target = if index >= rewritten_from { "another" } else { "one" };
        let draft = Draft::done(Action::new("member.suspended"), Actor::system()).unnamed_target("thing", target);
        draft.seal(LOG, index, at, &mut strategies::salts())
    };
    (0..size).map(seal).collect()
}

fn honest(size: u64) -> Entries {
    log(size, u64::MAX)
}

fn notes(sizes: &[usize], of: &[(Entry, Vec<Opening>)]) -> Vec<String> {
    sizes.iter().map(|size| note(&frontier(&of[..*size]))).collect()
}

fn against(lines: &[String], notes: &[String]) -> Result<Report, VerifyError> {
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    verify_export(lines.join("\n").as_bytes(), None, &notes)
}

#[test]
fn all_kept_checkpoints_are_compared_in_whatever_order_they_come() {
    let entries = honest(20);
    let report = against(&export(&entries), &notes(&[13, 0, 20, 7, 7], &entries)).unwrap();
    assert_eq!((report.continues, report.unchecked), (vec![0, 7, 13, 20], vec![]));
}

#[test]
fn what_was_rewritten_lies_between_two_kept_checkpoints() {
    let kept = notes(&[3, 8, 12, 20], &honest(20));
    for (from, intact, broken) in [(0, 0, 3), (2, 0, 3), (3, 3, 8), (7, 3, 8), (8, 8, 12), (15, 12, 20)] {
        // Everything behind it is computed anew, and signed.
        let rewritten = export(&log(25, from));
        assert!(verify(&rewritten).is_ok(), "by itself it is a good log");
        assert_eq!(against(&rewritten, &kept), Err(VerifyError::Rewritten { intact, broken }), "{from}");
    }
    assert!(against(&export(&log(25, 20)), &kept).is_ok());
}

#[test]
fn a_log_that_was_cut_or_restored_is_refused() {
    let (cut, kept) = (export(&honest(10)), notes(&[4, 12], &honest(12)));
    assert_eq!(against(&cut, &kept), Err(VerifyError::Shrunk(12)));
    // It went on after it was restored.
    assert_eq!(against(&export(&log(15, 10)), &kept), Err(VerifyError::Rewritten { intact: 4, broken: 12 }));
}

#[test]
fn a_fork_is_seen_by_whoever_has_a_checkpoint_of_each_branch() {
    let (one, other) = (honest(9), log(9, 6));
    let kept = [notes(&[5, 9], &one), notes(&[9], &other)].concat();
    let forked = Err(VerifyError::Kept(KeptError::Forked(9)));
    assert_eq!(against(&export(&honest(12)), &kept), forked);
    // With one alone, by the export of the other branch.
    assert_eq!(against(&export(&other), &kept[..2]), Err(VerifyError::Rewritten { intact: 5, broken: 9 }));
}

#[test]
fn checkpoints_before_the_first_line_are_not_said_to_be_compared() {
    let entries = honest(12);
    let lines = export_from(&entries, 6);
    let report = against(&lines, &notes(&[2, 6, 9], &entries)).unwrap();
    assert_eq!((report.continues, report.unchecked), (vec![6, 9], vec![2]));
    assert_eq!(against(&lines, &notes(&[2, 5], &entries)), Err(VerifyError::BeginsAfter(5)));
}

#[test]
fn a_checkpoint_that_is_none_of_this_log_is_named() {
    let entries = honest(3);
    let other = Checkpoint::of(ANOTHER_LOG, &frontier(&entries)).sign(&Signer::new(ANOTHER_LOG, &[7; 32]));
    let mut kept = notes(&[1, 2], &entries);
    kept.push(other);
    let wrong = |number, error| Err(VerifyError::Kept(KeptError::Wrong { number, error }));
    assert_eq!(against(&export(&entries), &kept), wrong(3, NoteError::Unsigned));
    kept[2].clear();
    assert_eq!(against(&export(&entries), &kept), wrong(3, NoteError::Malformed));
    kept[1] = kept[1].replace("\n2\n", "\n3\n");
    assert_eq!(against(&export(&entries), &kept), wrong(2, NoteError::BadSignature));
}

proptest! {
    #[test]
    fn every_earlier_checkpoint_is_a_prefix(entries in strategies::entries(LOG, 12), size: prop::sample::Index) {
        let size = size.index(entries.len() + 1);
        let report = against(&export(&entries), &notes(&[size], &entries)).unwrap();
        prop_assert_eq!(report.continues, [size as u64]);
    }
}
