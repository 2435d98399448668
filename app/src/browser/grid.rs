//! Tables of boxes: the arrow keys lead from one to the next, and the foot says how many are other than they were.

use super::{all, find, within};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTableCellElement, KeyboardEvent};

/// Where a key leads from a cell: along its row, or to another row.
enum Way {
    Along(i32),
    Rows(i32),
    First,
    Last,
}

/// Moves the focus between the boxes of a grid; false for keys that are none of its own.
pub(super) fn key(event: &KeyboardEvent) -> bool {
    // With another key held down they are the browser's.
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
        return false;
    }
    let way = match event.key().as_str() {
        "ArrowLeft" => Way::Along(-1),
        "ArrowRight" => Way::Along(1),
        "ArrowUp" => Way::Rows(-1),
        "ArrowDown" => Way::Rows(1),
        "Home" => Way::First,
        "End" => Way::Last,
        _ => return false,
    };
    let Some(grid) = within(event, "[data-grid]") else { return false };
    let Some(cell) = within(event, "td").and_then(|cell| cell.dyn_into::<HtmlTableCellElement>().ok()) else {
        return false;
    };
    event.prevent_default();
    if let Some(next) = next(&grid, &cell, &way) {
        // A box that cannot take the focus stays without it.
        let _ = next.focus();
    }
    true
}

fn next(grid: &Element, cell: &HtmlTableCellElement, way: &Way) -> Option<HtmlElement> {
    let row = cell.parent_element()?;
    match way {
        Way::First => all(&row, "input").into_iter().next(),
        Way::Last => all(&row, "input").into_iter().next_back(),
        Way::Along(step) => {
            let boxes = all(&row, "input");
            let here = boxes.iter().position(|other| cell.contains(Some(other)))?;
            boxes.into_iter().nth(moved(here, *step)?)
        }
        Way::Rows(step) => {
            let column = format!("td:nth-child({}) input", cell.cell_index() + 1);
            let boxes = all(grid, &column);
            let here = boxes.iter().position(|other| cell.contains(Some(other)))?;
            boxes.into_iter().nth(moved(here, *step)?)
        }
    }
    .map(JsCast::unchecked_into)
}

fn moved(from: usize, step: i32) -> Option<usize> {
    from.checked_add_signed(isize::try_from(step).ok()?)
}

/// Counts the boxes that are other than what is saved: when one is ticked, and when the page comes back with what was
/// ticked before.
pub(super) fn count() {
    let Some(grid) = find("[data-grid]") else { return };
    let boxes = all(&grid, "input[type=checkbox]").into_iter().map(JsCast::unchecked_into::<HtmlInputElement>);
    let count = boxes.filter(|it| it.checked() != it.has_attribute("data-saved")).count();
    if let Some(place) = find("[data-grid-count]") {
        place.set_text_content(Some(&match count {
            0 => String::new(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        }));
    }
}
