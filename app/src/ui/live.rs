//! Islands: that of every page that has a frame, and that of pages which keep themselves as they are on the server.

use leptos::prelude::*;

/// Wakes up what scripts add to the page: see [`crate::browser`]. It shows nothing, and so is small.
#[island]
pub fn Live() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::browser::wake();
}

/// A part of a page that changes by itself: once the server tells of a change, scripts put there what the page has by
/// then. One of them on a page. Without scripts it is as it was when the page was loaded.
#[component]
pub fn LiveRegion(
    /// Where the server tells of changes.
    #[prop(into)]
    address: String,
    /// What changes.
    children: Children,
) -> impl IntoView {
    view! {
        <div id="live" data-live=address>
            {children()}
        </div>
        <LiveUpdates />
    }
}

/// Whether a `LiveRegion` is kept as it is on the server, in a word that scripts put here.
#[component]
pub fn LiveStatus() -> impl IntoView {
    view! { <span class="tag tag-ok live-status" data-live-status="" aria-live="polite"></span> }
}

/// Keeps the page's `LiveRegion` up to date: see [`crate::browser`]. Only pages that have one load what it takes.
#[island(lazy)]
fn LiveUpdates() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::browser::follow();
}
