//! How much happened when: as columns, each of which leads to the entries of its time, and as a table of the same
//! figures.
//!
//! Whoever has a pointer picks a column. The keyboard and assistive technology have the table for it, so that nobody
//! has to go through all columns to get to the entries.

use domain::audit::AuditQuery;
use leptos::prelude::*;
use server::audit::{Bar, Histogram};

use super::address::changed;
use super::spans::{NAMED, all, described, names, summary, time_of};
use crate::context::Organization;
use crate::ui::{Cell, CellKind, ColumnHeader, Row, Table, number};

/// All of a chart's width or height, in hundredths of a percent.
const WHOLE: u64 = 10_000;
/// What is there is seen, however little it is.
const SEEN: u64 = 300;

/// What a part of a column stands for.
struct Part {
    label: &'static str,
    class: &'static str,
    count: fn(&Bar) -> u64,
}

/// The parts of a column, from the ground up.
static PARTS: [Part; 2] = [
    Part { label: "Denied or failed", class: "chart-denied", count: |bar| bar.denied },
    Part { label: "Done", class: "chart-allowed", count: |bar| bar.done },
];

/// The chart and its table; nothing where there is nothing to show.
#[component]
pub(super) fn Columns(org: Organization, query: AuditQuery, histogram: Histogram) -> impl IntoView {
    let Histogram { bars, exact } = histogram;
    let most = bars.iter().map(all).max().unwrap_or_default();
    if most == 0 {
        return ().into_any();
    }
    let pick = |bar: &Bar| {
        let (from, until) = (bar.at, bar.until);
        changed(&org, &query, |q| {
            (q.range, q.from, q.until) = (None, Some(from), Some(until));
        })
    };
    let picks = bars.iter().map(|bar| match all(bar) {
        0 => view! { <span></span> }.into_any(),
        _ => view! { <a href=pick(bar) title=described(bar) tabindex="-1"></a> }.into_any(),
    });
    let picks = picks.collect_view();
    let rows = bars.iter().rev().filter(|bar| all(bar) > 0).map(|bar| line(bar, pick(bar))).collect_view();
    let edges = (!exact).then_some("The first and the last column may count more than is asked for. ");
    view! {
        <section class="panel card-body mb-5" aria-label="Entries by time">
            <div class="chart histogram">
                <Plot bars top=most picks=picks.into_any() />
            </div>
            <details class="mt-2 text-md">
                <summary class="w-fit rounded-sm text-muted hover:text-base-content">"Show as table"</summary>
                <p class="mt-2 mb-1 text-sm text-muted">{edges} "Times are in UTC. What is empty is left out."</p>
                <Figures rows=rows.into_any() />
            </details>
        </section>
    }
    .into_any()
}

/// The columns between their axes, below what leads to the entries of each.
#[component]
fn Plot(
    bars: Vec<Bar>,
    /// How many entries reach to the top: at least one.
    top: u64,
    /// A link or a gap for each column.
    picks: AnyView,
) -> impl IntoView {
    let of = bars.len() as u64;
    let columns = bars.iter().zip(0_u64..).map(|(bar, place)| column(bar, place, of, top)).collect_view();
    let (names, description) = (names(&bars), summary(&bars));
    let below = if bars.len() > NAMED { "chart-days chart-quarters" } else { "chart-days" };
    let names = names.into_iter().map(|name| view! { <span>{name}</span> }).collect_view();
    let keys = PARTS.iter().rev().map(|part| {
        view! {
            <li>
                <svg class="chart-key" aria-hidden="true">
                    <rect class=part.class width="100%" height="100%" rx="2"></rect>
                </svg>
                {part.label}
            </li>
        }
    });
    let keys = keys.collect_view();
    view! {
        <div class="chart-scale" aria-hidden="true">
            <span>{number(top)}</span>
            <span>"0"</span>
        </div>
        <div class="histogram-plot">
            <svg class="chart-plot" role="img" aria-labelledby="histogram-title" aria-describedby="histogram-description">
                <title id="histogram-title">"Entries by time"</title>
                <desc id="histogram-description">{description}</desc>
                <line class="chart-line" x1="0%" x2="100%" y1="0%" y2="0%"></line>
                <line class="chart-line" x1="0%" x2="100%" y1="100%" y2="100%"></line>
                {columns}
            </svg>
            <div class="histogram-picks" aria-hidden="true">{picks}</div>
        </div>
        <div class=below aria-hidden="true">{names}</div>
        <ul class="chart-legend">{keys}</ul>
    }
}

/// One column: which of how many, and the number of entries that reaches to the top.
fn column(bar: &Bar, place: u64, of: u64, top: u64) -> impl IntoView + use<> {
    // Between two columns there is some room, and no column is wider than a tenth of all.
    let width = 4 * of.min(8);
    let share = |part: u64| percent(part * WHOLE / (of * 40));
    let (x, width) = (share(place * 40 + (40 - width) / 2), share(width));
    let mut ground = WHOLE;
    let parts = PARTS.iter().filter_map(|part| {
        let count = (part.count)(bar);
        (count > 0).then(|| {
            let height = (count.saturating_mul(WHOLE) / top).max(SEEN).min(ground);
            ground -= height;
            let (x, y, width, height) = (x.clone(), percent(ground), width.clone(), percent(height));
            view! { <rect class=part.class x=x y=y width=width height=height></rect> }
        })
    });
    parts.collect_view()
}

/// The table around its rows.
#[component]
fn Figures(rows: AnyView) -> impl IntoView {
    let heads = PARTS.iter().rev().map(|part| view! { <ColumnHeader label=part.label kind=CellKind::Number /> });
    let heads = heads.collect_view();
    view! {
        <Table
            label="Entries by time"
            head=move || {
                view! {
                    <ColumnHeader label="Time" />
                    {heads}
                    <ColumnHeader label="Entries" kind=CellKind::Number />
                }
            }
        >
            {rows}
        </Table>
    }
}

/// The row of a column, which leads to its entries, too.
fn line(bar: &Bar, href: String) -> impl IntoView + use<> {
    let figures = PARTS.iter().rev().map(|part| {
        let count = number((part.count)(bar));
        view! { <Cell label=part.label kind=CellKind::Number>{count}</Cell> }
    });
    let (figures, time, all) = (figures.collect_view(), time_of(bar), number(all(bar)));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <a class="link-quiet" href=href>{time}</a>
            </Cell>
            {figures}
            <Cell label="Entries" kind=CellKind::Number>{all}</Cell>
        </Row>
    }
}

/// Hundredths of a percent, as an attribute.
fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
