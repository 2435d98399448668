//! The keyboard: `g` and a letter leads to a page, `/` to the search, `?` lists the keys, Ctrl K opens the palette.

use super::places::{element, places};
use super::{dialog, find, palette, within};
use web_sys::{Element, KeyboardEvent};

/// How long after `g` its letter may come, in milliseconds.
const PATIENCE: f64 = 1_000.0;

/// Keys that follow each other.
pub(super) struct Sequence {
    g_at: f64,
}

impl Default for Sequence {
    fn default() -> Self {
        Self { g_at: f64::NEG_INFINITY }
    }
}

impl Sequence {
    /// Does what a key asks for. Keys typed into a field or a dialog belong to it, except for the palette's; and who has
    /// turned single keys off in the profile is asked nothing by them.
    pub(super) fn key(&mut self, event: &KeyboardEvent) {
        let (key, with_control) = (event.key(), event.ctrl_key() || event.meta_key());
        if with_control && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            dialog::open_template("palette", palette::fill);
            return;
        }
        if with_control || event.alt_key() || belongs_to_a_field(event) || find("[data-keys=off]").is_some() {
            return;
        }
        let after_g = event.time_stamp() - self.g_at < PATIENCE;
        self.g_at = if key == "g" && !after_g { event.time_stamp() } else { f64::NEG_INFINITY };
        match key.as_str() {
            _ if after_g => go(&key),
            "?" => dialog::open_template("keys", fill),
            "/" => {
                if let Some(field) = find("[data-search]") {
                    event.prevent_default();
                    // A field that cannot take the focus stays without it.
                    let _ = field.focus();
                }
            }
            _ => {}
        }
    }
}

fn belongs_to_a_field(event: &KeyboardEvent) -> bool {
    // For a moment after it was closed, a dialog still has the focus.
    let is_closed = within(event, "dialog:not([open])").is_some();
    !is_closed && within(event, "input, textarea, select, dialog, [contenteditable]").is_some()
}

/// Goes to the page that has this letter.
fn go(letter: &str) {
    if let Some(place) = places().find(|place| place.key.as_deref() == Some(letter)) {
        dialog::go(&place.href);
    }
}

/// Puts the pages that have a letter before the other keys of the list.
fn fill(dialog: &Element) -> Option<()> {
    let list = dialog.query_selector("dl").ok()??;
    let first = list.first_child();
    for (place, key) in places().filter_map(|mut place| place.key.take().map(|key| (place, key))) {
        let keys = element("dd", "text-end", "")?;
        keys.append_child(&element("kbd", "keys", &format!("g {key}"))?.into()).ok()?;
        list.insert_before(&element("dt", "", &place.label)?.into(), first.as_ref()).ok()?;
        list.insert_before(&keys.into(), first.as_ref()).ok()?;
    }
    Some(())
}
