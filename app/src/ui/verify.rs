//! The island of the page that verifies files.

use leptos::prelude::*;

/// Wakes up the form that verifies files of an audit trail: see `crate::browser::verify`. It shows nothing. What it brings
/// is loaded for its page alone.
#[island(lazy)]
pub fn VerifyFiles() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::browser::verify::wake();
}
