//! The product's mark: a gate of bars under a shield's edge.

use leptos::prelude::*;

/// The mark alone, as large as an icon, in the colour of the text around it.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 2.5 20 5.4V12c0 4.8-3.3 8-8 9.5C7.3 20 4 16.8 4 12V5.4Z"></path>
            <path d="M4 9.2h16M8.6 9.2v7.3M12 9.2v9M15.4 9.2v7.3"></path>
        </svg>
    }
}

/// Mark and name, on pages that stand outside of an organization.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <span class="inline-flex items-center gap-2 text-lg font-semibold tracking-tight">
            <span class="brand-mark">
                <Logo />
            </span>
            "Portcullis"
        </span>
    }
}
