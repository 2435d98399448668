//! Owner approval: what one person does not do alone.
//!
//! Somebody asks for a [`Change`]; how many other owners have to approve it is said by its [`Risk`] ([`quorum`]). Where
//! there is an only owner it waits instead, and can be cancelled: that is a delay, and nobody calls it a second pair of eyes.
//! What hands something to whoever asks is not done by the approval: it lets them do it themselves, once and soon.

mod change;
mod needed;
mod quorum;
mod state;

pub use change::Change;
pub use needed::{ApprovalNeeded, administers, sensitive};
pub use quorum::{DELAY_HOURS, Quorum, Risk, quorum};
pub use state::{AskForm, EXPIRES_AFTER, ReplaySummary, Standing, State, USABLE_FOR, Verdict, VoteForm};
