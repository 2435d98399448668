//! The open palette: what fits the words typed is shown; arrows choose, Enter goes there or does it.

use super::places::{Kind, element, places};
use super::{all, dialog, find, within};
use crate::ui::fits;
use js_sys::{JsString, encode_uri_component};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent};

/// Puts the page's places into a palette that is about to open.
pub(super) fn fill(dialog: &Element) -> Option<()> {
    let list = dialog.query_selector("[role=listbox]").ok()??;
    let search = list.first_child();
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
            (if place.kind == Kind::Act { "data-press" } else { "href" }, place.href.as_str()),
            ("aria-selected", selected),
            ("data-words", words.as_str()),
        ] {
            line.set_attribute(name, value).ok()?;
        }
        if place.kind == Kind::Dialog {
            line.set_attribute("data-dialog", "").ok()?;
        }
        list.insert_before(&line.into(), search.as_ref()).ok()?;
    }
    Some(())
}

/// By the browser's own table of letters: Rust's would have to be loaded.
fn lower_case(text: &str) -> String {
    String::from(JsString::from(text).to_lower_case())
}

/// Shows what fits, says how much that is, and chooses the first of it.
pub(super) fn typed(event: &Event) {
    let Some(field) = within(event, "[data-palette-field]") else { return };
    let typed = field.unchecked_into::<HtmlInputElement>().value();
    let words = lower_case(&typed);
    let Some(list) = find("#jumps") else { return };
    let mut count = 0;
    for place in all(&list, "[data-words]") {
        let is_found = fits(&place.get_attribute("data-words").unwrap_or_default(), &words);
        count += u32::from(is_found);
        place.unchecked_into::<HtmlElement>().set_hidden(!is_found);
    }
    if let Some(outcome) = find("#jumps-found") {
        let text = if count == 0 { "Nothing found".to_owned() } else { format!("{count} found") };
        outcome.set_text_content(Some(&text));
    }
    offer_search(typed.trim());
    choose(&list, &shown(&list), 0);
}

/// Offers to look for the words among the members, on pages of an organization.
fn offer_search(words: &str) -> Option<()> {
    let search = find("[data-search-for]")?;
    search.set_hidden(words.is_empty());
    search.query_selector("bdi").ok()??.set_text_content(Some(words));
    let href = search.get_attribute("data-search-for")? + &String::from(encode_uri_component(words));
    search.set_attribute("href", &href).ok()
}

/// Sends the page's own form that a line stands for.
pub(super) fn press(line: &Element) {
    let action = line.get_attribute("data-press").unwrap_or_default();
    dialog::dismiss(line);
    if let Some(form) = find(&format!("form[action='{action}']")) {
        // A form that is refused leaves the page as it is.
        let _ = form.unchecked_into::<HtmlFormElement>().request_submit();
    }
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
    let Some(field) = find("[data-palette-field]") else { return };
    let Some(place) = found.get(at) else {
        let _ = field.remove_attribute("aria-activedescendant");
        return;
    };
    let _ = place.set_attribute("aria-selected", "true");
    let _ = field.set_attribute("aria-activedescendant", &place.id());
    place.scroll_into_view_with_bool(false);
}
