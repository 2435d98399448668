//! Filters above a list. Their state is the page's address, so every one is a link or a form that asks.

use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// The line of filters above a list.
#[component]
pub fn FilterBar(
    /// A `SearchBox`, `FilterMenu`s and `Chip`s.
    children: Children,
    /// The list without any filter, while there is one.
    #[prop(optional_no_strip, into)]
    clear: Option<String>,
) -> impl IntoView {
    view! {
        <div class="filters">
            {children()}
            {clear.map(|href| view! { <a class="btn btn-ghost" href=href>"Clear"</a> })}
        </div>
    }
}

/// Words to look for; Enter asks.
#[component]
pub fn SearchBox(
    /// What is searched, e.g. "Search members".
    #[prop(into)]
    label: String,
    /// What to type, e.g. "Name or address".
    #[prop(into)]
    placeholder: String,
    /// The list's address.
    #[prop(into)]
    action: String,
    /// What was looked for.
    #[prop(optional, into)]
    value: String,
    /// The parameter's name.
    #[prop(default = "q".to_owned(), into)]
    name: String,
    /// Other parameters of the address that have to stay.
    #[prop(optional)]
    keep: Vec<(String, String)>,
) -> impl IntoView {
    let kept =
        keep.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <form class="search" role="search" action=action method="get">
            {kept}
            <Icon name=IconName::SEARCH />
            <input class="input" type="search" name=name value=value placeholder=placeholder aria-label=label data-search="" />
            <kbd class="keys needs-scripts" aria-hidden="true">
                "/"
            </kbd>
        </form>
    }
}

/// One choice of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterOption {
    /// What people read.
    pub label: String,
    /// The list with this choice.
    pub href: String,
    /// It is the choice now.
    pub current: bool,
}

/// A filter with a few choices. What is chosen stands beside it as a `Chip`.
#[component]
pub fn FilterMenu(
    /// What it filters by.
    #[prop(into)]
    label: String,
    /// What is unique to it on the page.
    #[prop(into)]
    id: String,
    /// The choices, "Any" first.
    options: Vec<FilterOption>,
) -> impl IntoView {
    let target = format!("filter-{id}");
    let lines = options
        .into_iter()
        .map(|option| {
            view! {
                <li>
                    <a class="pop-item" href=option.href aria-current=option.current.then_some("true")>
                        <span>{option.label}</span>
                        {option.current.then(|| view! { <Icon name=IconName::CHECK /> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div>
            <button type="button" class="btn btn-line" popovertarget=target.clone()>
                <Icon name=IconName::LIST_FILTER />
                {label}
            </button>
            <div class="pop" id=target popover="auto">
                <ul>{lines}</ul>
            </div>
        </div>
    }
}

/// A few choices that are all in sight, of which one counts.
#[component]
pub fn Segments(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The choices.
    options: Vec<FilterOption>,
) -> impl IntoView {
    let links = options
        .into_iter()
        .map(|option| {
            view! {
                <a href=option.href aria-current=option.current.then_some("true")>
                    {option.label}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="segments" aria-label=label>
            {links}
        </nav>
    }
}

/// A filter that is on, with the way to take it off.
#[component]
pub fn Chip(
    /// The filter in words.
    #[prop(into)]
    label: String,
    /// The list without it.
    #[prop(into)]
    remove: String,
) -> impl IntoView {
    let name = format!("Remove filter {label}");
    view! {
        <span class="chip">
            <span>{label}</span>
            <a href=remove aria-label=name>
                <Icon name=IconName::X />
            </a>
        </span>
    }
}
