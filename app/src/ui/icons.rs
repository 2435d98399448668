//! Icons: drawings of lucide (ISC licence, see NOTICE), inlined, so that none costs a request.

use leptos::prelude::*;

/// Which icon to draw, e.g. [`IconName::USERS`]. `scripts/icons.mjs` writes the constants.
///
/// A constant each, and not an enum: the wasm file carries only the drawings its islands name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IconName(pub(super) &'static str);

/// An icon of the size of the text beside it, in its colour. It says nothing to assistive technology: the text or
/// the label of its button does.
#[component]
pub fn Icon(
    /// Which drawing.
    name: IconName,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=name.0></svg> }
}
