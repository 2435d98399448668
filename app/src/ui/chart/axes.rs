//! What is around a drawing: figures at its left with a line for each, and names below.

use leptos::prelude::*;

use super::scale::{all_are_named, below};
use crate::ui::number;

/// A drawing between its axes, inside of a `chart`.
#[component]
pub fn Axes(
    /// What is unique to it on the page.
    id: &'static str,
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The same in a sentence or two, for whoever does not see it.
    description: String,
    /// The number at the top, which has a half.
    top: u64,
    /// What each step is called, from left to right.
    names: Vec<String>,
    /// The drawing.
    children: Children,
) -> impl IntoView {
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-description"));
    let (labelled_by, described_by) = (title_id.clone(), description_id.clone());
    let scale = [top, top / 2, 0].into_iter().map(|value| view! { <span>{number(value)}</span> });
    let scale = scale.collect_view();
    let lines = ["0%", "50%", "100%"].into_iter().map(|y| {
        view! { <line class="chart-line" x1="0%" x2="100%" y1=y y2=y></line> }
    });
    let lines = lines.collect_view();
    let class = if all_are_named(names.len()) { "chart-days" } else { "chart-days chart-quarters" };
    let names = below(names).into_iter().map(|name| view! { <span>{name}</span> }).collect_view();
    view! {
        <div class="chart-scale" aria-hidden="true">{scale}</div>
        <svg class="chart-plot" role="img" aria-labelledby=labelled_by aria-describedby=described_by>
            <title id=title_id>{title}</title>
            <desc id=description_id>{description}</desc>
            {lines}
            {children()}
        </svg>
        <div class=class aria-hidden="true">{names}</div>
    }
}
