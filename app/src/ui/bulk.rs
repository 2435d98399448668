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

/// The bar at the foot of a `Panel` while rows are selected; its buttons carry `formaction`.
#[component]
pub fn BulkBar(
    /// Where the form goes by default.
    #[prop(into)]
    action: String,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <Form action=action id=BULK_FORM class="bulk">
            <span class="bulk-count">"selected"</span>
            {children()}
        </Form>
    }
}
