//! What would have come of the visits of each day: as a chart, and as a table of the same figures.

use domain::policy::Fates;
use leptos::prelude::*;
use time::{Date, OffsetDateTime};

use super::fates::visits;
use super::scale::{described, range, told};
use crate::ui::Card;
use crate::ui::chart::{Axes, Bar, ChartTable, HATCHED, Hatching, Key, Legend, long_day, short_day, top};

/// How many of the visits of a day are a part.
type Count = fn(&Fates) -> u64;

/// The parts of a bar and their counts, from the ground up: what matters most can be compared from day to day.
static PARTS: [(Key, Count); 3] = [
    (Key { label: "Kept out", class: "chart-denied", fill: None }, |fates| fates.denied),
    (Key { label: "Asked first", class: "chart-asked", fill: HATCHED }, |fates| fates.stepped_up),
    (Key { label: "Comes in", class: "chart-allowed", fill: None }, |fates| fates.allowed),
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
    let keys = PARTS.iter().map(|(key, _)| *key).collect();
    let heads = PARTS.iter().map(|(key, _)| key.label).chain(["Visits"]).collect();
    let rows = days.into_iter().rev().map(|(day, fates)| {
        let counts = PARTS.iter().map(|(_, count)| count(&fates)).chain([fates.sum()]);
        (long_day(day), counts.collect())
    });
    let rows = rows.collect();
    view! {
        <Card title="By day" lead="Visits on each day, which begins at midnight UTC.">
            <div class="chart">
                <Plot range />
                <Legend keys />
            </div>
            <ChartTable
                id="visits"
                label="Visits by day"
                note="Days without visits are left out."
                first="Day"
                heads
                rows
            />
        </Card>
    }
}

/// The bars between their axes.
#[component]
fn Plot(range: Vec<(Date, Fates)>) -> impl IntoView {
    let top = top(range.iter().map(|(_, fates)| fates.sum()).max().unwrap_or_default());
    let (of, description) = (range.len() as u64, described(&range));
    let names = range.iter().map(|(day, _)| short_day(*day)).collect();
    let bars = range.into_iter().zip(0_u64..).filter(|((_, fates), _)| fates.sum() > 0);
    let bars = bars.map(|((day, fates), place)| {
        let title = format!("{}: {}, {}", long_day(day), visits(fates.sum()), told(&fates));
        let parts = PARTS.iter().map(|(key, count)| (*key, count(&fates))).collect();
        view! { <Bar title place of top parts /> }
    });
    let bars = bars.collect_view();
    view! {
        <Axes id="visits" title="Visits by day" description top names>
            <Hatching />
            {bars}
        </Axes>
    }
}
