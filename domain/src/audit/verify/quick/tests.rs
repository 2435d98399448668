use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::audit::{Action, Actor, Draft, Entry, LogId, Opening, export, strategies, verify};

const LOG: LogId = LogId::Platform;

fn line((entry, openings): &(Entry, Vec<Opening>)) -> String {
    let text = String::from_utf8(entry.canonical()).unwrap();
    export::entry_line(&text, entry.leaf(), openings.clone()).unwrap()
}

fn quickly(line: &str, log: LogId, index: u64) -> Option<Checked> {
    entry_line(line.as_bytes(), &log.to_string(), index)
}

/// What the careful way says of a line.
fn carefully(line: &str, log: LogId, index: u64) -> Option<Checked> {
    let line: export::EntryLine = verify::read(line).ok()?;
    let entry = Entry::parse(line.entry.get().as_bytes()).ok()?;
    let is_its_own = entry.leaf() == line.hash && entry.log == log && entry.index == index && !line.unreadable;
    let erased = verify::undisclosed(&entry, &line.openings)?;
    is_its_own.then_some(Checked { leaf: line.hash, erased })
}

/// Texts that are likely to be taken for one another.
fn tokens() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "0",
        "1",
        "7",
        "9",
        "60",
        "29",
        "30",
        "31",
        "02",
        "T",
        "Z",
        "-",
        "+",
        ".",
        ",",
        ":",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "\\",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\n",
        "\\u0000",
        "\\u0008",
        "\\u000a",
        "\\u000B",
        "\\u001f",
        "\\u0020",
        "\\ud800",
        "\u{7f}",
        "\u{e9}",
        "\u{2028}",
        "\n",
        "\t",
        " ",
        "a",
        "A",
        "f",
        "F",
        "g",
        "=",
        "true",
        "null",
        "e0",
        "platform",
        "\"id\":",
        "\"name\":",
        "\"public\":",
        "\"commit\":",
        "\"reason\":",
        "\"ip\":",
        "\"unreadable\":true",
        "1e3",
        "00",
    ])
}

#[test]
fn both_ways_know_the_same_days() {
    let draft = Draft::done(Action::new("member.suspended"), Actor::system()).unnamed_target("thing", "one");
    let (entry, _) = draft.seal(LOG, 0, datetime!(2026-01-02 03:04:05 UTC), &mut strategies::salts());
    let text = String::from_utf8(entry.canonical()).unwrap();
    let is_known = |time: &str| {
        let text = text.replace("2026-01-02T03:04:05.000000Z", time);
        let line = export::entry_line(&text, leaf_hash(text.as_bytes()), Vec::new()).unwrap();
        let (quickly, carefully) = (quickly(&line, LOG, 0), carefully(&line, LOG, 0));
        assert_eq!(quickly, carefully, "{time}");
        quickly.is_some()
    };
    for time in [
        "2026-01-31T23:59:59.999999Z",
        "2024-02-29T00:00:00.000000Z",
        "2000-02-29T00:00:00.000000Z",
        "0000-02-29T00:00:00.000000Z",
        "9999-12-31T00:00:00.000000Z",
    ] {
        assert!(is_known(time), "{time}");
    }
    for time in [
        "2026-02-29T00:00:00.000000Z",
        "1900-02-29T00:00:00.000000Z",
        "2026-04-31T00:00:00.000000Z",
        "2026-00-01T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z",
        "2026-01-00T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z",
        "2026-01-01T00:60:00.000000Z",
        "2026-01-01T00:00:60.000000Z",
        "2026-01-01 00:00:00.000000Z",
        "2026-01-01T00:00:00.000000+",
        "2026-01-01T00:00:00.00000aZ",
    ] {
        assert!(!is_known(time), "{time}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_has_no_escaped_value_to_disclose_goes_quickly(entries in strategies::entries(LOG, 3)) {
        for (index, entry) in (0..).zip(&entries) {
            let line = line(entry);
            let found = quickly(&line, LOG, index);
            let is_plain = entry.1.iter().all(|opening| {
                let written = serde_json::to_string(&opening.value).unwrap();
                written.len() == opening.value.len() + 2
            });
            prop_assert_eq!(found.is_some(), is_plain);
            if is_plain {
                prop_assert_eq!(found, carefully(&line, LOG, index));
            }
            prop_assert_eq!(quickly(&line, LOG, index + 1), None);
            prop_assert_eq!(quickly(&line, LogId::Tenant(crate::ids::TenantId(uuid::Uuid::nil())), index), None);
        }
    }

    /// The careful way takes all that the quick one takes: whatever is done to a line, with everything that depends on the
    /// entry computed anew.
    #[test]
    fn the_quick_way_takes_nothing_that_the_careful_one_refuses(
        entries in strategies::entries(LOG, 1),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, tokens()), 1..3),
        mended: bool,
    ) {
        let (entry, openings) = &entries[0];
        let mut text = String::from_utf8(entry.canonical()).unwrap();
        let mut whole = line(&entries[0]);
        let target = if mended { &mut text } else { &mut whole };
        for (at, length, token) in changes {
            let places: Vec<usize> = target.char_indices().map(|(at, _)| at).collect();
            let at = at.index(places.len());
            let end = places.get(at + length).copied().unwrap_or(target.len());
            target.replace_range(places[at]..end, token);
        }
        if mended {
            let Ok(again) = export::entry_line(&text, leaf_hash(text.as_bytes()), openings.clone()) else { return Ok(()) };
            whole = again;
        }
        for log in [LOG, LogId::Tenant(crate::ids::TenantId(uuid::Uuid::nil()))] {
            for index in 0..2 {
                if let Some(found) = quickly(&whole, log, index) {
                    prop_assert_eq!(Some(found), carefully(&whole, log, index));
                }
            }
        }
    }
}
