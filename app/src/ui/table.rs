//! Tables. On a phone the same markup becomes a list of cards, each value under its column's name.
//!
//! Roles are spelled out because browsers forget them when CSS lays a table out as something else.

use std::borrow::Cow;

use super::icons::{Icon, IconName};
use leptos::{children::ViewFnOnce, prelude::*};

/// How a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A to Z, old to new, few to many.
    Ascending,
    /// The other way round.
    Descending,
}

/// A table inside a `Panel`.
#[component]
pub fn Table(
    /// What it lists, for assistive technology.
    #[prop(into)]
    label: String,
    /// The `ColumnHeader`s.
    #[prop(into)]
    head: ViewFnOnce,
    /// The `Row`s.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-scroll">
            <table class="data-table" role="table" aria-label=label>
                <thead role="rowgroup">
                    <tr role="row">{head.run()}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

/// The head of a column; a link when the list can be sorted by it.
#[component]
pub fn ColumnHeader(
    /// The column's name, as in the cells' `label`.
    #[prop(into)]
    label: String,
    /// The kind of its cells.
    #[prop(optional)]
    kind: CellKind,
    /// The list sorted by this column, or the other way when it is already.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// How the list is sorted by it now.
    #[prop(optional_no_strip)]
    sort: Option<Sort>,
    /// Only where there is room; see `Cell`.
    #[prop(optional)]
    wide_only: bool,
    /// Not on a phone; see `Cell`.
    #[prop(optional)]
    behind_tap: bool,
) -> impl IntoView {
    let class = cell_class(kind, wide_only, behind_tap);
    let aria_sort = match sort {
        Some(Sort::Ascending) => Some("ascending"),
        Some(Sort::Descending) => Some("descending"),
        None => href.is_some().then_some("none"),
    };
    let icon = if sort == Some(Sort::Descending) { IconName::ARROW_DOWN } else { IconName::ARROW_UP };
    let content = match href {
        Some(href) => view! { <a href=href>{label} <Icon name=icon /></a> }.into_any(),
        None if matches!(kind, CellKind::Actions | CellKind::Check) => {
            view! { <span class="sr-only">{label}</span> }.into_any()
        }
        None => label.into_any(),
    };
    view! {
        <th class=class role="columnheader" scope="col" aria-sort=aria_sort>
            {content}
        </th>
    }
}

/// A line of the table.
#[component]
pub fn Row(
    /// An id, to come back to.
    #[prop(optional, into)]
    id: Option<String>,
    /// The `Cell`s.
    children: Children,
) -> impl IntoView {
    view! { <tr role="row" id=id>{children()}</tr> }
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellKind {
    /// Words.
    #[default]
    Text,
    /// What the row is about: its header, and the title of its card. One per row.
    Main,
    /// A number, at the right.
    Number,
    /// Something of less weight, such as a time.
    Muted,
    /// A sentence, or a value of any length: wraps, and has the room that the others leave.
    Prose,
    /// An icon that says yes or no.
    Sign,
    /// The box that selects the row.
    Check,
    /// The row's menu.
    Actions,
}

/// A value of a row.
#[component]
pub fn Cell(
    /// The column's name, shown beside the value in a card.
    #[prop(optional, into)]
    label: Cow<'static, str>,
    /// What it holds.
    #[prop(optional)]
    kind: CellKind,
    /// Shown from 1,024 px on; on smaller screens it stands on the row's own page.
    #[prop(optional)]
    wide_only: bool,
    /// Not shown on a phone, whose cards are short: the row's own page tells it.
    #[prop(optional)]
    behind_tap: bool,
    /// The value.
    children: Children,
) -> impl IntoView {
    let class = cell_class(kind, wide_only, behind_tap);
    let label = (!label.is_empty()).then_some(label);
    if kind == CellKind::Main {
        return view! {
            <th class=class role="rowheader" scope="row" data-label=label>
                {children()}
            </th>
        }
        .into_any();
    }
    view! {
        <td class=class role="cell" data-label=label>
            {children()}
        </td>
    }
    .into_any()
}

fn cell_class(kind: CellKind, wide_only: bool, behind_tap: bool) -> Cow<'static, str> {
    let kind = match kind {
        CellKind::Text => "cell-text",
        CellKind::Main => "cell-main",
        CellKind::Number => "cell-number",
        CellKind::Muted => "cell-muted",
        CellKind::Prose => "cell-prose",
        CellKind::Sign => "cell-sign",
        CellKind::Check => "cell-check",
        CellKind::Actions => "cell-actions",
    };
    match (wide_only, behind_tap) {
        (false, false) => kind.into(),
        (true, false) => format!("{kind} cell-wide").into(),
        (false, true) => format!("{kind} cell-rest").into(),
        (true, true) => format!("{kind} cell-wide cell-rest").into(),
    }
}
