//! The page that lists organizations.

use axum::response::Response;
use domain::operators::OrganizationQuery;
use domain::organizations::TenantStatus;
use domain::quotas::Plan;
use domain::text::isolated;
use leptos::prelude::*;
use server::operators;

use super::table::Organizations;
use super::{Console, ORGANIZATIONS};
use crate::problems::Fault;
use crate::ui::{
    ButtonLink, ButtonVariant, Chip, Drawing, EmptyState, FilterBar, FilterMenu, FilterOption, IconName, PageHeader,
    SearchBox, number,
};

/// The list's address with this query.
pub(super) fn address(query: &OrganizationQuery) -> String {
    let query = query.to_text();
    if query.is_empty() { ORGANIZATIONS.to_owned() } else { format!("{ORGANIZATIONS}?{query}") }
}

/// The list's first page with something changed in its query.
fn changed(query: &OrganizationQuery, change: impl FnOnce(&mut OrganizationQuery)) -> String {
    let mut query = OrganizationQuery { cursor: None, ..query.clone() };
    change(&mut query);
    address(&query)
}

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(console: Console) -> Result<Response, Fault> {
    let pairs = console.page.query();
    let query = OrganizationQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let list = operators::list(&console.access, &query).await?;
    let content = console.clone();
    let page = move || {
        let lead = match list.total {
            0 if query.is_filtered() => "None matches.".to_owned(),
            0 => "There is none yet.".to_owned(),
            1 if query.is_filtered() => "One organization matches.".to_owned(),
            1 => "There is one organization.".to_owned(),
            total if query.is_filtered() => format!("{} organizations match.", number(total)),
            total => format!("{} organizations.", number(total)),
        };
        let rows = if list.rows.is_empty() {
            view! { <Nothing filtered=query.is_filtered() /> }.into_any()
        } else {
            view! { <Organizations console=content query=query.clone() list /> }.into_any()
        };
        view! {
            <PageHeader
                title="Organizations"
                lead
                actions=|| {
                    view! {
                        <ButtonLink href=format!("{ORGANIZATIONS}/new") variant=ButtonVariant::Primary icon=IconName::PLUS dialog=true>
                            "Create organization"
                        </ButtonLink>
                    }
                }
            />
            <Filters query />
            {rows}
        }
        .into_any()
    };
    Ok(console.render("Organizations", page).await)
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    let (title, text, href, label) = if filtered {
        ("None matches", "Try another name, or take away a filter.", ORGANIZATIONS.to_owned(), "Show all organizations")
    } else {
        (
            "No organizations yet",
            "People make them when they sign up, or you make one for somebody.",
            format!("{ORGANIZATIONS}/new"),
            "Create the first one",
        )
    };
    view! {
        <EmptyState
            drawing=Drawing::Search
            title
            text
            action=move || view! { <ButtonLink href>{label}</ButtonLink> }
        />
    }
}

/// Search, filters, and the chips that take them away.
#[component]
fn Filters(query: OrganizationQuery) -> impl IntoView {
    let option = |label: &str, current: bool, href: String| FilterOption { label: label.to_owned(), href, current };
    let mut states = vec![option("Any state", query.status.is_none(), changed(&query, |q| q.status = None))];
    states.extend(TenantStatus::ALL.iter().map(|status| {
        option(status.name(), query.status == Some(*status), changed(&query, |q| q.status = Some(*status)))
    }));
    let mut plans = vec![option("Any plan", query.plan.is_none(), changed(&query, |q| q.plan = None))];
    plans.extend(
        Plan::ALL
            .iter()
            .map(|plan| option(plan.name(), query.plan == Some(*plan), changed(&query, |q| q.plan = Some(*plan)))),
    );
    let chips = [
        query.search.as_ref().map(|text| (format!("“{}”", isolated(text)), changed(&query, |q| q.search = None))),
        query.status.map(|status| (format!("State: {}", status.name()), changed(&query, |q| q.status = None))),
        query.plan.map(|plan| (format!("Plan: {}", plan.name()), changed(&query, |q| q.plan = None))),
    ];
    let chips = chips.into_iter().flatten().map(|(label, remove)| view! { <Chip label remove /> }).collect_view();
    let keep = OrganizationQuery { search: None, cursor: None, ..query.clone() };
    let keep = keep.to_pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let clear = query.is_filtered().then(|| ORGANIZATIONS.to_owned());
    view! {
        <FilterBar clear>
            <SearchBox
                label="Search organizations"
                placeholder="Name, slug or id"
                action=ORGANIZATIONS
                value=query.search.clone().unwrap_or_default()
                keep
            />
            <FilterMenu label="State" id="status" options=states />
            <FilterMenu label="Plan" id="plan" options=plans />
            {chips}
        </FilterBar>
    }
}
