//! The list of entries.

use axum::response::Response;
use domain::paging::Cursor;
use domain::roles::Permission;
use leptos::prelude::*;
use server::audit::{self, EntryView};

use super::words::{actor, describe, icon, outcome};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Avatar, Badge, Cell, CellKind, ColumnHeader, Icon, IconName, MenuButton, MenuItem, PageHeader, Pager, Panel, Row,
    Table, TimeAgo, Tone, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = audit::list(&org.access, cursor.as_ref()).await?;
    let content = org.clone();
    let page = move || {
        let path = content.path("/audit");
        let turn = |cursor: Option<String>| cursor.map(|cursor| format!("{path}?page={cursor}"));
        let (previous, next) = (turn(list.previous.clone()), turn(list.next.clone()));
        let range = format!("{} of {} entries", list.rows.len(), number(list.total));
        let header = content.clone();
        view! {
            <PageHeader
                title="Audit trail"
                lead="Everything that happened here, newest first. An export as NDJSON can be verified by anybody; CSV is for reading."
                actions=move || view! { <Files org=header /> }
            />
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
                        }
                    }
                >
                    {list.rows.into_iter().map(|entry| view! { <EntryRow org=content.clone() entry /> }).collect_view()}
                </Table>
                <Pager range previous next newest_first=true />
            </Panel>
        }
        .into_any()
    };
    Ok(org.render("Audit trail", page).await)
}

/// The trail as files, and what shows that they are right.
#[component]
fn Files(org: Organization) -> impl IntoView {
    let file = |icon, label: &str, rest| MenuItem::link(icon, label, org.path(rest)).download();
    let proofs =
        vec![file(IconName::KEY, "Key", "/audit/key"), file(IconName::SHIELD_CHECK, "Checkpoint", "/audit/checkpoint")];
    let export = org.access.may(Permission::ExportAudit).then(|| {
        // Not marked as files, which the answer says itself: instead of one there may be a page that asks for a proof.
        let format = |label: &str, rest| MenuItem::link(IconName::FILE_TEXT, label, org.path(rest));
        let formats = vec![format("CSV", "/audit/export/csv"), format("NDJSON", "/audit/export")];
        view! { <MenuButton label="Export" id="export" items=formats icon=IconName::DOWNLOAD /> }
    });
    view! {
        <MenuButton label="Proofs" id="proofs" items=proofs icon=IconName::SHIELD_CHECK />
        {export}
    }
}

#[component]
fn EntryRow(org: Organization, entry: EntryView) -> impl IntoView {
    let outcome = outcome(&entry);
    let (now, zone) = (org.page.request.now, org.page.zone());
    let who = actor(&entry);
    let id = entry.actor.map_or_else(|| who.clone(), |id| id.to_string());
    let href = org.path(&format!("/audit/{}", entry.index));
    let (name, text, index) = (who.clone(), describe(&entry, org.access.book()), entry.index);
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
        </Row>
    }
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
pub(crate) fn Timeline(org: Organization, entries: Vec<EntryView>) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    view! {
        <ul class="timeline">
            {entries
                .into_iter()
                .map(|entry| {
                    let text = describe(&entry, org.access.book());
                    let href = org.path(&format!("/audit/{}", entry.index));
                    view! {
                        <li class="timeline-item">
                            <Icon name=icon(&entry) />
                            <a class="link-quiet" href=href>
                                <strong class="font-medium">
                                    <bdi>{actor(&entry)}</bdi>
                                </strong>
                                " "
                                {text}
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
