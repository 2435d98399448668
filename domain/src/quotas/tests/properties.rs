//! What holds whatever is asked for, typed or moved.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use time::{Duration, OffsetDateTime};

use super::{NOW, counter, one};
use crate::quotas::{AMOUNT_MAX, Calendar, Item, Ledger, Metric, Thresholds, Unit, Window};

#[derive(Clone, Debug)]
enum Act {
    Reserve(i64),
    Settle(usize, i64),
    GiveBack(usize),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..200_i64).prop_map(Act::Reserve),
        2 => (any::<usize>(), 0..200_i64).prop_map(|(which, amount)| Act::Settle(which, amount)),
        1 => any::<usize>().prop_map(Act::GiveBack),
        1 => (1..100_000_i64).prop_map(Act::Pass),
    ]
}

/// As far from each other as clocks are, and some that go forward and back.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Tokyo",
];

proptest! {
    #[test]
    fn nothing_is_ever_above_its_limit(acts in prop::collection::vec(act(), 1..80)) {
        for metric in [Metric::Memory, Metric::DataSize, Metric::RequestsPerHour, Metric::MonthlyBudget] {
            let mut now = NOW;
            let mut counters = vec![counter(metric, 500, true)];
            let (mut open, mut settled): (Vec<(Item, OffsetDateTime)>, BTreeMap<OffsetDateTime, i64>) = Default::default();
            for act in &acts {
                let mut ledger = Ledger::new(counters, Calendar::default(), now);
                match act {
                    Act::Reserve(amount) => {
                        let before = ledger.counter(metric).unwrap().fill();
                        match ledger.reserve(&one(metric, *amount), "") {
                            Ok(items) => open.push((items[0], now)),
                            Err(_) => prop_assert!(before + amount > 500),
                        }
                    }
                    Act::Settle(which, amount) if !open.is_empty() => {
                        let (item, at) = open.remove(which % open.len());
                        let mut items = [item];
                        ledger.settle(&mut items, &one(metric, *amount), at, "");
                        *settled.entry(item.opened_at).or_default() += items[0].settled.unwrap();
                    }
                    Act::GiveBack(which) if !open.is_empty() => ledger.give_back(&[open.remove(which % open.len()).0]),
                    Act::Pass(seconds) => now += Duration::seconds(*seconds),
                    Act::Settle(..) | Act::GiveBack(_) => {}
                }
                let after = ledger.counter(metric).unwrap();
                prop_assert!(after.fill() <= 500 && after.used >= 0 && after.held >= 0);
                let held: i64 = open.iter().filter(|(item, _)| item.opened_at == after.opened_at).map(|(item, _)| item.amount).sum();
                prop_assert_eq!(after.held, held);
                if metric != Metric::Memory {
                    prop_assert_eq!(after.used, settled.get(&after.opened_at).copied().unwrap_or(0));
                }
                counters = ledger.counters().cloned().collect();
            }
        }
    }

    /// In any time, however often the zone is another: at most the limit and one window's worth, and the limit once more
    /// for each whole window that has passed meanwhile. That is what there is without moving, too.
    #[test]
    fn nobody_gets_more_by_moving(
        acts in prop::collection::vec((0..ZONES.len(), 0..3_usize, 0..1_000_i64, 1..600_i64), 1..120),
    ) {
        let metrics = [
            (Metric::RequestsPerHour, Duration::HOUR),
            (Metric::RequestsPerDay, Duration::hours(23)),
            (Metric::MonthlyBudget, Duration::days(28) - Duration::HOUR),
        ];
        for (metric, shortest) in metrics {
            let mut now = NOW;
            let mut counters = vec![counter(metric, 500, true)];
            let mut taken: Vec<(OffsetDateTime, i64)> = Vec::new();
            for (zone, pause, share, amount) in &acts {
                // Little at a time, up to the end of the window, or long enough for several.
                let end = counters[0].ends_at.max(now);
                now = match pause {
                    0 => now + shortest * i32::try_from(*share).unwrap() / 10_000_i32,
                    1 => end,
                    _ => now + shortest * i32::try_from(*share).unwrap() / 300_i32,
                };
                let mut ledger = Ledger::new(counters, Calendar::of(ZONES[*zone]).unwrap(), now);
                let amount = ledger.counter(metric).unwrap().left().unwrap().min(*amount);
                if amount > 0 {
                    ledger.reserve(&one(metric, amount), "").unwrap();
                    taken.push((now, amount));
                }
                counters = ledger.counters().cloned().collect();
            }
            for (place, (since, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (until, amount) in &taken[place..] {
                    sum += i128::from(*amount);
                    let (passed, window) = ((*until - *since).whole_nanoseconds(), shortest.whole_nanoseconds());
                    prop_assert!(sum * window <= 500 * (2 * window + passed), "{} {} {}", sum, since, until);
                }
            }
        }
    }

    #[test]
    fn every_moment_is_in_one_window(seconds in 0..2_000_000_000_i64, zone in 0..5_usize) {
        let zone = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "America/Sao_Paulo"][zone];
        let calendar = Calendar::of(zone).unwrap();
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        for window in [Window::Minute, Window::Hour, Window::Day, Window::Month] {
            let (start, end) = calendar.bounds(window, at);
            prop_assert!(start <= at && at < end, "{} {:?} {} {} {}", zone, window, start, at, end);
            if window >= Window::Day {
                prop_assert_eq!(calendar.bounds(window, start), (start, end));
                prop_assert_eq!(calendar.bounds(window, end).0, end);
            }
        }
    }

    #[test]
    fn what_is_typed_is_what_was_meant(amount in 0..=AMOUNT_MAX) {
        for unit in [Unit::Requests, Unit::Bytes, Unit::Milliseconds, Unit::Money] {
            prop_assert_eq!(unit.parse(&unit.typed(amount)), Ok(amount));
            prop_assert_eq!(unit.read(&unit.quantity(amount)), Ok(amount));
        }
    }

    #[test]
    fn no_text_is_an_amount_by_accident(text in ".{0,24}") {
        for unit in [Unit::Requests, Unit::Bytes, Unit::Milliseconds, Unit::Money, Unit::Switch] {
            if let Ok(amount) = unit.parse(&text) {
                prop_assert!((0..=AMOUNT_MAX).contains(&amount));
            }
        }
        let thresholds: BTreeSet<u8> = Thresholds::parse(&text).unwrap_or_default().percents().iter().copied().collect();
        prop_assert!(thresholds.iter().all(|percent| (1..=100).contains(percent)));
    }
}
