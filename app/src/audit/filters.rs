//! What stands above the list: the form that filters it, what it is filtered by, and the views that somebody keeps.

use domain::audit::{ACTS, AuditQuery, Category, Outcome, Range, moment};
use leptos::prelude::*;
use server::audit::views::SavedView;

use super::address::{Names, address, below, parts};
use crate::context::Organization;
use crate::ui::{
    Button, Chip, Field, FieldKind, FilterBar, Form, HiddenField, IconName, MenuButton, MenuItem, Moment, SelectField,
    SelectGroup, SelectOption,
};

/// The form, the chips that take filters away, and the views.
#[component]
pub(super) fn Filters(org: Organization, query: AuditQuery, names: Names, views: Vec<SavedView>) -> impl IntoView {
    let clear = query.is_filtered().then(|| address(&org, &AuditQuery::default()));
    let chips = parts(&query, &names)
        .into_iter()
        .map(|(label, without)| view! { <Chip label remove=address(&org, &without) /> })
        .collect_view();
    let items = view_lines(&org, &query, views);
    view! {
        <SearchForm org query />
        <FilterBar clear>
            <MenuButton label="Saved views" id="views" items /> {chips}
        </FilterBar>
    }
}

/// The views, and what can be done about them.
fn view_lines(org: &Organization, query: &AuditQuery, views: Vec<SavedView>) -> Vec<MenuItem> {
    let line = |view: SavedView| {
        let href = address(org, &AuditQuery::from_text(&view.query));
        MenuItem::link(IconName::LIST_FILTER, view.name, href)
    };
    let mut items: Vec<_> = views.into_iter().map(line).collect();
    if !items.is_empty() {
        items.push(MenuItem::Separator);
    }
    let query = query.clone().from_the_start();
    if query.is_filtered() {
        let save = MenuItem::link(IconName::PLUS, "Save this view", below(org, "/views", &query));
        items.push(save.in_dialog());
    }
    let all = MenuItem::link(IconName::SETTINGS, "Manage views", below(org, "/views", &AuditQuery::default()));
    items.push(all.in_dialog());
    items
}

/// What can be asked for. Whose acts, and what happened to whom, is set by the rows' menus and stays.
#[component]
fn SearchForm(org: Organization, query: AuditQuery) -> impl IntoView {
    let kept = AuditQuery { actor: query.actor, target: query.target.clone(), ..AuditQuery::default() };
    let kept = kept.to_pairs().into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let ranges = choices("Any time", Range::ALL.iter().map(|range| (range.code(), range.name())));
    let categories = Category::ALL.iter().map(|category| (category.code(), category.name()));
    let categories = choices("Any category", categories);
    let outcomes = choices("Any outcome", Outcome::ALL.iter().map(|outcome| (outcome.code(), outcome.name())));
    let (range, category) = (query.range.map(Range::code), query.category.map(domain::audit::Category::code));
    let (action, outcome) = (query.action.as_ref().map(ToString::to_string), query.outcome.map(Outcome::code));
    let address = query.address.map(|address| address.to_string());
    view! {
        <div role="search">
            <Form action=org.path("/audit") method="get" class="audit-filters">
                {kept}
                <Field
                    name="q"
                    label="Search"
                    kind=FieldKind::Search
                    value=query.text.clone().unwrap_or_default()
                    help="Whole words: names, addresses, ids."
                />
                <SelectField name="range" label="Time" options=ranges value=range.unwrap_or_default() />
                <SelectField name="category" label="Category" options=categories value=category.unwrap_or_default() />
                <SelectField
                    name="action"
                    label="Action"
                    options=any_action(&query)
                    groups=actions()
                    value=action.unwrap_or_default()
                />
                <SelectField name="outcome" label="Outcome" options=outcomes value=outcome.unwrap_or_default() />
                <Field name="address" label="Address" kind=FieldKind::Code value=address.unwrap_or_default() />
                <Button icon=IconName::SEARCH>"Search"</Button>
                <Between query />
            </Form>
        </div>
    }
}

/// Two times, for what no range says.
#[component]
fn Between(query: AuditQuery) -> impl IntoView {
    let open = query.from.is_some() || query.until.is_some();
    let (from, until) = (query.from.map(moment), query.until.map(moment));
    view! {
        <details open=open class="audit-between">
            <summary class="w-fit rounded-sm text-md text-muted hover:text-base-content">
                "Between two times (UTC)"
            </summary>
            <div class="audit-times">
                <Moment name="from" label="From" value=from.unwrap_or_default() />
                <Moment
                    name="until"
                    label="Until"
                    value=until.unwrap_or_default()
                    help="They count while the time above is “Any time”."
                />
            </div>
        </details>
    }
}

/// Choices behind the one that asks for nothing.
fn choices(any: &'static str, others: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<SelectOption> {
    std::iter::once(("", any)).chain(others).map(|(code, name)| SelectOption::new(code, name)).collect()
}

/// Every act, by what it is about.
fn actions() -> Vec<SelectGroup> {
    let of = |category: &Category| {
        let acts = ACTS.iter().filter(|act| act.category == *category);
        let options: Vec<_> = acts.map(|act| SelectOption::new(act.code, act.name)).collect();
        (!options.is_empty()).then(|| SelectGroup { label: category.name().to_owned(), options })
    };
    Category::ALL.iter().filter_map(of).collect()
}

/// The choice of no act, and the one that the address asks for if it is none of ours.
fn any_action(query: &AuditQuery) -> Vec<SelectOption> {
    let code = query.action.as_ref().map(domain::audit::Action::as_str);
    let other = code.filter(|code| ACTS.iter().all(|act| act.code != *code));
    let other = other.map(|code| SelectOption::new(code, code));
    std::iter::once(SelectOption::new("", "Any action")).chain(other).collect()
}
