//! Every act that is on record: what it is called, what an entry of it tells, how long that is kept, and what it is to
//! the detections. An [`Action`](super::Action) that is not in this table does not compile.

mod class;
mod table;
#[cfg(test)]
mod tests;

pub use class::{Category, Retention};
pub use table::ACTS;

use super::Outcome;
use crate::detections::FactKind;

/// An act of this program that is on record.
#[derive(Debug)]
pub struct Act {
    /// The name under which entries have it.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What somebody wanted who was not allowed to do it, after "was not allowed to".
    pub wish: Option<&'static str>,
    /// What it is about.
    pub category: Category,
    /// The fields whose values an entry of it may tell, and `reason` where there may be one. A denial tells in
    /// `required`, besides, what somebody would have needed.
    pub records: &'static [&'static str],
    /// By which class its entries are kept.
    pub retention: Retention,
    /// What it is to the detections once it is done.
    pub fact: Option<FactKind>,
}

impl Act {
    /// The act of this code.
    pub fn from_code(code: &str) -> Option<&'static Self> {
        ACTS.iter().find(|act| act.code == code)
    }

    /// What an entry of it is to the detections, by what came of it.
    pub fn fact_of(&self, outcome: Outcome) -> Option<FactKind> {
        match outcome {
            Outcome::Done => self.fact,
            Outcome::Denied if self.code == "organization.entered" => Some(FactKind::KeptOut),
            Outcome::Denied => Some(FactKind::Denied),
            Outcome::Failed => None,
        }
    }
}

/// Whether the table has an act of this code, for constants.
pub(super) const fn is_act(code: &str) -> bool {
    let mut at = 0;
    // Loops by index, because iterators cannot run in a constant.
    while at < ACTS.len() {
        if is_same(ACTS[at].code.as_bytes(), code.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
