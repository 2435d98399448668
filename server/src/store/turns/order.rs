//! Whose turn it is: pure, so that it can be tried with any order of events.
//!
//! Each party has a line of its own, and parties that somebody waits for stand in a circle. Whoever is at its head and may
//! have one more gets the next turn and goes to its end, so somebody new waits for one turn of each other party at most,
//! however long the others' lines are. What has to be done whoever else waits stands at the front of its party's line
//! ([`ask_first`](Order::ask_first)), and passes no other party.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// How many turns there are at a time.
    pub(super) all: usize,
    /// How many of those are one party's at most.
    pub(super) each: usize,
    /// How many wait in the line of one party at most.
    pub(super) waiting: usize,
}

/// A place in a line. Those at the front are below zero, each before the last, so that a line is in the order of its
/// places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(i64);

/// What comes of asking for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is one's turn.
    Turn,
    /// One waits here.
    Waits(Place),
    /// There is no room to wait.
    Full,
}

/// Who has a turn, and who waits for one, each as something by which they are told.
#[derive(Debug)]
pub(super) struct Order<K, W> {
    bounds: Bounds,
    free: usize,
    parties: HashMap<K, Party<W>>,
    /// Parties that somebody waits for, once each.
    circle: VecDeque<K>,
    /// The last place at the end of a line.
    lasts: i64,
    /// The last place at the front of one.
    firsts: i64,
}

#[derive(Debug)]
struct Party<W> {
    has: usize,
    line: VecDeque<(Place, W)>,
}

impl<K: Copy + Eq + Hash, W> Order<K, W> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, free: bounds.all, parties: HashMap::new(), circle: VecDeque::new(), lasts: 0, firsts: 0 }
    }

    /// Asks for a turn. Nobody is passed over: where a turn is free, those who wait have as many as they may.
    pub(super) fn ask(&mut self, key: K, waiter: impl FnOnce() -> W) -> Asked {
        self.stand(key, false, waiter)
    }

    /// As [`ask`](Self::ask), before all who wait in the same line, however many those are.
    pub(super) fn ask_first(&mut self, key: K, waiter: impl FnOnce() -> W) -> Asked {
        self.stand(key, true, waiter)
    }

    fn stand(&mut self, key: K, is_first: bool, waiter: impl FnOnce() -> W) -> Asked {
        let party = self.parties.entry(key).or_insert_with(|| Party { has: 0, line: VecDeque::new() });
        if self.free > 0 && party.has < self.bounds.each {
            self.free -= 1;
            party.has += 1;
            return Asked::Turn;
        }
        if !is_first && party.line.len() >= self.bounds.waiting {
            self.forget(key);
            return Asked::Full;
        }
        if party.line.is_empty() {
            self.circle.push_back(key);
        }
        if is_first {
            self.firsts -= 1;
            party.line.push_front((Place(self.firsts), waiter()));
            return Asked::Waits(Place(self.firsts));
        }
        self.lasts += 1;
        party.line.push_back((Place(self.lasts), waiter()));
        Asked::Waits(Place(self.lasts))
    }

    /// Waits no longer. Whoever has got a turn meanwhile has it still.
    pub(super) fn leave(&mut self, key: K, place: Place) {
        let Some(party) = self.parties.get_mut(&key) else { return };
        let Ok(at) = party.line.binary_search_by_key(&place, |(place, _)| *place) else { return };
        party.line.remove(at);
        if party.line.is_empty() {
            self.circle.retain(|other| *other != key);
        }
        self.forget(key);
    }

    /// Gives a turn back. Then somebody is [`next`](Self::next).
    pub(super) fn give_back(&mut self, key: K) {
        let Some(party) = self.parties.get_mut(&key) else { return };
        party.has -= 1;
        self.free += 1;
        self.forget(key);
    }

    /// Gives a free turn to whoever is next, if there is both.
    pub(super) fn next(&mut self) -> Option<(K, W)> {
        if self.free == 0 {
            return None;
        }
        let may_have_more = |key: &K| self.parties.get(key).is_some_and(|party| party.has < self.bounds.each);
        let at = self.circle.iter().position(may_have_more)?;
        let key = self.circle.remove(at)?;
        let party = self.parties.get_mut(&key)?;
        let (_, waiter) = party.line.pop_front()?;
        party.has += 1;
        self.free -= 1;
        if !party.line.is_empty() {
            self.circle.push_back(key);
        }
        Some((key, waiter))
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.circle.iter().filter_map(|key| self.parties.get(key)).map(|party| party.line.len()).sum()
    }

    /// Keeps nothing of a party that has nothing and waits for nothing.
    fn forget(&mut self, key: K) {
        if let Entry::Occupied(party) = self.parties.entry(key)
            && party.get().has == 0
            && party.get().line.is_empty()
        {
            party.remove();
        }
    }
}

#[cfg(test)]
mod tests;
