//! What the list of members is asked for: the addresses that sort, filter and page it, and the bar that does.

use domain::ids::GroupId;
use domain::members::{Inactivity, MemberQuery, MemberSort, MemberStatus, MfaFilter, Source};
use domain::text::isolated;
use leptos::prelude::*;
use server::policy::may_view;

use crate::context::Organization;
use crate::ui::{ButtonLink, ButtonVariant, Chip, FilterBar, FilterMenu, FilterOption, SearchBox};

/// The list's address with this query.
pub(super) fn address(org: &Organization, query: &MemberQuery) -> String {
    below(org, "", query)
}

/// An address below the list's with this query.
pub(super) fn below(org: &Organization, rest: &str, query: &MemberQuery) -> String {
    let path = org.path(&format!("/members{rest}"));
    let query = query.to_text();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The list's first page with something changed in its query.
pub(super) fn changed(org: &Organization, query: &MemberQuery, change: impl FnOnce(&mut MemberQuery)) -> String {
    let mut query = MemberQuery { cursor: None, ..query.clone() };
    change(&mut query);
    address(org, &query)
}

/// Search, filters, and the chips that take them away.
#[component]
pub(super) fn Filters(org: Organization, query: MemberQuery) -> impl IntoView {
    let option = |label: &str, current: bool, href: String| FilterOption { label: label.to_owned(), href, current };
    let mut roles = vec![option("Any role", query.role.is_none(), changed(&org, &query, |q| q.role = None))];
    roles.extend(org.access.book().all().map(|role| {
        option(role.name(), query.role == Some(role.id()), changed(&org, &query, |q| q.role = Some(role.id())))
    }));
    let groups = group_options(&org, &query);
    let mut states = vec![option("Any status", query.status.is_none(), changed(&org, &query, |q| q.status = None))];
    states.extend(MemberStatus::ALL.iter().map(|status| {
        option(status.name(), query.status == Some(*status), changed(&org, &query, |q| q.status = Some(*status)))
    }));
    let mut sources = vec![option("Any source", query.source.is_none(), changed(&org, &query, |q| q.source = None))];
    sources.extend(Source::ALL.iter().map(|source| {
        option(source.name(), query.source == Some(*source), changed(&org, &query, |q| q.source = Some(*source)))
    }));
    let mut activity =
        vec![option("Any activity", query.inactive.is_none(), changed(&org, &query, |q| q.inactive = None))];
    activity.extend(inactivities(&query).map(|inactive| {
        let href = changed(&org, &query, |q| q.inactive = Some(inactive));
        option(&inactive.name(), query.inactive == Some(inactive), href)
    }));
    let factors = may_view(&org.access).then(|| {
        let any = option("Any MFA", query.mfa.is_none(), changed(&org, &query, |q| q.mfa = None));
        let others = MfaFilter::ALL
            .iter()
            .map(|mfa| option(mfa.name(), query.mfa == Some(*mfa), changed(&org, &query, |q| q.mfa = Some(*mfa))));
        std::iter::once(any).chain(others).collect::<Vec<_>>()
    });
    let keep = MemberQuery { search: None, cursor: None, ..query.clone() };
    let keep = keep.to_pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let sort_only = MemberQuery { sort: query.sort, descending: query.descending, ..MemberQuery::default() };
    let clear = query.is_filtered().then(|| address(&org, &sort_only));
    let chips = chips(&org, &query)
        .into_iter()
        .map(|(label, without)| view! { <Chip label remove=address(&org, &without) /> })
        .collect_view();
    let saved = below(&org, "/filters", &MemberQuery { cursor: None, ..query.clone() });
    view! {
        <FilterBar clear>
            <SearchBox
                label="Search members"
                placeholder="Name or address"
                action=org.path("/members")
                value=query.search.clone().unwrap_or_default()
                keep
            />
            <FilterMenu label="Role" id="role" options=roles />
            {groups.map(|options| view! { <FilterMenu label="Group" id="group" options /> })}
            <FilterMenu label="Status" id="status" options=states />
            <FilterMenu label="Activity" id="activity" options=activity />
            {factors.map(|options| view! { <FilterMenu label="MFA" id="mfa" options /> })}
            <FilterMenu label="Source" id="source" options=sources />
            <ButtonLink href=saved variant=ButtonVariant::Ghost dialog=true>"Saved filters"</ButtonLink>
            {chips}
        </FilterBar>
    }
}

/// What stands before a number that is not all.
pub(super) const fn more(uncounted: bool) -> &'static str {
    if uncounted { "more than " } else { "" }
}

/// What a query asks for, each part in words, and the query without it.
fn chips(org: &Organization, query: &MemberQuery) -> Vec<(String, MemberQuery)> {
    let book = org.access.book();
    let without = |change: fn(&mut MemberQuery)| {
        let mut query = MemberQuery { cursor: None, ..query.clone() };
        change(&mut query);
        query
    };
    let group_name = |group| book.group(group).map_or("deleted", |group| group.name.as_str());
    let chips = [
        query.search.as_ref().map(|text| (format!("“{}”", isolated(text)), without(|q| q.search = None))),
        query.role.map(|role| (format!("Role: {}", book.role(role).name()), without(|q| q.role = None))),
        query.group.map(|group| (format!("Group: {}", group_name(group)), without(|q| q.group = None))),
        query.can.map(|can| (format!("May: {}", can.describe()), without(|q| q.can = None))),
        query.status.map(|status| (format!("Status: {}", status.name()), without(|q| q.status = None))),
        query
            .inactive
            .map(|inactive| (format!("Activity: {}", inactive.name().to_lowercase()), without(|q| q.inactive = None))),
        query.mfa.map(|mfa| (format!("MFA: {}", mfa.name().to_lowercase()), without(|q| q.mfa = None))),
        query.source.map(|source| (format!("Source: {}", source.name()), without(|q| q.source = None))),
    ];
    chips.into_iter().flatten().collect()
}

/// A query in words: what it asks for, and by what it is sorted, unless that is as usual.
pub(super) fn words(org: &Organization, query: &MemberQuery) -> Vec<String> {
    let sorted = query.is_sorted().then(|| {
        let column = match query.sort {
            MemberSort::Name => "name",
            MemberSort::Role => "role",
            MemberSort::LastSeen => "last seen",
            MemberSort::Joined => "joined",
        };
        format!("sorted by {column}{}", if query.descending { ", descending" } else { "" })
    });
    chips(org, query).into_iter().map(|(label, _)| label).chain(sorted).collect()
}

/// The organization's groups, if it has some.
fn group_options(org: &Organization, query: &MemberQuery) -> Option<Vec<FilterOption>> {
    let option = |label: &str, group: Option<GroupId>| FilterOption {
        label: label.to_owned(),
        href: changed(org, query, |q| q.group = group),
        current: query.group == group,
    };
    let groups: Vec<_> = org.access.book().groups().map(|group| option(group.name.as_str(), Some(group.id))).collect();
    (!groups.is_empty()).then(|| std::iter::once(option("Any group", None)).chain(groups).collect())
}

/// What the filter offers, and what the address asks for besides.
fn inactivities(query: &MemberQuery) -> impl Iterator<Item = Inactivity> + use<> {
    let other = query.inactive.filter(|inactive| !Inactivity::OFFERED.contains(inactive));
    Inactivity::OFFERED.into_iter().chain(other)
}
