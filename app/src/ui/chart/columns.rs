//! How something goes over time, beside the period before.

use leptos::prelude::*;

use super::scale::{WHOLE, share};
use super::{Axes, Bar, ChartTable, Counted, Key, Legend, top};

/// The most columns: more would be thinner than lines.
const MOST: usize = 90;

/// One step of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What stands below it, where there is room, e.g. "7 Nov".
    pub name: String,
    /// What it is called alone, e.g. "7 Nov 2026".
    pub title: String,
    /// The number.
    pub now: u64,
    /// The number of the same step of the period before.
    pub before: u64,
}

/// A column for each step, and a dashed line for the period before.
#[component]
pub fn Columns(
    /// What is unique to it on the page.
    id: &'static str,
    /// What it shows.
    title: &'static str,
    /// What is counted.
    what: Counted,
    /// The colour of the columns, and what they are called.
    key: Key,
    /// The steps, the oldest first.
    steps: Vec<Step>,
) -> impl IntoView {
    let steps = folded(steps);
    if steps.iter().all(|step| step.now == 0 && step.before == 0) {
        let text = format!("No {} in this time, and none in the period before.", what.1);
        return view! { <p class="text-md text-muted">{text}</p> }.into_any();
    }
    let rows = steps.iter().rev().filter(|step| step.now + step.before > 0);
    let rows = rows.map(|step| (step.title.clone(), vec![step.now, step.before])).collect();
    view! {
        <div class="chart">
            <Plot id title what key steps />
            <Legend keys=vec![key] with_before=true />
        </div>
        <ChartTable
            id
            label=title
            note="Times without any are left out."
            first="When"
            heads=vec![key.label, "The period before"]
            rows
        />
    }
    .into_any()
}

#[component]
fn Plot(id: &'static str, title: &'static str, what: Counted, key: Key, steps: Vec<Step>) -> impl IntoView {
    let top = top(steps.iter().map(|step| step.now.max(step.before)).max().unwrap_or_default());
    let of = steps.len() as u64;
    let description = described(&steps, what);
    let names = steps.iter().map(|step| step.name.clone()).collect();
    let points = line(&steps, top);
    let columns = steps.into_iter().zip(0_u64..).map(|(step, place)| {
        let title = format!("{}: {}, {} in the period before", step.title, what.of(step.now), what.of(step.before));
        view! { <Bar title place of top parts=vec![(key, step.now)] /> }
    });
    let columns = columns.collect_view();
    let canvas = format!("0 0 {} {WHOLE}", 2 * of);
    view! {
        <Axes id title description top names>
            {columns}
            <svg
                class="chart-over"
                x="0"
                y="0"
                width="100%"
                height="100%"
                viewBox=canvas
                preserveAspectRatio="none"
            >
                <polyline class="chart-before" points=points></polyline>
            </svg>
        </Axes>
    }
}

/// The line of the period before, on a canvas where a step is two wide: through the middle of each.
fn line(steps: &[Step], top: u64) -> String {
    let point = |(step, place): (&Step, u64)| format!("{},{}", 2 * place + 1, WHOLE - share(step.before, top));
    steps.iter().zip(0_u64..).map(point).collect::<Vec<_>>().join(" ")
}

/// The chart in a sentence or two, for whoever does not see it.
fn described(steps: &[Step], what: Counted) -> String {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return String::new() };
    let most = steps.iter().max_by_key(|step| step.now).filter(|step| step.now > 0);
    let most = most.map(|step| format!(" Most: {}, {}.", what.of(step.now), step.title));
    format!("From {} to {}.{}", first.title, last.title, most.unwrap_or_default())
}

/// The same in at most so many steps as there can be columns.
fn folded(steps: Vec<Step>) -> Vec<Step> {
    if steps.len() <= MOST {
        return steps;
    }
    let each = steps.len().div_ceil(MOST);
    let fold = |steps: &[Step]| {
        let (first, last) = (steps.first()?, steps.last()?);
        Some(Step {
            name: first.name.clone(),
            title: format!("{} to {}", first.title, last.title),
            now: steps.iter().map(|step| step.now).sum(),
            before: steps.iter().map(|step| step.before).sum(),
        })
    };
    steps.chunks(each).filter_map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: Counted = Counted("sign-in", "sign-ins");

    fn steps(counts: &[(u64, u64)]) -> Vec<Step> {
        let step = |(place, (now, before)): (usize, &(u64, u64))| Step {
            name: place.to_string(),
            title: format!("day {place}"),
            now: *now,
            before: *before,
        };
        counts.iter().enumerate().map(step).collect()
    }

    #[test]
    fn the_line_goes_through_the_middle_of_each_step() {
        assert_eq!(line(&steps(&[(0, 0), (0, 10), (0, 5)]), 10), "1,10000 3,0 5,5000");
    }

    #[test]
    fn more_than_ninety_steps_become_fewer_and_nothing_is_lost() {
        let folded = folded(steps(&[(1, 2); 168]));
        assert_eq!(folded.len(), 84);
        assert_eq!((folded[0].now, folded[0].before, folded[0].title.as_str()), (2, 4, "day 0 to day 1"));
        let all: u64 = folded.iter().map(|step| step.now).sum();
        assert_eq!(all, 168);
    }

    #[test]
    fn the_description_tells_where_most_was() {
        let told = described(&steps(&[(1, 0), (1_204, 3)]), WHAT);
        assert_eq!(told, "From day 0 to day 1. Most: 1,204 sign-ins, day 1.");
        assert_eq!(described(&steps(&[(0, 4)]), WHAT), "From day 0 to day 0.");
    }
}
