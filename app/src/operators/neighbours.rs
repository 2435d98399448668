//! Which organizations ask for most, and where most waits.

use axum::response::Response;
use leptos::prelude::*;
use server::operators::{self, Neighbours, Pressed, Waiting};

use super::{Console, address};
use crate::problems::Fault;
use crate::ui::{Cell, CellKind, ColumnHeader, EmptyPanel, ExactTime, PageHeader, Panel, Row, Table, TimeAgo, number};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(console: Console) -> Result<Response, Fault> {
    let neighbours = operators::neighbours(&console.access).await?;
    let content = console.clone();
    let page = move || {
        let Neighbours { pressing, since, waiting } = neighbours;
        let zone = content.page.zone();
        let since = since.map(|at| {
            view! {
                <p class="mb-3 text-md text-muted">
                    "In this program, since " <ExactTime at zone /> ". Others that run beside it count their own."
                </p>
            }
        });
        view! {
            <PageHeader
                title="Noisy neighbours"
                lead="The organizations that ask for most, and those for which most waits: what one of them may keep from others."
            />
            <h2 class="mt-6 mb-3 text-xl font-semibold">"Asked for in the last hour"</h2>
            {since}
            <Pressing rows=pressing />
            <h2 class="mt-6 mb-3 text-xl font-semibold">"Waiting now"</h2>
            <Queues rows=waiting console=content />
        }
        .into_any()
    };
    Ok(console.render("Noisy neighbours", page).await)
}

#[component]
fn Pressing(rows: Vec<Pressed>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyPanel title="Nothing was asked for" text="No organization was used in the last hour." /> }
            .into_any();
    }
    let lines = rows.into_iter().map(|row| view! { <PressedLine row /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Asked for in the last hour"
                head=|| {
                    view! {
                        <ColumnHeader label="Organization" />
                        <ColumnHeader label="Time" kind=CellKind::Number />
                        <ColumnHeader label="Pages" kind=CellKind::Number />
                        <ColumnHeader label="API calls" kind=CellKind::Number />
                        <ColumnHeader label="Each" kind=CellKind::Number wide_only=true />
                    }
                }
            >
                {lines}
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn PressedLine(row: Pressed) -> impl IntoView {
    let Pressed { id, slug, name, pages, calls, milliseconds } = row;
    let each = milliseconds / (pages + calls).max(1);
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <Named href=address(id, "") name slug />
            </Cell>
            <Cell label="Time" kind=CellKind::Number>
                {seconds(milliseconds)}
            </Cell>
            <Cell label="Pages" kind=CellKind::Number>
                {number(pages)}
            </Cell>
            <Cell label="API calls" kind=CellKind::Number>
                {number(calls)}
            </Cell>
            <Cell label="Each" kind=CellKind::Number wide_only=true>
                {format!("{} ms", number(each))}
            </Cell>
        </Row>
    }
}

#[component]
fn Queues(rows: Vec<Waiting>, console: Console) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyPanel title="Nothing waits" text="All that was to be done is done." /> }.into_any();
    }
    let (now, zone) = (console.page.request.now, console.page.zone());
    let lines = rows.into_iter().map(|row| {
        let Waiting { id, slug, name, jobs, noticed, overdue, since } = row;
        let zone = zone.clone();
        view! {
            <Row>
                <Cell kind=CellKind::Main>
                    <Named href=address(id, "") name slug />
                </Cell>
                <Cell label="Jobs" kind=CellKind::Number>
                    {number(jobs)}
                </Cell>
                <Cell label="Detections" kind=CellKind::Number>
                    {number(noticed)}
                </Cell>
                <Cell label="Webhooks and quotas" kind=CellKind::Number>
                    {number(overdue)}
                </Cell>
                <Cell label="Since" kind=CellKind::Muted>
                    <TimeAgo at=since now zone />
                </Cell>
            </Row>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Panel>
            <Table
                label="Waiting now"
                head=|| {
                    view! {
                        <ColumnHeader label="Organization" />
                        <ColumnHeader label="Jobs" kind=CellKind::Number />
                        <ColumnHeader label="Detections" kind=CellKind::Number />
                        <ColumnHeader label="Webhooks and quotas" kind=CellKind::Number />
                        <ColumnHeader label="Since" />
                    }
                }
            >
                {lines}
            </Table>
        </Panel>
    }
    .into_any()
}

/// An organization by both of its names, with the way to its page.
#[component]
fn Named(href: String, name: String, slug: String) -> impl IntoView {
    view! {
        <div class="min-w-0">
            <a class="link-quiet font-medium" href=href>
                <bdi>{name}</bdi>
            </a>
            <span class="block truncate text-xs text-muted">{slug}</span>
        </div>
    }
}

/// A time that something took, in seconds with a tenth while they are few.
fn seconds(milliseconds: u64) -> String {
    if milliseconds < 10_000 {
        format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
    } else {
        format!("{} s", number(milliseconds / 1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        for (milliseconds, shown) in
            [(0, "0.0 s"), (1_260, "1.2 s"), (9_999, "9.9 s"), (12_345, "12 s"), (1_234_567, "1,234 s")]
        {
            assert_eq!(seconds(milliseconds), shown);
        }
    }
}
