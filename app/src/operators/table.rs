//! The table of organizations.

use domain::operators::OrganizationQuery;
use domain::paging::{Cursor, Page};
use leptos::prelude::*;
use server::operators::OrganizationRow;
use time::OffsetDateTime;

use super::list::address as list_address;
use super::parts::{HealthBadge, StatusBadge, version};
use super::{Console, address};
use crate::ui::{Cell, CellKind, ColumnHeader, Pager, Panel, Row, Table, TimeAgo, Zone, number};

/// The organizations of one page.
#[component]
pub(super) fn Organizations(console: Console, query: OrganizationQuery, list: Page<OrganizationRow>) -> impl IntoView {
    let range = match (list.rows.len(), list.total) {
        (shown, total) if query.cursor.is_none() && shown as u64 == total => number(total),
        (shown, total) if query.cursor.is_none() => format!("1–{shown} of {}", number(total)),
        (shown, total) => format!("{shown} of {}", number(total)),
    };
    let turn = |cursor: Option<String>| {
        cursor.map(|cursor| list_address(&OrganizationQuery { cursor: Cursor::decode(&cursor), ..query.clone() }))
    };
    let (previous, next) = (turn(list.previous), turn(list.next));
    let (now, zone) = (console.page.request.now, console.page.zone());
    let rows = list.rows.into_iter().map(|row| view! { <OrganizationLine row now zone=zone.clone() /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Organizations"
                head=|| {
                    view! {
                        <ColumnHeader label="Organization" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Plan" />
                        <ColumnHeader label="Members" kind=CellKind::Number />
                        <ColumnHeader label="Last activity" behind_tap=true />
                        <ColumnHeader label="Version" kind=CellKind::Number wide_only=true />
                        <ColumnHeader label="Health" />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next />
        </Panel>
    }
}

#[component]
fn OrganizationLine(row: OrganizationRow, now: OffsetDateTime, zone: Zone) -> impl IntoView {
    let health = row.health();
    let last = match row.last_at {
        Some(at) => view! { <TimeAgo at now zone /> }.into_any(),
        None => "never".into_any(),
    };
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="min-w-0">
                    <a class="link-quiet font-medium" href=address(row.id, "")>
                        <bdi>{row.name}</bdi>
                    </a>
                    <span class="block truncate text-xs text-muted">{row.slug}</span>
                </div>
            </Cell>
            <Cell label="State">
                <StatusBadge status=row.status />
            </Cell>
            <Cell label="Plan">{row.plan.name()}</Cell>
            <Cell label="Members" kind=CellKind::Number>
                {number(row.members)}
            </Cell>
            <Cell label="Last activity" kind=CellKind::Muted behind_tap=true>
                {last}
            </Cell>
            <Cell label="Version" kind=CellKind::Number wide_only=true>
                {version(row.condition)}
            </Cell>
            <Cell label="Health">
                <HealthBadge health />
            </Cell>
        </Row>
    }
}
