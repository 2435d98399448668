//! The island of every page that has a frame.

use leptos::prelude::*;

/// Wakes up what scripts add to the page: see [`crate::browser`]. It shows nothing, and so is small.
#[island]
pub fn Live() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::browser::wake();
}
