//! Cards: one subject of a page, with its own title and its own "Save".

use leptos::{children::ViewFnOnce, prelude::*};

/// A titled part of a page.
#[component]
pub fn Card(
    /// What it is about; an `<h2>`.
    #[prop(into)]
    title: String,
    /// One sentence under the title; none when it is empty.
    #[prop(optional, into)]
    lead: Option<String>,
    /// An id to link to.
    #[prop(optional, into)]
    id: Option<String>,
    /// A badge or a button at the right of the title.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
    /// A strip at the bottom, e.g. a hint and a button.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel mb-5" id=id>
            <header class="card-head">
                <div>
                    <h2 class="card-title">{title}</h2>
                    {lead
                        .filter(|lead| !lead.is_empty())
                        .map(|lead| view! { <p class="mt-0.5 text-md text-muted">{lead}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="page-actions">{actions.run()}</div> })}
            </header>
            <div class="card-body">{children()}</div>
            {foot.map(|foot| view! { <footer class="card-foot">{foot.run()}</footer> })}
        </section>
    }
}

/// A bordered surface without a title, e.g. around a table, its pager and its bulk bar.
#[component]
pub fn Panel(
    /// What is on it.
    children: Children,
) -> impl IntoView {
    view! { <div class="panel table-panel mb-5">{children()}</div> }
}
