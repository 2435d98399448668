//! Facts about one thing: terms and values, figures, and how much of an allowance is used.

use leptos::prelude::*;

/// A list of terms and values.
#[component]
pub fn Facts(
    /// The `Fact`s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One term and its value.
#[component]
pub fn Fact(
    /// The term.
    #[prop(into)]
    term: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{term}</dt>
        <dd>{children()}</dd>
    }
}

/// A row of figures.
#[component]
pub fn Stats(
    /// The `Stat`s.
    children: Children,
) -> impl IntoView {
    view! { <div class="stats mb-5">{children()}</div> }
}

/// One figure, with a link to what it counts.
#[component]
pub fn Stat(
    /// What it counts, e.g. "Members".
    #[prop(into)]
    label: String,
    /// The figure, with its unit.
    #[prop(into)]
    value: String,
    /// A few words on it, e.g. "37 need a second factor".
    #[prop(optional_no_strip, into)]
    note: Option<String>,
    /// The list behind the figure.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
) -> impl IntoView {
    let label = match href {
        Some(href) => view! { <a class="stat-link" href=href>{label}</a> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <div class="panel stat">
            <p>{label}</p>
            <p>{value}</p>
            {note.map(|note| view! { <p>{note}</p> })}
        </div>
    }
}

/// How much of an allowance is used. The numbers stand beside it in words: the bar only shows them.
#[component]
pub fn UsageBar(
    /// What is used, for assistive technology.
    #[prop(into)]
    label: String,
    /// How much.
    used: u64,
    /// Of how much.
    limit: u64,
) -> impl IntoView {
    let percent = used.saturating_mul(100).checked_div(limit).unwrap_or(100).min(100);
    let class = match percent {
        0..80 => "usage",
        80..100 => "usage usage-warn",
        _ => "usage usage-bad",
    };
    view! { <progress class=class max="100" value=percent.to_string() aria-label=label></progress> }
}
