//! Following what goes on by itself: the page shows how far it has come, and is loaded again when it is over.

use super::{ask, find, pause, window};
use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlProgressElement, RequestInit};

/// How often is asked, in milliseconds.
const EVERY: i32 = 1_000;
/// After so many questions in a row without an answer nobody asks any more: the page still has its link "Refresh".
const PATIENCE: u32 = 30;

/// Begins to ask, on a page that says where.
pub(super) fn begin() {
    let Some(line) = find("[data-progress]") else { return };
    let Some(address) = line.get_attribute("data-progress") else { return };
    spawn_local(async move {
        let mut unanswered = 0;
        while unanswered < PATIENCE {
            pause(EVERY).await;
            match ask(&address, &RequestInit::new()).await {
                Some(told) => {
                    unanswered = 0;
                    if !show(&line, &told) {
                        // The results are there now.
                        let _ = window().location().reload();
                        return;
                    }
                }
                None => unanswered += 1,
            }
        }
    });
}

/// Shows how far it has come: whether there is more to come.
fn show(line: &HtmlElement, told: &JsValue) -> bool {
    let part = |name: &str| Reflect::get(told, &JsValue::from_str(name)).unwrap_or_default();
    if let (Ok(Some(bar)), Some(done)) = (line.query_selector("progress"), part("done").as_f64()) {
        // As a number: to write one as text would bring ten kilobytes to every page.
        bar.unchecked_into::<HtmlProgressElement>().set_value(done);
    }
    if let (Ok(Some(words)), Some(text)) = (line.query_selector("span"), part("text").as_string()) {
        words.set_text_content(Some(&text));
    }
    part("under_way").is_truthy()
}
