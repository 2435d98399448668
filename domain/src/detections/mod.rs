//! Detections: what is noticed of an organization's security, and when somebody should look at it.
//!
//! A [`SecurityFact`] is one thing that was noticed: a sign-in, a wrong password, a denial. [`RULES`] say when facts are
//! worth somebody's attention, [`detect`] finds where they are, and a [`Finding`] becomes an alert that officers
//! acknowledge, contain and resolve. Everything here is pure: the server brings the facts and the time.

mod alert;
mod detect;
mod fact;
mod query;
mod rule;
mod rules;
mod tally;
#[cfg(test)]
mod tests;
mod tuning;

pub use alert::{AlertState, Containment, Resolution};
pub use detect::{Finding, detect};
pub use fact::{ADMINISTERING, FactKind, SecurityFact, gained, is_privileged, network_of};
pub use query::{AlertQuery, Span};
pub use rule::{Rule, RuleInfo, Severity, Tunable};
pub use rules::{RULES, WRONG_CODES, WRONG_PASSWORDS};
pub use tuning::{RuleTuning, Tuning, longest_window};
