//! The list of webhooks.

use axum::response::Response;
use leptos::prelude::*;
use server::webhooks::{self, Endpoint};

use super::address;
use super::parts::HowToVerify;
use super::words;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, ButtonLink, ButtonVariant, Cell, CellKind, ColumnHeader, Drawing, EmptyState, IconName, Narrow, PageHeader,
    Panel, Row, Table, TimeAgo, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let endpoints = webhooks::list(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let new = content.path("/webhooks/new");
        // One button in sight: an empty list has its own.
        let (first, new) = if endpoints.is_empty() { (Some(new), None) } else { (None, Some(new)) };
        let button = |href: String| {
            view! { <ButtonLink href variant=ButtonVariant::Primary icon=IconName::PLUS>"Add webhook"</ButtonLink> }
        };
        let list = if endpoints.is_empty() {
            view! {
                <EmptyState
                    drawing=Drawing::Letter
                    title="No webhooks yet"
                    text="A webhook tells a program of yours when an alert is raised, somebody joins or leaves, or the policy changes. Each message is signed."
                    action=move || first.map(button)
                />
                <Narrow><HowToVerify /></Narrow>
            }
            .into_any()
        } else {
            view! { <List org=content endpoints /> }.into_any()
        };
        view! {
            <PageHeader
                title="Webhooks"
                lead="Programs of yours that are told what happens here."
                actions=move || new.map(button)
            />
            {list}
        }
        .into_any()
    };
    Ok(org.render("Webhooks", page).await)
}

#[component]
fn List(org: Organization, endpoints: Vec<Endpoint>) -> impl IntoView {
    let rows = endpoints.into_iter().map(|endpoint| view! { <Line org=org.clone() endpoint /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Webhooks"
                head=|| {
                    view! {
                        <ColumnHeader label="Endpoint" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Events" kind=CellKind::Number />
                        <ColumnHeader label="Last delivery" />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Line(org: Organization, endpoint: Endpoint) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = words::endpoint(&endpoint);
    let (href, host) = (address(&org, endpoint.id, ""), endpoint.host());
    let last = endpoint.last.map(|(at, taken)| {
        let how = if taken { "Delivered " } else { "Failed " };
        view! { {how} <TimeAgo at now zone /> }
    });
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="min-w-0">
                    <a class="link-quiet font-medium" href=href>{host}</a>
                    <bdi class="block text-sm text-muted">{endpoint.description}</bdi>
                </div>
            </Cell>
            <Cell label="State">
                <Badge tone label />
            </Cell>
            <Cell label="Events" kind=CellKind::Number>{number(endpoint.events.len() as u64)}</Cell>
            <Cell label="Last delivery" kind=CellKind::Muted>{last}</Cell>
        </Row>
    }
}
