//! The top of a page, and the page that is one form.

use super::icons::{Icon, IconName};
use leptos::{children::ViewFnOnce, prelude::*};

/// Title, one sentence, and what can be done here.
#[component]
pub fn PageHeader(
    /// The page's name; the only `<h1>`.
    #[prop(into)]
    title: String,
    /// One sentence with what matters now; none when it is empty.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Buttons at the right; the primary one last.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div>
                <h1 class="text-2xl font-semibold">{title}</h1>
                {lead
                    .filter(|lead| !lead.is_empty())
                    .map(|lead| view! { <p class="mt-1 text-muted">{lead}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="page-actions">{actions.run()}</div> })}
        </header>
    }
}

/// A page above this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Its name.
    pub label: String,
    /// Its address.
    pub href: String,
}

/// The way back up, on pages below the first level.
#[component]
pub fn Breadcrumb(
    /// The pages above, the highest first.
    crumbs: Vec<Crumb>,
) -> impl IntoView {
    let crumbs = crumbs
        .into_iter()
        .enumerate()
        .map(|(depth, crumb)| {
            view! {
                <li class="flex items-center gap-1" class:min-w-0=depth.gt(&0)>
                    {(depth > 0).then(|| view! { <Icon name=IconName::CHEVRON_RIGHT /> })}
                    <a class="truncate rounded-sm hover:text-base-content hover:underline" href=crumb.href>
                        {crumb.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="mb-2 text-sm text-muted" aria-label="Breadcrumb">
            <ol class="flex gap-1">{crumbs}</ol>
        </nav>
    }
}

/// As wide as forms and a few facts are, and not as the page: for settings.
#[component]
pub fn Narrow(
    /// Cards.
    children: Children,
) -> impl IntoView {
    view! { <div class="max-w-180">{children()}</div> }
}

/// A page that is one form, such as "Invite member". What is marked as a dialog's content, scripts show in one: see
/// `ButtonLink`.
#[component]
pub fn FormPage(
    /// What to do here; the only `<h1>`.
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The pages above.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// An `ErrorSummary` or a `Flash`, above the card.
    #[prop(optional, into)]
    notice: Option<ViewFnOnce>,
    /// It asks once more before something that cannot be undone.
    #[prop(optional)]
    danger: bool,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="form-page">
            {(!crumbs.is_empty()).then(|| view! { <Breadcrumb crumbs /> })}
            <div data-dialog-content="">
                <h1 class="text-2xl font-semibold">{title}</h1>
                {lead.map(|lead| view! { <p class="mt-1 text-muted">{lead}</p> })}
                <div class="mt-5">
                    {notice.map(ViewFnOnce::run)}
                    <div class="panel form-panel" class:danger=danger>
                        {children()}
                    </div>
                </div>
            </div>
        </div>
    }
}
