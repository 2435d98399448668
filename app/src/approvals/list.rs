//! The list: what waits first.

use axum::response::Response;
use domain::paging::{Cursor, Page};
use domain::roles::Permission;
use leptos::prelude::*;
use server::approvals::{self, RequestView, Requests};

use super::address;
use super::parts::{RiskBadge, StandingBadge};
use super::words::{called, progress, what};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    ButtonLink, Cell, CellKind, ColumnHeader, Drawing, EmptyState, PageHeader, Pager, Panel, Row, Table, TimeAgo,
    number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn list(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let Requests { waiting, past } = approvals::list(&org.access, cursor.as_ref()).await?;
    let content = org.clone();
    let page = move || {
        let open = if waiting.is_empty() {
            view! { <Nothing org=content.clone() /> }.into_any()
        } else {
            view! { <Waiting org=content.clone() waiting /> }.into_any()
        };
        let over = (!past.rows.is_empty()).then(|| view! { <Past org=content past /> });
        view! {
            <PageHeader title="Approvals" lead="What one person does not do alone: who has asked for it, and who approves." />
            {open}
            {over}
        }
        .into_any()
    };
    Ok(org.render("Approvals", page).await)
}

/// That nothing waits, and where it is said what would.
#[component]
fn Nothing(org: Organization) -> impl IntoView {
    let is_used = org.access.enforced().document().approval_needed.any();
    let text = if is_used {
        "When somebody asks for what the security policy names, it waits here."
    } else {
        "The security policy says for what other owners are asked. At present it names nothing."
    };
    let edit = (!is_used && org.access.may(Permission::ManagePolicy))
        .then(|| format!("{}#section-approvals", org.path("/policy/edit")));
    view! {
        <Panel>
            <EmptyState
                drawing=Drawing::Letter
                title="Nothing waits for approval"
                text
                action=move || edit.map(|href| view! { <ButtonLink href>"Edit policy"</ButtonLink> })
            />
        </Panel>
    }
}

#[component]
fn Waiting(org: Organization, waiting: Vec<RequestView>) -> impl IntoView {
    let rows = waiting.into_iter().map(|request| view! { <Line org=org.clone() request /> }).collect_view();
    view! {
        <Panel>
            <Table label="Waiting" head=|| view! { <Head /> }>
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Past(org: Organization, past: Page<RequestView>) -> impl IntoView {
    let turn = |cursor: Option<String>| cursor.map(|cursor| org.path(&format!("/approvals?page={cursor}")));
    let (previous, next) = (turn(past.previous), turn(past.next));
    let range = if past.total == 1 { "1 request".to_owned() } else { format!("{} requests", number(past.total)) };
    let rows = past.rows.into_iter().map(|request| view! { <Line org=org.clone() request /> }).collect_view();
    view! {
        <h2 class="mt-6 mb-3 text-xl font-semibold">"Before"</h2>
        <Panel>
            <Table label="Before" head=|| view! { <Head /> }>
                {rows}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
}

#[component]
fn Head() -> impl IntoView {
    view! {
        <ColumnHeader label="Request" />
        <ColumnHeader label="State" />
        <ColumnHeader label="Risk" />
        <ColumnHeader label="Approvals" />
        <ColumnHeader label="Asked by" />
        <ColumnHeader label="Asked" />
    }
}

#[component]
fn Line(org: Organization, request: RequestView) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (href, title) = (address(&org, request.id, ""), what(&org, &request));
    let approvals = progress(request.quorum, request.given);
    let (risk, standing) = (request.risk, request.standing);
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <a class="link-quiet font-medium" href=href>{title}</a>
            </Cell>
            <Cell label="State">
                <StandingBadge standing />
            </Cell>
            <Cell label="Risk">
                <RiskBadge risk headed=true />
            </Cell>
            <Cell label="Approvals">{approvals}</Cell>
            <Cell label="Asked by">
                <bdi>{called(&request.requested_by)}</bdi>
            </Cell>
            <Cell label="Asked" kind=CellKind::Muted>
                <TimeAgo at=request.requested_at now zone />
            </Cell>
        </Row>
    }
}
