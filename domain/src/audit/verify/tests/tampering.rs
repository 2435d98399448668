//! Somebody changes an export, or the log that it is made of.

use super::*;
use crate::audit::{Action, Draft};

/// The lines with one entry changed.
fn changed(entries: &Entries, index: usize) -> Entries {
    let mut changed = entries.clone();
    changed[index].0.action = Action::new("member.removed");
    changed
}

fn against(lines: &[String], notes: &[&str]) -> Result<Report, VerifyError> {
    verify_export(lines.join("\n").as_bytes(), Some(&signer().verifier()), notes)
}

#[test]
fn an_edit_with_its_hash_computed_anew_is_found_by_the_root() {
    let entries = three();
    let mut lines = export(&entries);
    lines[2] = line(&changed(&entries, 1)[1]);
    assert_eq!(verify(&lines), Err(VerifyError::Root));
    // A kept checkpoint says between which sizes it is.
    let kept = [note(&frontier(&entries[..1])), note(&frontier(&entries[..2]))];
    assert_eq!(against(&lines, &[&kept[0], &kept[1]]), Err(VerifyError::Rewritten { intact: 1, broken: 2 }));
}

#[test]
fn an_edit_with_everything_computed_anew_and_signed_is_found_by_a_kept_checkpoint() {
    let entries = three();
    let lines = export(&changed(&entries, 1));
    assert!(verify(&lines).is_ok());
    let kept = [note(&frontier(&entries[..1])), note(&frontier(&entries))];
    assert_eq!(against(&lines, &[&kept[0], &kept[1]]), Err(VerifyError::Rewritten { intact: 1, broken: 3 }));
    assert_eq!(against(&lines, &[&kept[1]]), Err(VerifyError::Rewritten { intact: 0, broken: 3 }));
}

#[test]
fn an_edit_signed_by_somebody_else_is_found_by_the_key() {
    let entries = changed(&three(), 1);
    let other = Signer::new(LOG, &[8; 32]);
    let mut lines = export(&entries);
    let at = datetime!(2026-01-02 03:04:05 UTC);
    lines[0] = manifest_line(Manifest::new(LOG, &Frontier::default(), &frontier(&entries), at, &other));
    assert_eq!(verify(&lines), Err(VerifyError::AnotherKey(other.verifier().to_string())));
}

#[test]
fn a_truncated_tail_is_found_with_the_old_manifest_and_with_a_new_one() {
    let entries = three();
    let lines = export(&entries);
    assert_eq!(verify(&lines[..2]), wrong(1, Problem::Missing));
    // A new manifest is a smaller log, which only a kept checkpoint knows better.
    let kept = note(&frontier(&entries));
    let cut = export(&entries[..1]);
    assert!(verify(&cut).is_ok());
    assert_eq!(against(&cut, &[&kept]), Err(VerifyError::Shrunk(3)));
    // With the old checkpoint in it.
    let mut manifest = manifest(&entries[..1], 0);
    manifest.checkpoint.clone_from(&kept);
    let lines = [manifest_line(manifest), lines[1].clone()];
    assert_eq!(verify(&lines), Err(VerifyError::AnotherCheckpoint));
}

#[test]
fn entries_in_another_order_are_found_also_when_their_indexes_are_exchanged() {
    let mut entries = three();
    entries.swap(0, 1);
    assert_eq!(verify(&export(&entries)), wrong(0, Problem::AnotherIndex(1)));
    let honest = manifest_line(manifest(&three(), 0));
    (entries[0].0.index, entries[1].0.index) = (0, 1);
    let mut lines = export(&entries);
    lines[0] = honest;
    assert_eq!(verify(&lines), Err(VerifyError::Root));
}

#[test]
fn a_gap_without_a_line_for_it_is_found() {
    let mut lines = export(&three());
    lines.remove(1);
    assert_eq!(verify(&lines), wrong(0, Problem::AnotherIndex(1)));
}

#[test]
fn entries_of_another_organization_are_found_however_they_are_put_in() {
    use crate::audit::Actor;
    let entries = three();
    let seal = |index| {
        let draft = Draft::done(Action::new("member.suspended"), Actor::system()).unnamed_target("thing", "one");
        draft.seal(ANOTHER_LOG, index, datetime!(2026-01-02 03:04:05 UTC), &mut strategies::salts())
    };
    let foreign: Entries = (0..3).map(seal).collect();
    let mut lines = export(&entries);
    lines[2] = line(&foreign[1]);
    assert_eq!(verify(&lines), wrong(1, Problem::AnotherLog(ANOTHER_LOG)));

    // The whole log in place of this one, with a manifest of this one's.
    let foreign_lines = export(&foreign);
    assert_eq!(verify(&foreign_lines), wrong(0, Problem::AnotherLog(ANOTHER_LOG)));
    // With its own manifest, key and all.
    let at = datetime!(2026-01-02 03:04:05 UTC);
    let other = Signer::new(ANOTHER_LOG, &[7; 32]);
    let manifest = Manifest::new(ANOTHER_LOG, &Frontier::default(), &frontier(&foreign), at, &other);
    let lines = [vec![manifest_line(manifest)], foreign_lines[1..].to_vec()].concat();
    assert!(matches!(verify(&lines), Err(VerifyError::AnotherKey(_))));
    assert!(verify_export(lines.join("\n").as_bytes(), None, &[]).is_ok());
}

#[test]
fn openings_of_another_entry_or_used_twice_are_found() {
    let mut entries = three();
    let foreign = entries[1].1[0].clone();
    entries[0].1[0] = foreign;
    assert_eq!(verify(&export(&entries)), wrong(0, Problem::Opening));
    let mut entries = three();
    let twice = entries[0].1[0].clone();
    entries[0].1.push(twice);
    assert_eq!(verify(&export(&entries)), wrong(0, Problem::Opening));
}

#[test]
fn lines_that_end_in_another_way_are_not_the_ones_that_were_made() {
    let lines = export(&three()).join("\r\n");
    assert!(matches!(verify_export(lines.as_bytes(), None, &[]), Err(VerifyError::Manifest(_))));
    let lines = export(&three());
    let only_one = [&lines[0], "\n", &lines[1], "\r\n", &lines[2], "\n", &lines[3], "\n"].concat();
    assert_eq!(verify_export(only_one.as_bytes(), None, &[]), wrong(0, Problem::NotCanonical));
}

proptest! {
    /// What the manifest says of itself alone, when it was made and what was asked for, is not signed.
    #[test]
    fn any_changed_byte_anywhere_is_found(at: prop::sample::Index, flip in 1_u8..) {
        let text = export(&three()).join("\n") + "\n";
        let (begin, end) = (text.find("2026").unwrap(), text.find(r#"Z","checkpoint""#).unwrap());
        let at = at.index(text.len());
        prop_assume!(!(begin..end).contains(&at));
        let mut bytes = text.into_bytes();
        bytes[at] ^= flip;
        prop_assert!(verify_export(bytes.as_slice(), None, &[]).is_err());
    }
}
