//! Facts about one thing: terms and values, and figures.

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
