//! What stands under or instead of a list's rows.

use super::{
    card::Panel,
    drawing::{Drawing, LineDrawing},
    icons::{Icon, IconName},
};
use leptos::{children::ViewFnOnce, prelude::*};

/// Which part of a list is shown, and the way to the rest.
#[component]
pub fn Pager(
    /// E.g. "1–25 of 143".
    #[prop(into)]
    range: String,
    /// The page before, if there is one.
    #[prop(optional_no_strip, into)]
    previous: Option<String>,
    /// The page after it, if there is one.
    #[prop(optional_no_strip, into)]
    next: Option<String>,
    /// The list starts with what is newest: its pages are newer and older ones.
    #[prop(optional)]
    newest_first: bool,
) -> impl IntoView {
    let (before, after) = if newest_first { ("Newer", "Older") } else { ("Previous", "Next") };
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="num">{range}</span>
            {page_link(
                previous,
                "prev",
                view! {
                    <Icon name=IconName::CHEVRON_LEFT />
                    {before}
                }
                    .into_any(),
            )}
            {page_link(
                next,
                "next",
                view! {
                    {after}
                    <Icon name=IconName::CHEVRON_RIGHT />
                }
                    .into_any(),
            )}
        </nav>
    }
}

/// The way from one thing of a log to those beside it.
#[component]
pub fn Neighbours(
    /// What they are, e.g. "Entries".
    #[prop(into)]
    label: String,
    /// The newer one, if there is one.
    #[prop(optional_no_strip, into)]
    newer: Option<String>,
    /// The older one, if there is one.
    #[prop(optional_no_strip, into)]
    older: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="page-actions" aria-label=label>
            {page_link(
                newer,
                "prev",
                view! {
                    <Icon name=IconName::CHEVRON_LEFT />
                    "Newer"
                }
                    .into_any(),
            )}
            {page_link(
                older,
                "next",
                view! {
                    "Older"
                    <Icon name=IconName::CHEVRON_RIGHT />
                }
                    .into_any(),
            )}
        </nav>
    }
}

fn page_link(href: Option<String>, rel: &'static str, content: AnyView) -> AnyView {
    match href {
        Some(href) => view! { <a class="btn btn-line btn-sm" rel=rel href=href>{content}</a> }.into_any(),
        None => view! { <span class="btn btn-line btn-sm" aria-disabled="true">{content}</span> }.into_any(),
    }
}

/// The place of a list with nothing in it and nothing to do about it.
#[component]
pub fn EmptyPanel(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <Panel>
            <EmptyState drawing=Drawing::Search title text />
        </Panel>
    }
}

/// A list with nothing in it: why, and what to do about it.
#[component]
pub fn EmptyState(
    /// What it is about.
    drawing: Drawing,
    /// What is not there, e.g. "No open invitations".
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(into)]
    text: String,
    /// One button.
    #[prop(optional, into)]
    action: Option<ViewFnOnce>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <LineDrawing drawing />
            <h2>{title}</h2>
            <p>{text}</p>
            {action.map(ViewFnOnce::run)}
        </div>
    }
}
