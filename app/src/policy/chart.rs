//! What would have come of the visits of each day: as a chart, and as a table of the same figures.
//!
//! The bars are placed by shares of the chart's width and height, so that it fits every screen while its lines and its
//! hatching stay as they are. What is written beside it is no part of the drawing, and keeps its size.

use domain::policy::Fates;
use leptos::prelude::*;
use time::{Date, OffsetDateTime};

use super::fates::visits;
use super::scale::{NAMED, WHOLE, described, long, names, percent, range, told, top};
use crate::ui::{Card, Cell, CellKind, ColumnHeader, Row, Table, number};

/// What is there is seen, however little it is.
const SEEN: u64 = 120;

/// What a part of a bar stands for.
struct Part {
    label: &'static str,
    class: &'static str,
    /// A pattern instead of the class' colour.
    fill: Option<&'static str>,
    count: fn(&Fates) -> u64,
}

/// The parts of a bar, from the ground up: what matters most can be compared from day to day.
static PARTS: [Part; 3] = [
    Part { label: "Kept out", class: "chart-denied", fill: None, count: |fates| fates.denied },
    Part {
        label: "Asked first",
        class: "chart-asked",
        fill: Some("url(#chart-hatching)"),
        count: |fates| fates.stepped_up,
    },
    Part { label: "Comes in", class: "chart-allowed", fill: None, count: |fates| fates.allowed },
];

/// The visits of each day, by what would have come of them.
#[component]
pub(super) fn Days(
    /// What would have come of them, for the days that have some.
    days: Vec<(Date, Fates)>,
    /// Since when visits were looked at.
    since: OffsetDateTime,
    /// Until when.
    now: OffsetDateTime,
) -> impl IntoView {
    let range = range(&days, since, now);
    view! {
        <Card title="By day" lead="Visits on each day, which begins at midnight UTC.">
            <div class="chart">
                <Plot range />
                <Legend />
            </div>
            <details class="mt-3 text-md">
                <summary class="w-fit rounded-sm text-muted hover:text-base-content">"Show as table"</summary>
                <DaysTable days />
            </details>
        </Card>
    }
}

/// The bars between their axes.
#[component]
fn Plot(range: Vec<(Date, Fates)>) -> impl IntoView {
    let top = top(range.iter().map(|(_, fates)| fates.sum()).max().unwrap_or_default());
    let scale = [top, top / 2, 0].into_iter().map(|value| view! { <span>{number(value)}</span> });
    let scale = scale.collect_view();
    let lines = ["0%", "50%", "100%"].into_iter().map(|y| {
        view! { <line class="chart-line" x1="0%" x2="100%" y1=y y2=y></line> }
    });
    let lines = lines.collect_view();
    let (of, description) = (range.len() as u64, described(&range));
    let names = names(&range).into_iter().map(|name| view! { <span>{name}</span> }).collect_view();
    let below = if range.len() > NAMED { "chart-days chart-quarters" } else { "chart-days" };
    let bars = range.into_iter().zip(0_u64..).filter(|((_, fates), _)| fates.sum() > 0);
    let bars = bars.map(|((day, fates), place)| view! { <Bar day fates place of top /> }).collect_view();
    view! {
        <div class="chart-scale" aria-hidden="true">{scale}</div>
        <svg class="chart-plot" role="img" aria-labelledby="chart-title" aria-describedby="chart-description">
            <title id="chart-title">"Visits by day"</title>
            <desc id="chart-description">{description}</desc>
            <defs>
                <pattern
                    id="chart-hatching"
                    width="4"
                    height="4"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <rect class="chart-asked-ground" width="4" height="4"></rect>
                    <rect class="chart-asked-line" width="2.4" height="4"></rect>
                </pattern>
            </defs>
            {lines}
            {bars}
        </svg>
        <div class=below aria-hidden="true">{names}</div>
    }
}

/// The bar of one day; on hover it tells its figures.
#[component]
fn Bar(
    day: Date,
    fates: Fates,
    /// Which day of the range it is.
    place: u64,
    /// How many days there are.
    of: u64,
    /// The number of visits that reaches to the top.
    top: u64,
) -> impl IntoView {
    let title = format!("{}: {}, {}", long(day), visits(fates.sum()), told(&fates));
    let share = |part: u64| percent(part * WHOLE / (of * 40));
    // Between two bars there is some room, and no bar is wider than a twentieth of all.
    let width = 2 * of.min(14);
    let (x, slot) = (share(place * 40 + (40 - width) / 2), share(place * 40));
    let (width, room) = (share(width), share(40));
    let mut ground = WHOLE;
    let parts = PARTS.iter().filter_map(|part| {
        let count = (part.count)(&fates);
        (count > 0).then(|| {
            let height = (count * WHOLE / top).max(SEEN).min(ground);
            ground -= height;
            let (x, y, width, height) = (x.clone(), percent(ground), width.clone(), percent(height));
            view! { <rect class=part.class fill=part.fill x=x y=y width=width height=height></rect> }
        })
    });
    let parts = parts.collect_view();
    view! {
        <g class="chart-day">
            <title>{title}</title>
            <rect class="chart-slot" x=slot y="0%" width=room height="100%"></rect>
            {parts}
        </g>
    }
}

/// What the colours stand for.
#[component]
fn Legend() -> impl IntoView {
    let keys = PARTS.iter().map(|part| {
        view! {
            <li>
                <svg class="chart-key" aria-hidden="true">
                    <rect class=part.class fill=part.fill width="100%" height="100%" rx="2"></rect>
                </svg>
                {part.label}
            </li>
        }
    });
    let keys = keys.collect_view();
    view! {
        <ul class="chart-legend">{keys}</ul>
    }
}

/// The days that have visits, the newest first.
#[component]
fn DaysTable(days: Vec<(Date, Fates)>) -> impl IntoView {
    let rows = days.into_iter().rev().map(|(day, fates)| {
        let figures = PARTS.iter().map(|part| {
            let count = number((part.count)(&fates));
            view! { <Cell label=part.label kind=CellKind::Number>{count}</Cell> }
        });
        let figures = figures.collect_view();
        view! {
            <Row>
                <Cell kind=CellKind::Main>{long(day)}</Cell>
                {figures}
                <Cell label="Visits" kind=CellKind::Number>{number(fates.sum())}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let heads = PARTS.iter().map(|part| view! { <ColumnHeader label=part.label kind=CellKind::Number /> });
    let heads = heads.collect_view();
    view! {
        <p class="mt-2 mb-1 text-sm text-muted">"Days without visits are left out."</p>
        <Table
            label="Visits by day"
            head=move || {
                view! {
                    <ColumnHeader label="Day" />
                    {heads}
                    <ColumnHeader label="Visits" kind=CellKind::Number />
                }
            }
        >
            {rows}
        </Table>
    }
}
