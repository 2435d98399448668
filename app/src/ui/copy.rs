//! Buttons that copy and print.

use super::{
    button::{ButtonVariant, button_class},
    icons::{Icon, IconName},
};
use leptos::prelude::*;

/// Copies what the element `target` holds. Invisible until a script can do it: what it copies is in a field that can
/// be selected by hand.
#[component]
pub fn CopyButton(
    /// The id of a field or element whose content is copied.
    #[prop(into)]
    target: String,
    /// What that is, where a page has several, e.g. "the root of 42 entries".
    #[prop(optional, into)]
    of: Option<String>,
    /// 28 px high, for tables.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = format!("{} invisible", button_class(ButtonVariant::Outline, small, false));
    view! {
        <button type="button" class=class data-copy=target>
            <Icon name=IconName::COPY />
            <Icon name=IconName::CHECK />
            <span aria-live="polite">"Copy"</span>
            {of.map(|of| view! { <span class="sr-only">" " {of}</span> })}
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
