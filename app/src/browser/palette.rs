//! The open palette: what fits the words typed is shown; arrows choose, Enter goes.

use super::places::{element, places};
use super::{all, find, within};
use crate::ui::fits;
use js_sys::JsString;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Puts the page's places into a palette that is about to open.
pub(super) fn fill(dialog: &Element) -> Option<()> {
    let list = dialog.query_selector("[role=listbox]").ok()??;
    let nothing = list.first_child();
    for (at, place) in places().enumerate() {
        let line = element("a", "pop-item", "")?;
        line.append_child(&element("span", "", &place.label)?.into()).ok()?;
        line.append_child(&element("span", "", &place.group)?.into()).ok()?;
        if let Some(key) = &place.key {
            line.append_child(&element("kbd", "keys", &format!("g {key}"))?.into()).ok()?;
        }
        let words = lower_case(&format!("{} {}", place.label, place.group));
        let id = format!("jump-{at}");
        let selected = if at == 0 { "true" } else { "false" };
        for (name, value) in [
            ("role", "option"),
            ("tabindex", "-1"),
            ("id", id.as_str()),
            ("href", place.href.as_str()),
            ("aria-selected", selected),
            ("data-words", words.as_str()),
        ] {
            line.set_attribute(name, value).ok()?;
        }
        list.insert_before(&line.into(), nothing.as_ref()).ok()?;
    }
    Some(())
}

/// By the browser's own table of letters: Rust's would have to be loaded.
fn lower_case(text: &str) -> String {
    String::from(JsString::from(text).to_lower_case())
}

/// Shows what fits, and chooses the first of it.
pub(super) fn typed(event: &Event) {
    let Some(field) = within(event, "[data-palette-field]") else { return };
    let words = lower_case(&field.unchecked_into::<HtmlInputElement>().value());
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
