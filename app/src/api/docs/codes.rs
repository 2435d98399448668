//! The codes of problems, as people read them.

use leptos::prelude::*;

use crate::api::codes::CODES;
use crate::ui::{Cell, CellKind, ColumnHeader, Panel, Row, Table};

/// Every code. Problem details name the place of theirs as their type.
#[component]
pub(super) fn Codes() -> impl IntoView {
    let rows = CODES
        .iter()
        .map(|code| {
            view! {
                <Row id=code.code>
                    <Cell label="Code" kind=CellKind::Main><code class="mono">{code.code}</code></Cell>
                    <Cell label="Status" kind=CellKind::Number>{code.status}</Cell>
                    <Cell label="What happened">{code.title}</Cell>
                    <Cell label="What helps" kind=CellKind::Prose>{code.detail}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Panel>
            <Table
                label="Codes of problems"
                head=|| {
                    view! {
                        <ColumnHeader label="Code" kind=CellKind::Main />
                        <ColumnHeader label="Status" kind=CellKind::Number />
                        <ColumnHeader label="What happened" />
                        <ColumnHeader label="What helps" kind=CellKind::Prose />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}
