//! Buttons that copy what a field or another element holds.

use super::{all, document, find, pause, window};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlInputElement};

/// How long a button says that it has copied, in milliseconds.
const SAID_FOR: i32 = 2_000;

/// Shows the buttons, now that they do something.
pub(super) fn offer() {
    for button in document().document_element().iter().flat_map(|page| all(page, "[data-copy], [data-print]")) {
        let _ = button.class_list().remove_1("invisible");
    }
}

/// Copies, and says so for a while; a browser that refuses changes nothing.
pub(super) fn copy(button: Element) {
    spawn_local(async move {
        let Some(text) = button.get_attribute("data-copy").and_then(|id| content_of(&id)) else { return };
        if JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_err() {
            return;
        }
        say(&button, "Copied");
        let _ = button.set_attribute("data-copied", "");
        pause(SAID_FOR).await;
        say(&button, "Copy");
        let _ = button.remove_attribute("data-copied");
    });
}

fn say(button: &Element, text: &str) {
    if let Ok(Some(label)) = button.query_selector("span") {
        label.set_text_content(Some(text));
    }
}

/// What a field holds, or the text of any other element.
fn content_of(id: &str) -> Option<String> {
    let element = find(&format!("#{id}"))?;
    match element.dyn_ref::<HtmlInputElement>() {
        Some(field) => Some(field.value()),
        None => element.text_content(),
    }
}
