use std::collections::{HashMap, HashSet};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::*;

const BOUNDS: Bounds = Bounds { all: 4, each: 2, waiting: 5 };

/// An order in which somebody waits by a number, and what is known of it from outside.
struct Watched {
    order: Order<u8, u64>,
    bounds: Bounds,
    has: HashMap<u8, usize>,
    waits: HashMap<u64, (u8, Place)>,
    numbers: u64,
}

impl Watched {
    fn new(bounds: Bounds) -> Self {
        Self { order: Order::new(bounds), bounds, has: HashMap::new(), waits: HashMap::new(), numbers: 0 }
    }

    fn ask(&mut self, key: u8) -> Asked {
        self.numbers += 1;
        let number = self.numbers;
        let asked = self.order.ask(key, || number);
        self.note(key, number, asked)
    }

    fn ask_first(&mut self, key: u8) -> Asked {
        self.numbers += 1;
        let number = self.numbers;
        let asked = self.order.ask_first(key, || number);
        self.note(key, number, asked)
    }

    fn note(&mut self, key: u8, number: u64, asked: Asked) -> Asked {
        match asked {
            Asked::Turn => *self.has.entry(key).or_default() += 1,
            Asked::Waits(place) => {
                self.waits.insert(number, (key, place));
            }
            Asked::Full => {}
        }
        self.check();
        asked
    }

    fn leave(&mut self, number: u64) {
        let (key, place) = self.waits.remove(&number).expect("somebody who waits");
        self.order.leave(key, place);
        self.check();
    }

    /// Gives a turn back: who is next, with the numbers that they have waited by.
    fn give_back(&mut self, key: u8) -> Vec<(u8, u64)> {
        *self.has.get_mut(&key).expect("a turn") -= 1;
        self.order.give_back(key);
        let next: Vec<_> = std::iter::from_fn(|| self.order.next()).collect();
        for (key, number) in &next {
            let (waited, place) = self.waits.remove(number).expect("nobody gets two turns for one");
            assert_eq!(waited, *key);
            let mut line = self.waits.values().filter(|(other, _)| other == key);
            assert!(line.all(|(_, other)| *other > place), "a line goes forward in its order");
            *self.has.entry(*key).or_default() += 1;
        }
        self.check();
        next
    }

    /// What holds at all times.
    fn check(&self) {
        let out: usize = self.has.values().sum();
        assert!(out <= self.bounds.all);
        assert!(self.has.values().all(|has| *has <= self.bounds.each));
        assert_eq!(self.order.waiting(), self.waits.len());
        assert_eq!(self.order.free, self.bounds.all - out);
        let mut lines: HashMap<u8, usize> = HashMap::new();
        let mut lasts: HashMap<u8, usize> = HashMap::new();
        for (key, place) in self.waits.values() {
            *lines.entry(*key).or_default() += 1;
            *lasts.entry(*key).or_default() += usize::from(*place > Place(0));
        }
        assert!(lasts.values().all(|line| *line <= self.bounds.waiting));
        let idle = lines.keys().any(|key| self.has.get(key).copied().unwrap_or(0) < self.bounds.each);
        assert!(self.order.free == 0 || !idle, "nobody waits for a turn that is free");
        let known: HashSet<_> = self.order.parties.keys().copied().collect();
        let busy = self.has.iter().filter(|(_, has)| **has > 0).map(|(key, _)| *key).chain(lines.into_keys());
        assert_eq!(known, busy.collect::<HashSet<_>>(), "nothing is kept of those who are gone");
    }
}

#[test]
fn a_party_has_its_share_and_no_more_and_its_line_has_an_end() {
    let mut watched = Watched::new(BOUNDS);
    for _ in 0..BOUNDS.each {
        assert_eq!(watched.ask(1), Asked::Turn);
    }
    for _ in 0..BOUNDS.waiting {
        assert!(matches!(watched.ask(1), Asked::Waits(_)));
    }
    assert_eq!(watched.ask(1), Asked::Full);
    assert_eq!(watched.ask(2), Asked::Turn, "others have room");
    watched.leave(BOUNDS.each as u64 + 1);
    assert!(matches!(watched.ask(1), Asked::Waits(_)), "who leaves makes room");
}

#[test]
fn somebody_new_waits_for_one_turn_of_each_other_party() {
    let mut watched = Watched::new(Bounds { all: 2, each: 2, waiting: 60 });
    for _ in 0..62 {
        watched.ask(1);
    }
    for _ in 0..60 {
        watched.ask(2);
    }
    assert!(matches!(watched.ask(3), Asked::Waits(_)));
    let given = std::iter::repeat_with(|| {
        let key = *watched.has.iter().find(|(_, has)| **has > 0).expect("somebody has a turn").0;
        watched.give_back(key)
    });
    let next: Vec<u8> = given.take(3).flatten().map(|(key, _)| key).collect();
    assert_eq!(next, [1, 2, 3]);
}

#[test]
fn what_has_to_be_done_is_first_in_its_own_line_however_long_that_is() {
    let mut watched = Watched::new(Bounds { all: 1, each: 1, waiting: 2 });
    assert_eq!(watched.ask_first(1), Asked::Turn, "where a turn is free");
    for _ in 0..2 {
        watched.ask(1);
    }
    watched.ask(2);
    assert_eq!(watched.ask(1), Asked::Full);
    assert!(matches!(watched.ask_first(1), Asked::Waits(_)));
    assert_eq!(watched.give_back(1), [(1, 6)]);
    assert!(matches!(watched.ask_first(1), Asked::Waits(_)));
    assert_eq!(watched.give_back(1), [(2, 4)], "other parties have their turns");
    watched.leave(7);
    assert_eq!(watched.give_back(2), [(1, 2)]);
    assert_eq!(watched.give_back(1), [(1, 3)]);
}

#[test]
fn whoever_has_their_share_keeps_nobody_behind_them_waiting() {
    let mut watched = Watched::new(Bounds { all: 3, each: 2, waiting: 9 });
    for key in [1, 1, 1, 2] {
        watched.ask(key);
    }
    assert!(matches!(watched.ask(3), Asked::Waits(_)));
    assert_eq!(watched.give_back(2), [(3, 5)]);
    assert_eq!(watched.give_back(1), [(1, 3)]);
}

#[test]
fn whatever_comes_nobody_is_lost_or_has_too_much() {
    for seed in 0..200 {
        let mut rng = StdRng::seed_from_u64(seed);
        let all = rng.random_range(1..6);
        let bounds = Bounds { all, each: rng.random_range(1..=all), waiting: rng.random_range(0..8) };
        let mut watched = Watched::new(bounds);
        for _ in 0..400 {
            match rng.random_range(0..6) {
                0..3 => {
                    watched.ask(rng.random_range(0..5));
                }
                3 => {
                    watched.ask_first(rng.random_range(0..5));
                }
                4 => {
                    let mut waiting: Vec<_> = watched.waits.keys().copied().collect();
                    waiting.sort_unstable();
                    if !waiting.is_empty() {
                        watched.leave(waiting[rng.random_range(0..waiting.len())]);
                    }
                }
                _ => {
                    let mut out: Vec<_> =
                        watched.has.iter().filter(|(_, has)| **has > 0).map(|(key, _)| *key).collect();
                    out.sort_unstable();
                    if !out.is_empty() {
                        watched.give_back(out[rng.random_range(0..out.len())]);
                    }
                }
            }
        }
        // When everything is given back, everybody has had a turn.
        while let Some(key) = watched.has.iter().find(|(_, has)| **has > 0).map(|(key, _)| *key) {
            watched.give_back(key);
        }
        assert!(watched.waits.is_empty() && watched.order.parties.is_empty() && watched.order.circle.is_empty());
    }
}

#[test]
fn nobody_is_passed_by_any_other_party_twice() {
    for seed in 0..200 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut watched = Watched::new(Bounds { all: 3, each: 3, waiting: 50 });
        for _ in 0..60 {
            watched.ask(rng.random_range(0..4));
        }
        watched.ask(9);
        let mut before: HashMap<u8, u32> = HashMap::new();
        'until: loop {
            // Others keep coming.
            watched.ask(rng.random_range(0..4));
            let key = *watched.has.iter().filter(|(_, has)| **has > 0).map(|(key, _)| key).min().expect("a turn");
            for (next, _) in watched.give_back(key) {
                if next == 9 {
                    break 'until;
                }
                *before.entry(next).or_default() += 1;
            }
        }
        assert!(before.values().all(|turns| *turns == 1), "{before:?}");
    }
}
