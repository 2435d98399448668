//! The table of members.

use domain::factors::Factors;
use domain::jobs::JobKind;
use domain::members::{Member, MemberQuery, MemberSort, MemberStatus};
use domain::paging::Page;
use domain::policy::SignInPolicy;
use domain::roles::Permission;
use leptos::prelude::*;
use server::members::bulk::needs;
use server::policy::may_view;

use super::bar::{address, changed, more};
use crate::context::Organization;
use crate::ui::{
    AllBox, Badge, BulkBar, Button, Cell, CellKind, ColumnHeader, HiddenField, IconName, MenuButton, MenuItem, Pager,
    Panel, Person, Row, RowMenu, SelectAll, SelectBox, Sort, Table, TimeAgo, Tone, Zone, number,
};

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
