//! How far something has come that goes on by itself.

use leptos::prelude::*;

/// A bar and a line of text. With an address, scripts ask there every second, and load the page again at the end.
#[component]
pub fn Progress(
    /// What goes on.
    #[prop(into)]
    label: String,
    /// How much of it is done.
    done: u64,
    /// How much there is.
    total: u64,
    /// The same in words.
    #[prop(into)]
    text: String,
    /// Where to ask, while there is more to come.
    #[prop(optional_no_strip, into)]
    address: Option<String>,
) -> impl IntoView {
    view! {
        <div class="progress-line" data-progress=address>
            <progress class="meter" max=total.max(1).to_string() value=done.to_string() aria-label=label></progress>
            <span class="num" aria-live="polite">
                {text}
            </span>
        </div>
    }
}
