//! The chart of a metric: a column for each step, with the limit where it can be held against them.

use domain::quotas::Range;
use leptos::prelude::*;
use server::quotas::{Consumption, Detail};

use crate::ui::chart::{Axes, Bar, Key, Mark, long_day, short_day, top};
use crate::ui::{Cell, CellKind, ColumnHeader, Row, Table, Zone};

const KEY: Key = Key { label: "Used", class: "chart-now", fill: None };

/// The chart, and its numbers as a table.
#[component]
pub(super) fn UsageChart(detail: Detail) -> impl IntoView {
    let (metric, range) = (detail.metric(), detail.range);
    let (unit, kind) = (metric.unit(), metric.kind());
    let shown = |step: &Consumption| if is_summed(&detail) { step.amount } else { step.peak };
    if detail.steps.iter().all(|step| step.amount == 0 && step.peak == 0) {
        return view! { <p class="text-md text-muted">"Nothing was used in this time."</p> }.into_any();
    }
    let rule = &detail.view.counter.rule;
    let limit = rule.limit.filter(|limit| *limit > 0 && range.shows_limit(kind));
    let most = detail.steps.iter().map(shown).chain(limit).max().unwrap_or(0);
    let (factor, word) = unit.scale(most);
    let scaled = |amount: i64| (amount.max(0) / factor).unsigned_abs();
    let top = top(scaled(most) + u64::from(most % factor > 0));
    let of = detail.steps.len() as u64;
    let names = detail.steps.iter().map(|step| name(range, step)).collect();
    let bars = detail.steps.iter().zip(0_u64..).map(|(step, place)| {
        let title = format!("{}: {}", title(range, step), unit.show(shown(step)));
        view! { <Bar title place of top parts=vec![(KEY, scaled(shown(step)))] /> }
    });
    let bars = bars.collect_view();
    let thresholds = rule.thresholds.percents().iter().filter(|percent| **percent < 100);
    let marks = limit.map(|limit| {
        let marks = thresholds.map(|percent| {
            let value = i64::try_from(i128::from(limit) * i128::from(*percent) / 100).unwrap_or(limit);
            view! { <Mark title=format!("{percent} %") value=scaled(value) top /> }
        });
        let marks = marks.collect_view();
        view! {
            {marks}
            <Mark title=format!("Limit: {}", unit.show(limit)) value=scaled(limit) top limit=true />
        }
    });
    let told = limit.map_or_else(String::new, |limit| format!(" The limit is {}.", unit.show(limit)));
    let largest = detail.steps.iter().max_by_key(|step| shown(step));
    let largest = largest.map(|step| format!("Most: {}, {}.", unit.show(shown(step)), title(range, step)));
    let description = format!("{}{told}", largest.unwrap_or_default());
    let what = if is_summed(&detail) { "used" } else { "the most at one time or in one window" };
    let legend = format!("In {word}: {what}.{told}");
    let rows = detail.steps.iter().rev().filter(|step| step.amount > 0 || step.peak > 0).map(|step| {
        let (when, used, most) = (title(range, step), unit.show(step.amount), unit.show(step.peak));
        view! {
            <Row>
                <Cell kind=CellKind::Main>{when}</Cell>
                <Cell label="Used" kind=CellKind::Number>{used}</Cell>
                <Cell label="Most" kind=CellKind::Number>{most}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="chart">
            <Axes id="usage" title=format!("{}, last {}", metric.name(), range.name()) description top names>
                {bars}
                {marks}
            </Axes>
        </div>
        <p class="mt-2 text-sm text-muted">{legend}</p>
        <details class="mt-3 text-md" id="usage-table">
            <summary class="w-fit rounded-sm text-muted hover:text-base-content">"Show as table"</summary>
            <Table
                label="Usage"
                head=move || {
                    view! {
                        <ColumnHeader label="When" />
                        <ColumnHeader label="Used" kind=CellKind::Number />
                        <ColumnHeader label="Most" kind=CellKind::Number />
                    }
                }
            >
                {rows}
            </Table>
        </details>
    }
    .into_any()
}

/// Whether a column is what was used within its step; else it is the most at one time, or in one of many windows.
fn is_summed(detail: &Detail) -> bool {
    use domain::quotas::{Kind, Window};
    matches!(detail.metric().kind(), Kind::Counter(window) if window != Window::Minute)
}

fn name(range: Range, step: &Consumption) -> String {
    match range {
        Range::Day => Zone::named("UTC").clock(step.step.from),
        Range::Month => short_day(step.step.day),
        Range::Year => {
            let month = step.step.day.month().to_string();
            month[..3].to_owned()
        }
    }
}

fn title(range: Range, step: &Consumption) -> String {
    match range {
        Range::Day => format!("{} UTC", Zone::named("UTC").day_and_clock(step.step.from)),
        Range::Month => long_day(step.step.day),
        Range::Year => format!("{} {}", step.step.day.month(), step.step.day.year()),
    }
}
