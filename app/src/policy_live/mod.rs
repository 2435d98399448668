//! The island of the policy's editor: what the server tells it, and what both sides say in the same words.
//!
//! It shows nothing itself: see [`crate::browser`]. It brings the policy's own code along, so no other page has it.

#[cfg(any(test, feature = "hydrate"))]
mod words;

use domain::ids::CustomRoleId;
use domain::policy::SecurityPolicy;
use domain::roles::RoleId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
pub(crate) use words::{Came, decided, fate, restored, unread};

/// The button that saves what stands in the editor.
pub(crate) const SAVE: &str = "save";
/// The one that does so and goes on to what it changes.
pub(crate) const REVIEW: &str = "review";
/// How many shortcomings are shown, those that count most.
pub(crate) const SHOWN: usize = 5;

/// What the server knows, and the page does not show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    /// The name under which the browser keeps what is not saved: of this organization and whoever edits.
    pub key: String,
    /// The version that a fresh form begins with.
    pub base: String,
    /// The newest version: another one as soon as somebody has saved.
    pub newest: i64,
    /// Whether the form shows what was typed, and not what is saved.
    pub typed: bool,
    /// The draft, if there is one.
    pub draft: Option<SecurityPolicy>,
    /// What is in force.
    pub enforced: SecurityPolicy,
    /// Since when that asks for a second factor, in seconds of Unix time.
    pub mfa_since: Option<i64>,
    /// The organization's own roles, if whoever edits may see them.
    pub roles: Vec<KnownRole>,
    /// What the place is called where the data is.
    pub region: Option<String>,
    /// When the page was made, in seconds of Unix time.
    pub now: i64,
    /// By how many seconds clocks are ahead of UTC where whoever edits reads times.
    pub offset: i32,
}

impl Known {
    /// What a fresh form shows.
    #[cfg(feature = "hydrate")]
    pub(crate) fn saved(&self) -> &SecurityPolicy {
        self.draft.as_ref().unwrap_or(&self.enforced)
    }
}

/// A role of the organization's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownRole {
    /// Which.
    pub id: CustomRoleId,
    /// What people call it.
    pub name: String,
    /// What it inherits from.
    pub parents: Vec<RoleId>,
}

/// Wakes up the policy's editor.
#[island(lazy)]
pub fn PolicyLive(
    /// What the server knows.
    known: Known,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::browser::policy::begin(known);
    #[cfg(not(feature = "hydrate"))]
    drop(known);
}

/// A score in words, beside that of what is in force where it is another one.
pub(crate) fn score(before: Option<u32>, now: u32) -> String {
    match before.filter(|before| *before != now) {
        Some(before) => format!("{before} → {now} of 100"),
        None => format!("{now} of 100"),
    }
}
