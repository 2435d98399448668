//! Acts on several rows at once, without scripts: boxes belong to one form by its id, CSS shows the bar and counts.

use super::form::Form;
use leptos::prelude::*;

/// The id of the form that a table's boxes belong to. One table with boxes per page.
const BULK_FORM: &str = "bulk";

/// The box at the start of a row, inside a `Cell` of kind `Check`.
#[component]
pub fn SelectBox(
    /// What the row is called, as in "Select Ada Öberg".
    #[prop(into)]
    label: String,
    /// What the form says for this row.
    #[prop(into)]
    value: String,
    /// The field's name.
    #[prop(default = "selected".to_owned(), into)]
    name: String,
) -> impl IntoView {
    let label = format!("Select {label}");
    view! { <input type="checkbox" class="checkbox" form=BULK_FORM name=name value=value aria-label=label /> }
}

/// The head of the column of boxes: scripts tick all of the page with it, and without them it is not there.
#[component]
pub fn SelectAll() -> impl IntoView {
    view! {
        <th class="cell-check" role="columnheader" scope="col">
            <span class="sr-only">"Selection"</span>
            <input type="checkbox" class="checkbox needs-scripts" data-select-all="" aria-label="Select all on this page" />
        </th>
    }
}

/// A box in the bar that means more than the page shows; the count of ticked rows gives way to it.
#[component]
pub fn AllBox(
    /// All of what, e.g. "Select all 4,812 that match".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <span class="bulk-all">
            <input type="checkbox" class="checkbox" id="bulk-all" name="all" value="true" />
            <label for="bulk-all">{label}</label>
        </span>
    }
}

/// The bar at the foot of a `Panel` while rows are selected; its buttons carry `formaction`.
#[component]
pub fn BulkBar(
    /// Where the form goes by default.
    #[prop(into)]
    action: String,
    /// `get` where the form leads to a page that asks once more.
    #[prop(default = "post")]
    method: &'static str,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <Form action=action method=method id=BULK_FORM class="bulk">
            <span class="bulk-count">"selected"</span>
            {children()}
        </Form>
    }
}
