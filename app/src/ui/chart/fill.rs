//! How full something is, and lines that say how full it may be.

use leptos::prelude::*;

use super::scale::{WHOLE, percent, share};

/// A bar of what is used and held, with a mark at each threshold. All of it is told in words beside it.
#[component]
pub fn Fill(
    /// What it says, for whoever does not see it.
    label: String,
    /// What was used.
    used: u64,
    /// What is held.
    held: u64,
    /// Where it is full.
    limit: u64,
    /// Thresholds, in percent.
    marks: Vec<u8>,
) -> impl IntoView {
    let over = used.saturating_add(held) > limit;
    let used = share(used.min(limit), limit).min(WHOLE);
    let held = share(held.min(limit), limit).min(WHOLE - used);
    let (x, used_width, held_width) = (percent(used), percent(used), percent(held));
    let marks = marks.into_iter().filter(|mark| *mark < 100).map(|mark| {
        let x = percent(u64::from(mark) * 100);
        view! { <line class="quota-mark" x1=x.clone() x2=x y1="0%" y2="100%"></line> }
    });
    let marks = marks.collect_view();
    let class = if over { "chart-denied" } else { "share-strong" };
    view! {
        <div class="share">
            <svg class="share-bar quota-bar" role="img" aria-label=label>
                <rect class=class x="0%" y="0" width=used_width height="100%"></rect>
                <rect class="share-fair" x=x y="0" width=held_width height="100%"></rect>
                {marks}
            </svg>
        </div>
    }
}

/// A line over a chart at some height, such as a limit.
#[component]
pub fn Mark(
    /// What it stands for.
    title: String,
    /// The number.
    value: u64,
    /// The number that reaches to the top.
    top: u64,
    /// It is the limit itself.
    #[prop(optional)]
    limit: bool,
) -> impl IntoView {
    let y = percent(WHOLE - share(value.min(top), top).min(WHOLE));
    let class = if limit { "chart-limit" } else { "chart-threshold" };
    view! {
        <line class=class x1="0%" x2="100%" y1=y.clone() y2=y>
            <title>{title}</title>
        </line>
    }
}
