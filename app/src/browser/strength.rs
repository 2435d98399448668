//! How strong a new password is, told while it is typed. The portal judges it, as it will judge the form; where it does
//! not answer, nothing is said.

use std::cell::Cell;

use super::{all, ask, document, find, window};
use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlInputElement, RequestInit, UrlSearchParams};

/// Who is asked.
const ADDRESS: &str = "/password/strength";
/// How long nothing is typed before the portal is asked, in milliseconds.
const PAUSE: i32 = 300;
/// The fields of a form that tell of whoever chooses a password.
const TELLING: &str = "[name=name], [name=email], [name=organization]";

thread_local! {
    /// How often something was typed: what is older than that has nothing to say.
    static TYPED: Cell<u32> = const { Cell::new(0) };
}

/// What was typed before there was somebody to listen.
pub(super) fn begin() {
    for meter in document().document_element().iter().flat_map(|page| all(page, "[data-strength-of]")) {
        let field = meter.get_attribute("data-strength-of").and_then(|id| find(&format!("#{id}")));
        if let Some(field) = field {
            weigh(meter, field.unchecked_into());
        }
    }
}

/// Has the password weighed that somebody types, if it is one.
pub(super) fn typed(event: &Event) {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else { return };
    if let Some(meter) = find(&format!("[data-strength-of='{}']", field.id())) {
        weigh(meter.unchecked_into(), field);
    }
}

/// Asks when nothing more was typed for a moment, and says the answer if nothing was until then.
fn weigh(meter: Element, field: HtmlInputElement) {
    let turn = TYPED.get().wrapping_add(1);
    TYPED.set(turn);
    if field.value().is_empty() {
        tell(&meter, "", "");
        return;
    }
    let ask = Closure::once_into_js(move || {
        spawn_local(async move {
            if TYPED.get() != turn {
                return;
            }
            let (level, text) = judge(&meter, &field).await.unwrap_or_default();
            if TYPED.get() == turn {
                tell(&meter, &level, &text);
            }
        });
    });
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(ask.unchecked_ref(), PAUSE);
}

/// The portal's verdict: what styles know it by, and a text.
async fn judge(meter: &Element, field: &HtmlInputElement) -> Option<(String, String)> {
    let question = UrlSearchParams::new().ok()?;
    question.append("password", &field.value());
    question.append("about", &about(meter, field));
    if let Some(least) = meter.get_attribute("data-least") {
        question.append("least", &least);
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&question);
    let verdict = ask(ADDRESS, &request).await?;
    let part = |name: &str| Reflect::get(&verdict, &JsValue::from_str(name)).ok()?.as_string();
    Some((part("level")?, part("text")?))
}

/// What the page knows of whoever chooses, line by line.
fn about(meter: &Element, field: &HtmlInputElement) -> String {
    let mut lines = vec![meter.get_attribute("data-about").unwrap_or_default()];
    if let Some(form) = field.form() {
        lines.extend(all(&form, TELLING).into_iter().map(|field| field.unchecked_into::<HtmlInputElement>().value()));
    }
    lines.join("\n")
}

/// Says it, when it is not what stands there: it is read out each time.
fn tell(meter: &Element, level: &str, text: &str) {
    if meter.text_content().unwrap_or_default() != text {
        meter.set_text_content(Some(text));
        // The text says it, too.
        let _ = meter.set_attribute("data-level", level);
    }
}
