//! How far a request has come, and what is said about it.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::codes::codes;
use crate::fields::FieldProblem;
use crate::members::parse_reason;
use crate::policy::{Replayed, parse_change_reason};

/// After so long a request that nobody has decided is over.
pub const EXPIRES_AFTER: Duration = Duration::days(7);
/// For so long after the last approval whoever has asked can do what they are handed something by.
pub const USABLE_FOR: Duration = Duration::hours(24);

codes! {
    /// What has become of a request, as it is kept.
    State {
        /// Nobody has decided yet.
        Open = "open",
        /// It was approved, or its time has come, and whoever has asked can do it, once.
        Granted = "granted",
        /// It was approved, or its time has come, and it is done.
        CarriedOut = "carried_out",
        /// An owner has said no.
        Denied = "denied",
        /// Whoever has asked wants it no more.
        Cancelled = "cancelled",
        /// Its time had come, and it could not be done any more, or nobody has done it in time.
        Lapsed = "lapsed",
    }
}

codes! {
    /// What an owner says.
    Verdict {
        /// It is to be done.
        Approve = "approve" => "Approved",
        /// It is not.
        Deny = "deny" => "Denied",
    }
}

/// How a request stands at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits.
    Waiting,
    /// Whoever has asked can do it.
    Granted,
    /// What it was to change is another by now: it has to be asked for anew.
    Stale,
    /// Nobody has decided in time.
    Expired,
    /// It is over.
    Over(State),
}

impl Standing {
    /// That of a request that ends then, by whether what it is about is still as it was. Of one that was granted nothing but
    /// time is asked here: what it is for is judged when it is done.
    pub fn of(state: State, (expires_at, now): (OffsetDateTime, OffsetDateTime), is_as_it_was: bool) -> Self {
        match state {
            State::Open if now >= expires_at => Self::Expired,
            State::Open if !is_as_it_was => Self::Stale,
            State::Open => Self::Waiting,
            State::Granted if now >= expires_at => Self::Over(State::Lapsed),
            State::Granted => Self::Granted,
            over => Self::Over(over),
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting | Self::Over(State::Open) => "Waiting",
            Self::Granted | Self::Over(State::Granted) => "Approved",
            Self::Stale => "Overtaken",
            Self::Expired => "Expired",
            Self::Over(State::CarriedOut) => "Carried out",
            Self::Over(State::Denied) => "Denied",
            Self::Over(State::Cancelled) => "Cancelled",
            Self::Over(State::Lapsed) => "Not carried out",
        }
    }
}

/// What a policy would have done to those who came by, in figures: as it was when somebody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaySummary {
    /// How many people came by.
    pub people: u64,
    /// How many of them would have been kept out or asked for something.
    pub affected: u64,
    /// Visits that would have come in as they did.
    pub allowed: u64,
    /// Visits that would have had to show something first.
    pub stepped_up: u64,
    /// Visits that would have been kept out.
    pub denied: u64,
}

impl ReplaySummary {
    /// The figures of all that was found.
    pub fn of(found: &Replayed) -> Self {
        let fates = found.fates;
        Self {
            people: found.people,
            affected: found.affected.len() as u64,
            allowed: fates.allowed,
            stepped_up: fates.stepped_up,
            denied: fates.denied,
        }
    }
}

/// The form with which somebody asks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskForm {
    /// Why.
    pub reason: String,
}

impl AskForm {
    /// The reason, without which nobody can judge.
    ///
    /// # Errors
    /// As [`parse_reason`].
    pub fn parse(&self) -> Result<String, FieldProblem> {
        parse_reason(&self.reason)
    }
}

/// The form with which an owner decides.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VoteForm {
    /// What they have to say.
    pub note: String,
}

impl VoteForm {
    /// The note: who says no says why.
    ///
    /// # Errors
    /// One that is none.
    pub fn parse(&self, verdict: Verdict) -> Result<Option<String>, FieldProblem> {
        match verdict {
            Verdict::Approve => parse_change_reason(&self.note),
            Verdict::Deny => parse_reason(&self.note).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_over_stays_so_and_what_is_not_ends_in_time() {
        let end = datetime!(2026-11-28 12:00 UTC);
        let before = end - Duration::SECOND;
        assert_eq!(Standing::of(State::Open, (end, before), true), Standing::Waiting);
        assert_eq!(Standing::of(State::Open, (end, before), false), Standing::Stale);
        assert_eq!(Standing::of(State::Open, (end, end), true), Standing::Expired);
        assert_eq!(Standing::of(State::Open, (end, end), false), Standing::Expired);
        for is_as_it_was in [true, false] {
            assert_eq!(Standing::of(State::Granted, (end, before), is_as_it_was), Standing::Granted);
            assert_eq!(Standing::of(State::Granted, (end, end), is_as_it_was), Standing::Over(State::Lapsed));
        }
        let over = |state: &State| !matches!(state, State::Open | State::Granted);
        for state in State::ALL.iter().copied().filter(over) {
            for is_as_it_was in [true, false] {
                assert_eq!(Standing::of(state, (end, end), is_as_it_was), Standing::Over(state));
            }
        }
    }

    #[test]
    fn who_says_no_says_why() {
        let empty = VoteForm::default();
        assert_eq!(empty.parse(Verdict::Approve), Ok(None));
        assert_eq!(empty.parse(Verdict::Deny), Err(FieldProblem::Required));
        let note = VoteForm { note: " not  now ".to_owned() };
        assert_eq!(note.parse(Verdict::Deny), Ok(Some("not now".to_owned())));
        assert_eq!(AskForm::default().parse(), Err(FieldProblem::Required));
    }
}
