//! The table of members, and the addresses that sort, filter and page it.

use domain::factors::Factors;
use domain::ids::GroupId;
use domain::jobs::JobKind;
use domain::members::{Inactivity, Member, MemberQuery, MemberSort, MemberStatus, MfaFilter, Source};
use domain::paging::Page;
use domain::policy::SignInPolicy;
use domain::roles::Permission;
use domain::text::isolated;
use leptos::prelude::*;
use server::members::bulk::needs;
use server::policy::may_view;

use crate::context::Organization;
use crate::ui::{
    AllBox, Badge, BulkBar, Button, ButtonLink, ButtonVariant, Cell, CellKind, Chip, ColumnHeader, FilterBar,
    FilterMenu, FilterOption, HiddenField, IconName, MenuButton, MenuItem, Pager, Panel, Person, Row, RowMenu,
    SearchBox, SelectAll, SelectBox, Sort, Table, TimeAgo, Tone, Zone, number,
};

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
fn changed(org: &Organization, query: &MemberQuery, change: impl FnOnce(&mut MemberQuery)) -> String {
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

/// The members of one page.
#[component]
pub(super) fn Members(
    org: Organization,
    query: MemberQuery,
    list: Page<Member>,
    /// The organization's domains.
    domains: Vec<String>,
) -> impl IntoView {
    let first = query.cursor.is_none();
    let range = match (list.rows.len(), list.total) {
        (shown, total) if first && shown as u64 == total => {
            format!("{} {}", number(total), if total == 1 { "member" } else { "members" })
        }
        (shown, total) if first => format!("1–{shown} of {}{}", more(list.uncounted), number(total)),
        (shown, total) => format!("{shown} of {}{}", more(list.uncounted), number(total)),
    };
    let turn = |cursor: Option<String>| {
        cursor.map(|cursor| {
            let cursor = domain::paging::Cursor::decode(&cursor);
            address(&org, &MemberQuery { cursor, ..query.clone() })
        })
    };
    let (previous, next) = (turn(list.previous.clone()), turn(list.next.clone()));
    let header = {
        let (org, query) = (org.clone(), query.clone());
        move |label: &'static str, sort: MemberSort| {
            let sorted = query.sort == sort;
            let behind_tap = matches!(sort, MemberSort::Joined | MemberSort::LastSeen);
            let href = changed(&org, &query, |q| {
                q.descending = sorted && !q.descending;
                q.sort = sort;
            });
            let direction = if query.descending { Sort::Descending } else { Sort::Ascending };
            view! { <ColumnHeader label href=Some(href) sort=sorted.then_some(direction) behind_tap /> }
        }
    };
    let zone = org.page.zone();
    let with_mfa = may_view(&org.access);
    let with_boxes = offered(&org).next().is_some();
    let beyond = (list.total > list.rows.len() as u64).then_some((list.total, list.uncounted));
    let acts = with_boxes.then(|| view! { <Acts org=org.clone() query=query.clone() beyond /> });
    view! {
        <Panel>
            <Table
                label="Members"
                head=move || {
                    view! {
                        {with_boxes.then(|| view! { <SelectAll /> })}
                        {header("Name", MemberSort::Name)}
                        {header("Role", MemberSort::Role)}
                        <ColumnHeader label="Status" />
                        {with_mfa.then(|| view! { <ColumnHeader label="MFA" /> })}
                        {header("Joined", MemberSort::Joined)}
                        {header("Last seen", MemberSort::LastSeen)}
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {list
                    .rows
                    .into_iter()
                    .map(|member| view! { <MemberRow org=org.clone() zone=zone.clone() items=menu(&org, &member, &domains) member /> })
                    .collect_view()}
            </Table>
            <Pager range previous next />
            {acts}
        </Panel>
    }
}

/// What whoever looks may do to many members at once, where there is something to do.
fn offered(org: &Organization) -> impl Iterator<Item = JobKind> + '_ {
    let makes_sense = |kind: JobKind| match kind {
        JobKind::Remind => org.access.policy().mfa.is_some(),
        JobKind::Join | JobKind::Leave => may_fill_groups(org),
        _ => true,
    };
    JobKind::BULK.into_iter().filter(move |kind| org.access.may(needs(*kind)) && makes_sense(*kind))
}

/// Whether there are groups into which whoever looks may put members.
fn may_fill_groups(org: &Organization) -> bool {
    let (book, held) = (org.access.book(), org.access.permissions());
    org.access.may(Permission::ManageGroups) && book.groups().any(|group| held.cover(book.carried(group.id)))
}

/// What can be done to the members who are selected: on this page, or all that match.
#[component]
fn Acts(
    org: Organization,
    query: MemberQuery,
    /// How many there are beside those that the page shows, and whether there are more than that.
    beyond: Option<(u64, bool)>,
) -> impl IntoView {
    let filter = MemberQuery { cursor: None, ..query };
    let is_filtered = filter.is_filtered();
    let kept = filter.to_pairs().into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let all = beyond.map(|(total, uncounted)| {
        let count = if uncounted { String::new() } else { format!(" {}", number(total)) };
        let label = format!("Select all{count}{}", if is_filtered { " that match" } else { "" });
        view! { <AllBox label /> }
    });
    let icon = |kind| match kind {
        JobKind::Role => IconName::SHIELD_CHECK,
        JobKind::Join | JobKind::Leave => IconName::USERS_ROUND,
        JobKind::Suspend => IconName::CIRCLE_PAUSE,
        JobKind::Resume => IconName::CIRCLE_PLAY,
        JobKind::Remind => IconName::SEND,
        JobKind::EndAccess => IconName::LOG_OUT,
        JobKind::Remove | JobKind::Import => IconName::USER_MINUS,
    };
    // What is done now and then stands behind "More": the bar fits a laptop in one line.
    let (often, seldom): (Vec<_>, Vec<_>) = offered(&org)
        .partition(|kind| matches!(kind, JobKind::Role | JobKind::Join | JobKind::Suspend | JobKind::Remove));
    let buttons = often
        .into_iter()
        .map(|kind| {
            view! {
                <Button small=true icon=icon(kind) name="act" value=kind.code()>
                    {kind.name()}
                </Button>
            }
        })
        .collect_view();
    let submit = |kind: JobKind| MenuItem::Submit {
        label: kind.name().to_owned(),
        name: "act",
        value: kind.code(),
        icon: icon(kind),
    };
    let items: Vec<_> = seldom.into_iter().map(submit).collect();
    let more = (!items.is_empty()).then(|| view! { <MenuButton label="More" id="acts" items small=true /> });
    view! {
        <BulkBar action=org.path("/members/bulk") method="get">
            {kept} {all} {buttons} {more}
        </BulkBar>
    }
}

#[component]
fn MemberRow(org: Organization, zone: Zone, member: Member, items: Vec<MenuItem>) -> impl IntoView {
    let now = org.page.request.now;
    let mfa = may_view(&org.access).then(|| view! { <MfaBadge policy=*org.access.policy() factors=member.factors /> });
    let seen = match member.last_seen_at {
        Some(at) => view! { <TimeAgo at now zone=zone.clone() /> }.into_any(),
        None => "never".into_any(),
    };
    let id = member.id.to_string();
    let groups = group_names(&org, &member);
    let (href, menu_id, subject, since) =
        (org.path(&format!("/members/{id}")), id.clone(), member.name.clone(), zone.clone());
    let name = member.name.clone();
    let check = offered(&org).next().is_some().then(|| {
        let can_be_selected = (may_change(&org, &member) || may_fill_groups(&org)) && member.id != org.access.account();
        view! {
            <Cell kind=CellKind::Check>
                {can_be_selected.then(|| view! { <SelectBox label=name value=member.id.to_string() /> })}
            </Cell>
        }
    });
    view! {
        <Row>
            {check} <Cell kind=CellKind::Main>
                <Person name=member.name email=member.email id href=Some(href) />
            </Cell>
            <Cell label="Role">
                <div>
                    {member.role.name().to_owned()}
                    {groups.map(|names| view! { <span class="block max-w-56 truncate text-xs text-muted">{names}</span> })}
                </div>
            </Cell>
            <Cell label="Status">
                <StatusBadge status=member.status />
            </Cell>
            {mfa.map(|badge| view! { <Cell label="MFA">{badge}</Cell> })}
            <Cell label="Joined" kind=CellKind::Muted behind_tap=true>
                <div>
                    <TimeAgo at=member.joined_at now zone=since />
                    <span class="block text-xs">{member.source.name()}</span>
                </div>
            </Cell>
            <Cell label="Last seen" kind=CellKind::Muted behind_tap=true>
                {seen}
            </Cell>
            <Cell kind=CellKind::Actions>
                {(!items.is_empty()).then(|| view! { <RowMenu subject id=menu_id items /> })}
            </Cell>
        </Row>
    }
}

/// The names of a member's groups, in their order.
pub(super) fn group_names(org: &Organization, member: &Member) -> Option<String> {
    let groups = org.access.book().groups().filter(|group| member.groups.contains(&group.id));
    let names: Vec<_> = groups.map(|group| group.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Whether a member may come in.
#[component]
pub(super) fn StatusBadge(status: MemberStatus) -> impl IntoView {
    let tone = match status {
        MemberStatus::Active => Tone::Ok,
        MemberStatus::Suspended => Tone::Bad,
    };
    view! { <Badge tone label=status.name() /> }
}

/// What a member has besides a password, and whether that is what is asked for.
#[component]
pub(super) fn MfaBadge(policy: SignInPolicy, factors: Factors) -> impl IntoView {
    let (tone, label) = match (policy.is_met_by(factors), factors.any()) {
        (false, false) => (Tone::Warn, "Needs MFA"),
        (false, true) => (Tone::Warn, "Needs another"),
        (true, true) => (Tone::Ok, "On"),
        (true, false) => (Tone::Idle, "Off"),
    };
    view! { <Badge tone label /> }
}

/// Whether whoever looks may change a member at all.
pub(super) fn may_change(org: &Organization, member: &Member) -> bool {
    org.access.may(Permission::ManageMembers) && org.access.permissions().cover(member.permissions)
}

/// What whoever looks may do to a member: the rules decide again when it is done.
pub(super) fn menu(org: &Organization, member: &Member, domains: &[String]) -> Vec<MenuItem> {
    let access = &org.access;
    if !may_change(org, member) {
        return Vec::new();
    }
    let path = |act: &str| org.path(&format!("/members/{}/{act}", member.id));
    let mut items = vec![MenuItem::link(IconName::SHIELD_CHECK, "Change role", path("role")).in_dialog()];
    if member.id != access.account() {
        items.push(match member.status {
            MemberStatus::Active => MenuItem::post(IconName::CIRCLE_PAUSE, "Suspend", path("suspend")),
            MemberStatus::Suspended => MenuItem::post(IconName::CIRCLE_PLAY, "Resume", path("resume")),
        });
        let domain = member.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        if domains.iter().any(|own| own == domain) {
            let reset = MenuItem::link(IconName::KEY_ROUND, "Reset sign-in factors", path("factors"));
            items.push(reset.in_dialog());
        }
        items.push(MenuItem::Separator);
        items.push(MenuItem::link(IconName::USER_MINUS, "Remove", path("remove")).dangerous().in_dialog());
    }
    items
}
