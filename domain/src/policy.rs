//! The security policy: what an organization asks of its members, and how whoever comes in is judged by it.
//!
//! A [`SecurityPolicy`] is the document. What can be set in it is the table [`SETTINGS`]: the form, the text, the words, the
//! differences and the templates are all read from there. [`EnforcedPolicy`] is the document made ready to judge by.

mod diff;
mod document;
mod evaluate;
mod exception;
mod facts;
mod form;
mod marks;
mod names;
mod networks;
mod posture;
mod ranges;
mod rate;
mod replay;
mod settings;
mod sign_in;
mod table;
mod templates;
mod value;
mod version;
mod ways;

pub use diff::{Difference, Merge, merge};
pub use document::{AtTheLimit, Classification, SecurityPolicy};
pub use evaluate::{Decision, EnforcedPolicy, Outcome, Rule, Rules};
pub use exception::{EXCEPTION_DAYS_MAX, Exception, ExceptionForm, NewException};
pub use facts::{Facts, Staleness};
pub use form::{PolicyForm, parse_change_reason};
pub use names::{NAMES_MAX, Names};
pub use networks::{LineProblem, NETWORKS_MAX, NetworkEntry, Networks, RoleNames, find_roles};
pub use posture::{Posture, Shortcoming};
pub use rate::{Allowance, Excess, Spent};
pub use replay::{Affected, Fates, Replay, Replayed, Visit};
pub use settings::{Control, Framework, Key, Section, Setting, Tier};
pub use sign_in::{Limit, Methods, MfaRequirement, SignInPolicy};
pub use table::SETTINGS;
pub use templates::{Combination, TEMPLATES, Template};
pub use value::{Kind, ListOf, Offer, Strict, Unit, Value};
pub use version::{Author, PolicyVersion};
pub use ways::{SignInMethod, SignInMethods};
