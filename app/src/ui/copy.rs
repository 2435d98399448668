//! A button that copies.

use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// Copies what the element `target` holds, or `text`. Invisible until a script can do it: what it copies is in a
/// field that can be selected by hand.
#[island]
pub fn CopyButton(
    /// The id of a field or element whose content is copied.
    #[prop(optional, into)]
    target: Option<String>,
    /// What is copied otherwise.
    #[prop(optional, into)]
    text: Option<String>,
    /// The button's text, "Copy" by default.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let label = label.unwrap_or_else(|| "Copy".to_owned());
    let ready = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move || ready.set(true));
    let copy = move |_| {
        if let Some(text) = target.as_deref().and_then(content_of).or_else(|| text.clone()) {
            write_to_clipboard(&text, copied);
        }
    };
    view! {
        <button type="button" class="btn btn-line" class:invisible=move || !ready.get() on:click=copy>
            {move || {
                let name = if copied.get() { IconName::CHECK } else { IconName::COPY };
                view! { <Icon name /> }
            }}
            <span aria-live="polite">{move || if copied.get() { "Copied".to_owned() } else { label.clone() }}</span>
        </button>
    }
}

/// What a field holds, or the text of any other element.
fn content_of(id: &str) -> Option<String> {
    use leptos::wasm_bindgen::JsCast as _;
    let element = document().get_element_by_id(id)?;
    match element.dyn_ref::<leptos::web_sys::HtmlInputElement>() {
        Some(field) => Some(field.value()),
        None => element.text_content(),
    }
}

/// Says so for two seconds once the browser has done it; a browser that refuses changes nothing.
#[cfg(feature = "hydrate")]
fn write_to_clipboard(text: &str, copied: RwSignal<bool>) {
    use leptos::wasm_bindgen::{JsValue, closure::Closure};
    let done = Closure::once(move |_: JsValue| {
        copied.set(true);
        set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
    });
    let _ = window().navigator().clipboard().write_text(text).then(&done);
    done.forget();
}

#[cfg(not(feature = "hydrate"))]
fn write_to_clipboard(_text: &str, _copied: RwSignal<bool>) {}
