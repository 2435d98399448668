//! What a filter leaves out, and what retention has taken away.

use super::*;
use crate::audit::export::{gap_line, removed_line};

/// A log of this many entries that say nothing else than others.
fn log(size: u64) -> Entries {
    use crate::audit::{Action, Actor, Draft};
    let at = datetime!(2026-01-02 03:04:05 UTC);
    let draft = || Draft::done(Action::new("member.suspended"), Actor::system()).unnamed_target("thing", "one");
    (0..size).map(|index| draft().seal(LOG, index, at, &mut strategies::salts())).collect()
}

/// The hashes that stand for a range.
fn hashes(entries: &[(Entry, Vec<Opening>)], from: u64, until: u64) -> Vec<Hash> {
    let at = |index| usize::try_from(index).unwrap();
    let subtree =
        |(height, index): (u8, u64)| frontier(&entries[at(index << height)..at((index + 1) << height)]).root();
    perfect(from..until).into_iter().map(subtree).collect()
}

fn gap(entries: &[(Entry, Vec<Opening>)], from: u64, until: u64) -> String {
    gap_line(from, until, &hashes(entries, from, until))
}

fn filtered(entries: &[(Entry, Vec<Opening>)]) -> String {
    manifest_line(manifest(entries, 0).filtered("actor=Bob"))
}

/// 100 entries, of which the filter lets two through.
fn two_of_a_hundred(entries: &Entries) -> Vec<String> {
    vec![
        filtered(entries),
        gap(entries, 0, 5),
        line(&entries[5]),
        gap(entries, 6, 77),
        line(&entries[77]),
        gap(entries, 78, 100),
    ]
}

#[test]
fn what_a_filter_leaves_out_is_one_line_between_two_entries() {
    let entries = log(100);
    let lines = two_of_a_hundred(&entries);
    assert!(lines[3].len() < 12 * 70, "it is a handful of hashes");
    let report = verify(&lines).unwrap();
    assert_eq!((report.entries, report.withheld, report.removed), (2, 98, 0));
    assert_eq!(report.root, frontier(&entries).root());
    assert_eq!(verify(&[filtered(&entries), gap(&entries, 0, 100)]).unwrap().withheld, 100);
    assert_eq!(verify(&[filtered(&entries), gap(&entries, 0, 40), gap(&entries, 40, 100)]).unwrap().withheld, 100);
}

#[test]
fn a_gap_with_another_range_or_other_hashes_is_found() {
    let entries = log(100);
    let lines = two_of_a_hundred(&entries);
    let with = |line: String| {
        let mut lines = lines.clone();
        lines[3] = line;
        verify(&lines)
    };
    let right = hashes(&entries, 6, 77);
    let mut other = right.clone();
    other[2] = Hash([0; 32]);
    assert_eq!(with(gap_line(6, 77, &other)), Err(VerifyError::Root));
    let (found, needed) = (right.len() - 1, right.len());
    assert_eq!(with(gap_line(6, 77, &right[1..])), wrong(6, Problem::GapHashes { found, needed }));
    assert_eq!(with(gap_line(6, 6, &[])), wrong(6, Problem::Gap(6)));
    assert_eq!(with(gap_line(6, 3, &[])), wrong(6, Problem::Gap(3)));
    assert_eq!(with(gap_line(6, 101, &hashes(&log(101), 6, 101))), wrong(6, Problem::Gap(101)));
    assert_eq!(with(gap_line(6, u64::MAX, &right)), wrong(6, Problem::Gap(u64::MAX)));
    assert_eq!(with(gap_line(7, 77, &hashes(&entries, 7, 77))), wrong(6, Problem::AnotherIndex(7)));
    // One entry further, an entry is in the place of another.
    assert_eq!(with(gap(&entries, 6, 76)), wrong(76, Problem::AnotherIndex(77)));
    assert_eq!(with(gap(&entries, 6, 77).replace("\"index\"", " \"index\"")), wrong(6, Problem::NotCanonical));
    let mut twice = right;
    twice.swap(0, 1);
    assert_eq!(with(gap_line(6, 77, &twice)), Err(VerifyError::Root));
}

#[test]
fn a_gap_is_a_filters_and_of_the_second_version() {
    let entries = log(10);
    let lines = [manifest_line(manifest(&entries, 0)), gap(&entries, 0, 10)];
    assert_eq!(verify(&lines), wrong(0, Problem::LeftOut));
    let mut first = manifest(&entries, 0).filtered("actor=Bob");
    first.v = 1;
    assert_eq!(verify(&[manifest_line(first), gap(&entries, 0, 10)]), wrong(0, Problem::NotInVersion));
}

#[test]
fn the_first_version_is_still_read() {
    let entries = log(3);
    let mut first = manifest(&entries, 0).filtered("actor=Bob");
    first.v = 1;
    let leaf = |index: usize| leaf_line(index as u64, entries[index].0.leaf());
    let report = verify(&[manifest_line(first.clone()), leaf(0), line(&entries[1]), leaf(2)]).unwrap();
    assert_eq!((report.entries, report.withheld), (1, 2));
    let removed = removed_line(0, entries[0].0.leaf());
    assert_eq!(verify(&[manifest_line(first), removed, line(&entries[1]), leaf(2)]), wrong(0, Problem::NotInVersion));
}

#[test]
fn removed_entries_are_counted_in_any_export() {
    let entries = three();
    let mut lines = export(&entries);
    lines[2] = removed_line(1, entries[1].0.leaf());
    let report = verify(&lines).unwrap();
    assert_eq!((report.entries, report.withheld, report.removed), (2, 0, 1));

    lines[0] = filtered(&entries);
    assert_eq!(verify(&lines).unwrap().removed, 1);
    lines[2] = removed_line(1, entries[0].0.leaf());
    assert_eq!(verify(&lines), Err(VerifyError::Root));
    lines[2] = removed_line(2, entries[1].0.leaf());
    assert_eq!(verify(&lines), wrong(1, Problem::AnotherIndex(2)));
    lines[2] = removed_line(1, entries[1].0.leaf()).replace("true", "false");
    assert_eq!(verify(&lines), wrong(1, Problem::NotCanonical));
}

#[test]
fn a_checkpoint_within_a_gap_is_compared_only_where_the_tree_can_be_seen() {
    let entries = log(100);
    let lines = two_of_a_hundred(&entries).join("\n");
    let notes: Vec<String> = (0..=100).map(|size| note(&frontier(&entries[..size]))).collect();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    let report = verify_export(lines.as_bytes(), None, &notes).unwrap();
    // 0..5 is 4 and 1; 6..77 is 2, 8, 16, 32, 8, 4 and 1; 78..100 is 2, 16 and 4.
    assert_eq!(report.continues, [0, 4, 5, 6, 8, 16, 32, 64, 72, 76, 77, 78, 80, 96, 100]);
    assert_eq!(report.continues.len() + report.unchecked.len(), 101);

    // What was rewritten within a gap is seen at its end.
    let mut other = entries.clone();
    other[33].0.action = crate::audit::Action::new("member.resumed");
    let lines = two_of_a_hundred(&other).join("\n");
    let refused = verify_export(lines.as_bytes(), None, &notes);
    assert_eq!(refused, Err(VerifyError::Rewritten { intact: 32, broken: 64 }));
    let refused = verify_export(lines.as_bytes(), None, &[notes[33], notes[34], notes[77]]);
    assert_eq!(refused, Err(VerifyError::Rewritten { intact: 0, broken: 77 }));
    assert_eq!(verify_export(lines.as_bytes(), None, &[notes[34]]).unwrap().unchecked, [34]);
}

proptest! {
    #[test]
    fn whatever_a_filter_leaves_out_the_root_is_the_same(lets_through in prop::collection::vec(any::<bool>(), 1..70)) {
        let entries = log(lets_through.len() as u64);
        let mut lines = vec![filtered(&entries)];
        let mut from = 0;
        let through = |index: &u64| lets_through[usize::try_from(*index).unwrap()];
        let size = entries.len() as u64;
        for index in (0..size).filter(through).chain([size]) {
            if from < index {
                lines.push(gap(&entries, from, index));
            }
            if let Some(entry) = entries.get(usize::try_from(index).unwrap()) {
                lines.push(line(entry));
            }
            from = index + 1;
        }
        let report = verify(&lines).unwrap();
        prop_assert_eq!(report.entries + report.withheld, size);
        prop_assert_eq!(report.entries, (0..size).filter(through).count() as u64);
    }
}
