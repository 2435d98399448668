//! Entries in a table, and a few of them as a line of time.

use std::net::IpAddr;

use domain::audit::{Action, AuditQuery};
use domain::paging::{Cursor, Page};
use domain::text::isolated;
use leptos::prelude::*;
use server::audit::EntryView;

use super::address::{address, changed};
use super::words::{actor, describe, icon, outcome};
use crate::context::Organization;
use crate::ui::{
    Avatar, Badge, Cell, CellKind, ColumnHeader, Icon, IconName, MenuItem, Pager, Panel, Row, RowMenu, Table, TimeAgo,
    Tone, number,
};

/// The entries of one page.
#[component]
pub(super) fn Entries(
    org: Organization,
    query: AuditQuery,
    list: Page<EntryView>,
    /// Whether the number of entries is about right where nobody has counted them, and not only the least.
    estimated: bool,
) -> impl IntoView {
    let turn = |cursor: Option<String>| {
        cursor.map(|cursor| address(&org, &AuditQuery { cursor: Cursor::decode(&cursor), ..query.clone() }))
    };
    let range = range(&list, estimated);
    let (previous, next) = (turn(list.previous), turn(list.next));
    let rows = list
        .rows
        .into_iter()
        .map(|entry| view! { <EntryRow items=menu(&org, &query, &entry) org=org.clone() entry /> });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Audit trail"
                head=|| {
                    view! {
                        <ColumnHeader label="Actor" />
                        <ColumnHeader label="Action" />
                        <ColumnHeader label="Outcome" />
                        <ColumnHeader label="When" />
                        <ColumnHeader label="Index" kind=CellKind::Number wide_only=true />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
}

/// How many entries the page shows, and of how many.
fn range(list: &Page<EntryView>, estimated: bool) -> String {
    let about = match (list.uncounted, estimated) {
        (false, _) => "",
        (true, true) => "about ",
        (true, false) => "more than ",
    };
    let noun = if list.total == 1 { "entry" } else { "entries" };
    format!("{} of {about}{} {noun}", list.rows.len(), number(list.total))
}

#[component]
fn EntryRow(org: Organization, entry: EntryView, items: Vec<MenuItem>) -> impl IntoView {
    let outcome = outcome(&entry);
    let (now, zone) = (org.page.request.now, org.page.zone());
    let who = actor(&entry);
    let id = entry.actor.map_or_else(|| who.clone(), |id| id.to_string());
    let href = org.path(&format!("/audit/{}", entry.index));
    let (name, text, index) = (who.clone(), describe(&entry, org.access.book()), entry.index);
    let menu = (!items.is_empty()).then(|| {
        view! { <RowMenu subject=format!("entry {index}") id=format!("entry-{index}") items /> }
    });
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="flex items-center gap-2.5">
                    <Avatar name id />
                    <bdi class="font-medium">{who}</bdi>
                </span>
            </Cell>
            <Cell label="Action" kind=CellKind::Prose>
                <a class="link-quiet" href=href>{text}</a>
            </Cell>
            <Cell label="Outcome">
                <Outcome outcome />
            </Cell>
            <Cell label="When" kind=CellKind::Muted>
                <TimeAgo at=entry.at now zone />
            </Cell>
            <Cell label="Index" kind=CellKind::Number wide_only=true>{index}</Cell>
            <Cell kind=CellKind::Actions>{menu}</Cell>
        </Row>
    }
}

/// What else is like an entry: the list, filtered by a part of it. Of a damaged one nothing is to be believed.
fn menu(org: &Organization, query: &AuditQuery, entry: &EntryView) -> Vec<MenuItem> {
    let by = entry.actor.filter(|id| query.actor != Some(*id)).map(|id| {
        let label = format!("Only what {} did", isolated(&actor(entry)));
        MenuItem::link(IconName::USER, label, changed(org, query, |q| q.actor = Some(id)))
    });
    let to = entry.target_name.as_deref().filter(|_| query.target.as_ref() != Some(&entry.target)).map(|name| {
        let href = changed(org, query, |q| q.target = Some(entry.target.clone()));
        MenuItem::link(IconName::HISTORY, format!("Only what happened to {}", isolated(name)), href)
    });
    let action = Action::try_from(entry.action.clone()).ok().filter(|action| query.action.as_ref() != Some(action));
    let alike = action.map(|action| {
        let href = changed(org, query, |q| q.action = Some(action));
        MenuItem::link(IconName::LIST_FILTER, "Only acts like this", href)
    });
    let address = entry.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()).filter(|ip| query.address != Some(*ip));
    let from = address.map(|ip| {
        let href = changed(org, query, |q| q.address = Some(ip));
        MenuItem::link(IconName::MONITOR, format!("Only from {ip}"), href)
    });
    [by, to, alike, from].into_iter().flatten().collect()
}

/// What came of an entry.
#[component]
pub(super) fn Outcome(outcome: Vec<(Tone, &'static str)>) -> impl IntoView {
    view! {
        <span class="flex items-center gap-2.5">
            {outcome.into_iter().map(|(tone, label)| view! { <Badge tone label /> }).collect_view()}
        </span>
    }
}

/// A few entries, one line each.
#[component]
pub(crate) fn Timeline(
    org: Organization,
    /// The entries, in the order shown.
    entries: Vec<EntryView>,
    /// What somebody noted stands below what they did.
    #[prop(optional)]
    with_reasons: bool,
) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    view! {
        <ul class="timeline">
            {entries
                .into_iter()
                .map(|entry| {
                    let text = describe(&entry, org.access.book());
                    let href = org.path(&format!("/audit/{}", entry.index));
                    let reason = entry.reason.clone().filter(|_| with_reasons);
                    let reason = reason.map(|reason| {
                        view! {
                            <span class="block text-md text-muted">
                                <bdi>{reason}</bdi>
                            </span>
                        }
                    });
                    view! {
                        <li class="timeline-item">
                            <Icon name=icon(&entry) />
                            <a class="link-quiet" href=href>
                                <strong class="font-medium">
                                    <bdi>{actor(&entry)}</bdi>
                                </strong>
                                " "
                                {text}
                                {reason}
                            </a>
                            <span class="when">
                                <TimeAgo at=entry.at now zone=zone.clone() />
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
