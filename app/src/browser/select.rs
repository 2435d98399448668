//! Ticking all boxes of a page at once.

use super::all;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

/// The box above the others.
const ALL: &str = "[data-select-all]";

/// One box was ticked, or its tick was taken away: the one above all others ticks them, and follows them.
pub(super) fn ticked(one: &Element) {
    let Ok(Some(table)) = one.closest("table") else { return };
    let boxes = |selector: &str| all(&table, selector).into_iter().map(Element::unchecked_into::<HtmlInputElement>);
    let rows: Vec<_> = boxes("tbody .cell-check input").collect();
    if one.matches(ALL).unwrap_or_default() {
        let tick = one.clone().unchecked_into::<HtmlInputElement>().checked();
        for row in &rows {
            row.set_checked(tick);
        }
    } else {
        let whole = rows.iter().all(HtmlInputElement::checked);
        boxes(ALL).for_each(|above| above.set_checked(whole));
    }
}
