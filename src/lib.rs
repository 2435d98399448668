//! The browser's part: the islands, and nothing else.

/// Wakes the islands of the page up.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // Islands are found by their names in the page; using the crate keeps them.
    #[expect(unused_imports, reason = "links the islands in")]
    use app::*;
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}

#[cfg(feature = "ssr")]
pub mod background;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
mod layers;
#[cfg(feature = "ssr")]
pub mod router;
#[cfg(feature = "ssr")]
pub mod serve;
