//! When in the week something happens: a field for each hour of each day.

use leptos::prelude::*;

use super::scale::{percent, share};
use super::{ChartTable, Counted};
use crate::ui::number;

/// The colours, from nothing to most.
const TONES: [&str; 5] = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4"];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// The hours that have their name below them; the others stand between.
const NAMED: [&str; 4] = ["0", "6", "12", "18"];
/// How much of an hour's or a day's room a field takes, in percent.
const FILLED: u64 = 86;

/// Seven days of 24 hours, in five tones.
#[component]
pub fn HeatMap(
    /// What is unique to it on the page.
    id: &'static str,
    /// What it shows.
    title: &'static str,
    /// What is counted.
    what: Counted,
    /// How often, by day and hour: Monday first, from midnight on.
    counts: Box<[[u64; 24]; 7]>,
    /// The zone of the hours.
    zone: &'static str,
) -> impl IntoView {
    let most = counts.iter().flatten().copied().max().unwrap_or_default();
    if most == 0 {
        return view! { <p class="text-md text-muted">{format!("No {} in this time.", what.1)}</p> }.into_any();
    }
    let days = DAYS.into_iter().map(|day| view! { <span>{&day[..3]}</span> }).collect_view();
    let hours = NAMED.into_iter().map(|hour| view! { <span>{hour}</span> }).collect_view();
    let fields = counts.iter().zip(0_u64..).map(|(row, day)| view! { <Day row=*row day most what zone /> });
    let fields = fields.collect_view();
    let heads = DAYS.into_iter().map(|day| &day[..3]).collect();
    let rows = (0..24).map(|hour| (hour_name(hour), counts.iter().map(|day| day[hour]).collect())).collect();
    let (labelled_by, described_by) = (format!("{id}-title"), format!("{id}-description"));
    let (title_id, description_id) = (labelled_by.clone(), described_by.clone());
    view! {
        <div class="chart">
            <div class="chart-scale heat-scale" aria-hidden="true">{days}</div>
            <svg class="chart-plot heat-plot" role="img" aria-labelledby=labelled_by aria-describedby=described_by>
                <title id=title_id>{title}</title>
                <desc id=description_id>{described(&counts, most, what, zone)}</desc>
                {fields}
            </svg>
            <div class="chart-days heat-hours" aria-hidden="true">{hours}</div>
            <Tones most />
        </div>
        <ChartTable id label=title first="Hour" heads rows />
    }
    .into_any()
}

/// The fields of a day; on hover each tells its figure.
#[component]
fn Day(row: [u64; 24], day: u64, most: u64, what: Counted, zone: &'static str) -> impl IntoView {
    let name = DAYS.get(usize::try_from(day).unwrap_or_default()).copied().unwrap_or_default();
    let place = |at: u64, of: u64| percent(share(at * 100 + (100 - FILLED) / 2, of * 100));
    let size = |of: u64| percent(share(FILLED, of * 100));
    let fields = row.into_iter().enumerate().zip(0_u64..).map(|((hour, count), at)| {
        let title = format!("{name} {} {zone}: {}", hour_name(hour), what.of(count));
        view! {
            <g class="heat-field">
                <title>{title}</title>
                <rect
                    class=TONES[tone(count, most)]
                    x=place(at, 24)
                    y=place(day, 7)
                    width=size(24)
                    height=size(7)
                    rx="2.5"
                ></rect>
            </g>
        }
    });
    fields.collect_view()
}

/// What the tones stand for.
#[component]
fn Tones(most: u64) -> impl IntoView {
    let tones = TONES.iter().enumerate().filter_map(|(tone, class)| {
        let label = range(tone, most)?;
        Some(view! {
            <li>
                <svg class="chart-key" aria-hidden="true">
                    <rect class=*class width="100%" height="100%" rx="2"></rect>
                </svg>
                {label}
            </li>
        })
    });
    let tones = tones.collect_view();
    view! { <ul class="chart-legend">{tones}</ul> }
}

/// The tone of a number: the first for nothing, and one for each quarter of the most.
fn tone(count: u64, most: u64) -> usize {
    let last = TONES.len() - 1;
    usize::try_from((count * 4).div_ceil(most.max(1))).map_or(last, |tone| tone.min(last))
}

/// The numbers that have a tone; nothing when there are none.
fn range(tone: usize, most: u64) -> Option<String> {
    if tone == 0 {
        return Some("None".to_owned());
    }
    let tone = tone as u64;
    match ((tone - 1) * most / 4 + 1, tone * most / 4) {
        (first, last) if first > last => None,
        (first, last) if first == last => Some(number(first)),
        (first, last) => Some(format!("{}–{}", number(first), number(last))),
    }
}

/// An hour of a day, e.g. "14:00".
fn hour_name(hour: usize) -> String {
    format!("{hour}:00")
}

/// The chart in a sentence, for whoever does not see it.
fn described(counts: &[[u64; 24]; 7], most: u64, what: Counted, zone: &str) -> String {
    let busiest = counts.iter().zip(DAYS).find_map(|(row, day)| {
        let hour = row.iter().position(|count| *count == most)?;
        Some(format!("Most: {}, in the hour from {day} {} {zone} on.", what.of(most), hour_name(hour)))
    });
    busiest.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_stands_for_the_numbers_that_its_legend_tells() {
        for most in [1, 2, 3, 4, 7, 10, 100, 1_204] {
            assert_eq!(tone(0, most), 0);
            for count in 1..=most {
                let told = range(tone(count, most), most).unwrap().replace(',', "");
                let mut bounds = told.split('–').map(|bound| bound.parse::<u64>().unwrap());
                let first = bounds.next().unwrap();
                let last = bounds.next().unwrap_or(first);
                assert!((first..=last).contains(&count), "{count} of {most}: {told}");
            }
            assert_eq!(tone(most, most), 4, "{most}");
        }
    }

    #[test]
    fn the_busiest_hour_is_told() {
        let mut counts = [[0; 24]; 7];
        counts[2][3] = 9;
        let told = described(&counts, 9, Counted("try", "tries"), "UTC");
        assert_eq!(told, "Most: 9 tries, in the hour from Wednesday 3:00 UTC on.");
    }
}
