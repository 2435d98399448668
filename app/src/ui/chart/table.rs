//! The numbers of a chart as a table.

use leptos::prelude::*;

use crate::ui::{Cell, CellKind, ColumnHeader, Row, Table, number};

/// The numbers of a chart, folded away below it. Links to `{id}-rows` unfold them.
#[component]
pub fn ChartTable(
    /// What is unique to the chart on the page.
    id: &'static str,
    /// What it lists.
    #[prop(into)]
    label: String,
    /// A remark above it.
    #[prop(optional, into)]
    note: Option<String>,
    /// The name of the first column.
    first: &'static str,
    /// The names of the others.
    heads: Vec<&'static str>,
    /// What each row is about, and its numbers.
    rows: Vec<(String, Vec<u64>)>,
) -> impl IntoView {
    let lines = rows.into_iter().map(|(title, counts)| {
        let counts = heads.iter().zip(counts).map(|(head, count)| {
            view! { <Cell label=*head kind=CellKind::Number>{number(count)}</Cell> }
        });
        let counts = counts.collect_view();
        view! {
            <Row>
                <Cell kind=CellKind::Main>{title}</Cell>
                {counts}
            </Row>
        }
    });
    let lines = lines.collect_view();
    let heads = heads.iter().map(|head| view! { <ColumnHeader label=*head kind=CellKind::Number /> }).collect_view();
    let note = note.map(|note| view! { <p class="mt-2 mb-1 text-sm text-muted">{note}</p> });
    view! {
        <details class="mt-3 text-md" id=format!("{id}-table")>
            <summary class="w-fit rounded-sm text-muted hover:text-base-content">"Show as table"</summary>
            <div id=format!("{id}-rows")>
                {note}
                <Table
                    label
                    head=move || {
                        view! {
                            <ColumnHeader label=first />
                            {heads}
                        }
                    }
                >
                    {lines}
                </Table>
            </div>
        </details>
    }
}
