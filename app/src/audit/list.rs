//! The list of entries.

use axum::response::Response;
use domain::audit::AuditQuery;
use domain::paging::Cursor;
use domain::roles::Permission;
use leptos::prelude::*;
use server::audit::{self, Format, Found, views};
use time::OffsetDateTime;

use super::address::{Names, address, asked, below};
use super::ask::ask_address;
use super::crumbs;
use super::filters::Filters;
use super::histogram::Columns;
use super::table::Entries;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, ButtonLink, Drawing, EmptyState, ExactTime, IconName, MenuButton, MenuItem, Notice, PageHeader, Panel,
};

/// What the whole list has to say for itself.
const LEAD: &str =
    "Everything that happened here, newest first. An export as NDJSON can be verified by anybody; CSV is for reading.";

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let query = asked(&org);
    let Found { page: list, histogram, actor_name, further, back_to } = audit::search(&org.access, &query).await?;
    let views = views::list(&org.access).await?;
    let names = Names::new(&query, actor_name, &list.rows);
    let heading = names.heading(&query);
    let (content, title) = (org.clone(), heading.clone());
    let page = move || {
        let about_one = query.actor.is_some() || query.target.is_some();
        let lead = if about_one { "Newest first." } else { LEAD };
        let up = about_one.then(|| view! { <Breadcrumb crumbs=crumbs(&content) /> });
        let (header, exported) = (content.clone(), query.clone().from_the_start());
        let estimated = !histogram.bars.is_empty();
        let end = further.map(|cursor| {
            let further = AuditQuery { cursor: Cursor::decode(&cursor), ..query.clone() };
            view! { <Further org=content.clone() href=address(&content, &further) back_to /> }
        });
        let nothing = list.rows.is_empty();
        let filtered = query.is_filtered();
        let found = (!nothing).then(|| view! { <Entries org=content.clone() query=query.clone() list estimated /> });
        let empty = (nothing && end.is_none()).then(|| view! { <Nothing org=content.clone() filtered /> });
        view! {
            {up}
            <PageHeader title=heading lead actions=move || view! { <Files org=header query=exported /> } />
            <Filters org=content.clone() query=query.clone() names views />
            <Columns org=content query histogram />
            {found}
            {end}
            {empty}
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What the list shows as files, and what shows that they are right.
#[component]
fn Files(
    org: Organization,
    /// What the list asks for, wherever its page begins.
    query: AuditQuery,
) -> impl IntoView {
    let file = |icon, label: &str, rest| MenuItem::link(icon, label, org.path(rest)).download();
    let mut proofs = vec![
        file(IconName::KEY, "Key", "/audit/key"),
        file(IconName::SHIELD_CHECK, "Checkpoint", "/audit/checkpoint"),
        MenuItem::Separator,
        MenuItem::link(IconName::HISTORY, "All checkpoints", org.path("/audit/checkpoints")),
    ];
    if org.access.may(Permission::ManagePolicy) {
        proofs.push(MenuItem::link(IconName::CIRCLE_PAUSE, "Hold these", below(&org, "/holds", &query)));
    }
    let export = org.access.may(Permission::ExportAudit).then(|| {
        // Not marked as files, which the answer says itself: instead of one there may be a page that asks for a proof.
        let asks = org.access.enforced().document().approval_needed.exports;
        let item = |format: Format, rest| {
            let href = if asks { ask_address(&org, format, &query) } else { below(&org, rest, &query) };
            MenuItem::link(IconName::FILE_TEXT, format.name(), href)
        };
        let formats = vec![item(Format::Csv, "/export/csv"), item(Format::Ndjson, "/export")];
        view! { <MenuButton label="Export" id="export" items=formats icon=IconName::DOWNLOAD /> }
    });
    let verify = org.path("/audit/verify");
    view! {
        <ButtonLink href=verify>"Verify"</ButtonLink>
        <MenuButton label="Proofs" id="proofs" items=proofs icon=IconName::SHIELD_CHECK />
        {export}
    }
}

/// What no index holds by itself is looked for in a part of the log at a time: how far this page has looked, and the way on.
#[component]
fn Further(org: Organization, href: String, back_to: Option<OffsetDateTime>) -> impl IntoView {
    let zone = org.page.zone();
    let looked = match back_to {
        Some(at) => view! { "Searched back to " <ExactTime at zone /> "; nothing more in between." }.into_any(),
        None => "There is more to search.".into_any(),
    };
    view! {
        <Notice>
            {looked} " " <a class="link" href=href>"Search further back"</a>
        </Notice>
    }
}

/// There is no such entry.
#[component]
fn Nothing(org: Organization, filtered: bool) -> impl IntoView {
    let label = if filtered { "Clear filters" } else { "Show the newest" };
    let all = org.path("/audit");
    view! {
        <Panel>
            <EmptyState
                drawing=Drawing::Search
                title="Nothing matches"
                text="Try whole words or another time, or take away a filter."
                action=move || view! { <ButtonLink href=all>{label}</ButtonLink> }
            />
        </Panel>
    }
}
