//! How strong a new password is, told while it is typed.

use super::{all, document, find};
use domain::password::Strength;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlInputElement};

/// What was typed before there was somebody to listen.
pub(super) fn begin() {
    for meter in document().document_element().iter().flat_map(|page| all(page, "[data-strength-of]")) {
        let field = meter.get_attribute("data-strength-of").and_then(|id| find(&format!("#{id}")));
        if let Some(field) = field {
            tell(&meter, field.unchecked_ref());
        }
    }
}

/// Tells the strength of the password that somebody types, if it is one.
pub(super) fn typed(event: &Event) {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else { return };
    if let Some(meter) = find(&format!("[data-strength-of='{}']", field.id())) {
        tell(&meter, &field);
    }
}

/// Says it, when it is not what stands there: it is read out each time.
fn tell(meter: &Element, field: &HtmlInputElement) {
    let password = field.value();
    let strength = (!password.is_empty()).then(|| Strength::of(&password));
    let text = strength.map(|strength| format!("Strength: {}", strength.name()));
    if meter.text_content() == Some(text.clone().unwrap_or_default()) {
        return;
    }
    meter.set_text_content(text.as_deref());
    // The text says it, too.
    let _ = meter.set_attribute("data-level", strength.map_or("", Strength::code));
}
