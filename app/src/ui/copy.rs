//! Buttons that copy and print.

use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// Copies what the element `target` holds. Invisible until a script can do it: what it copies is in a field that can
/// be selected by hand.
#[component]
pub fn CopyButton(
    /// The id of a field or element whose content is copied.
    #[prop(into)]
    target: String,
) -> impl IntoView {
    view! {
        <button type="button" class="btn btn-line invisible" data-copy=target>
            <Icon name=IconName::COPY />
            <Icon name=IconName::CHECK />
            <span aria-live="polite">"Copy"</span>
        </button>
    }
}

/// Prints the page. Invisible until a script can do it: browsers print by themselves, too.
#[component]
pub fn PrintButton() -> impl IntoView {
    view! {
        <button type="button" class="btn btn-line invisible" data-print="">
            "Print"
        </button>
    }
}
