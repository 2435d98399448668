//! The open palette: what fits the words typed is shown; arrows choose, Enter goes.

use super::{all, find, within};
use crate::ui::fits;
use js_sys::JsString;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Shows what fits, and chooses the first of it.
pub(super) fn typed(event: &Event) {
    let Some(field) = within(event, "[data-palette-field]") else { return };
    // By the browser's own table of letters: Rust's would have to be loaded.
    let words = String::from(JsString::from(field.unchecked_into::<HtmlInputElement>().value()).to_lower_case());
    let Some(list) = find("#jumps") else { return };
    for place in all(&list, "[role=option]") {
        let known = place.get_attribute("data-words").unwrap_or_default();
        place.unchecked_into::<HtmlElement>().set_hidden(!fits(&known, &words));
    }
    let found = shown(&list);
    if let Ok(Some(nothing)) = list.query_selector("p") {
        nothing.unchecked_into::<HtmlElement>().set_hidden(!found.is_empty());
    }
    choose(&list, &found, 0);
}

/// Moves the choice, or goes where it leads; false for keys that are none of the palette's.
pub(super) fn key(event: &KeyboardEvent) -> bool {
    if within(event, "[data-palette-field]").is_none() {
        return false;
    }
    let Some(list) = find("#jumps") else { return false };
    let found = shown(&list);
    let chosen = found.iter().position(|place| place.get_attribute("aria-selected").as_deref() == Some("true"));
    let at = chosen.unwrap_or_default();
    match event.key().as_str() {
        "ArrowDown" => choose(&list, &found, (at + 1).min(found.len().saturating_sub(1))),
        "ArrowUp" => choose(&list, &found, at.saturating_sub(1)),
        "Enter" => {
            if let Some(place) = found.into_iter().nth(at) {
                place.unchecked_into::<HtmlElement>().click();
            }
        }
        _ => return false,
    }
    event.prevent_default();
    true
}

fn shown(list: &Element) -> Vec<Element> {
    all(list, "[role=option]:not([hidden])")
}

fn choose(list: &Element, found: &[Element], at: usize) {
    for place in all(list, "[aria-selected=true]") {
        let _ = place.set_attribute("aria-selected", "false");
    }
    let Some(place) = found.get(at) else { return };
    let _ = place.set_attribute("aria-selected", "true");
    place.scroll_into_view_with_bool(false);
    if let Some(field) = find("[data-palette-field]") {
        let _ = field.set_attribute("aria-activedescendant", &place.id());
    }
}
