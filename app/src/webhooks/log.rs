//! What was sent to a webhook.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::EndpointId;
use domain::paging::{Cursor, Page};
use domain::webhooks::{DeliveryFilter, DeliveryState};
use leptos::prelude::*;
use server::webhooks::{self, Delivery, Endpoint};

use super::{EndpointPath, address, crumbs_below, endpoint_id, words};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, Card, Cell, CellKind, ColumnHeader, Drawing, EmptyState, ErrorSummary, FilterBar,
    FilterOption, Form, FormFoot, Narrow, PageHeader, Pager, Panel, Row, Segments, SelectField, SelectOption, Table,
    TimeAgo, number,
};

/// The states to choose from.
const STATES: [(&str, Option<DeliveryState>); 4] = [
    ("All", None),
    ("Failed", Some(DeliveryState::Failed)),
    ("Delivered", Some(DeliveryState::Delivered)),
    ("Waiting", Some(DeliveryState::Waiting)),
];
/// From how many hours back failed ones are sent again, in words.
const SPANS: [(&str, &str); 4] = [("1", "Last hour"), ("24", "Last day"), ("72", "Last 3 days"), ("96", "Last 4 days")];

/// The page.
///
/// # Errors
/// A page about it.
pub async fn deliveries_page(org: Organization, Path((_, endpoint)): EndpointPath) -> Result<Response, Fault> {
    let id = endpoint_id(&endpoint)?;
    let filter = DeliveryFilter::from_code(org.page.query_value("state").as_deref());
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let (endpoint, list) = webhooks::deliveries(&org.access, id, filter, cursor.as_ref()).await?;
    let content = org.clone();
    let form = org.page.form(&address(&org, id, "/replay"));
    let page = move || {
        let errors = form.errors();
        let crumbs = crumbs_below(&content, id, &endpoint.host());
        let replay = endpoint.disabled.is_none().then(|| view! { <Replay org=content.clone() id form /> });
        view! {
            <Breadcrumb crumbs />
            <PageHeader
                title="Deliveries"
                lead="That something was sent is listed for 30 days, at most for the newest 5,000 messages. What was sent is kept until three days after it was taken or given up."
            />
            <ErrorSummary errors title="Nothing was sent again" />
            <States org=content.clone() id filter />
            <Log org=content endpoint filter list />
            {replay.map(|replay| view! { <Narrow>{replay}</Narrow> })}
        }
        .into_any()
    };
    Ok(org.render("Deliveries", page).await)
}

/// The log's address with this filter, and at this page of it.
fn log_address(org: &Organization, id: EndpointId, filter: DeliveryFilter, page: Option<&str>) -> String {
    let pairs: Vec<_> =
        filter.code().map(|code| ("state", code)).into_iter().chain(page.map(|page| ("page", page))).collect();
    let path = address(org, id, "/deliveries");
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    }
}

#[component]
fn States(org: Organization, id: EndpointId, filter: DeliveryFilter) -> impl IntoView {
    let option = |(label, state): (&str, Option<DeliveryState>)| FilterOption {
        label: label.to_owned(),
        href: log_address(&org, id, DeliveryFilter(state), None),
        current: filter.0 == state,
    };
    let options: Vec<_> = STATES.into_iter().map(option).collect();
    view! {
        <FilterBar>
            <Segments label="State" options />
        </FilterBar>
    }
}

#[component]
fn Log(org: Organization, endpoint: Endpoint, filter: DeliveryFilter, list: Page<Delivery>) -> impl IntoView {
    if list.rows.is_empty() {
        return view! {
            <Panel>
                <EmptyState
                    drawing=Drawing::Search
                    title="No such deliveries"
                    text="What is sent to this webhook is listed here for 30 days. A test event shows whether it is taken."
                />
            </Panel>
        }
        .into_any();
    }
    let id = endpoint.id;
    let turn = |cursor: Option<String>| cursor.map(|cursor| log_address(&org, id, filter, Some(&cursor)));
    let (previous, next) = (turn(list.previous), turn(list.next));
    let range = format!("{} of {}", list.rows.len(), number(list.total));
    view! {
        <DeliveryTable org endpoint=id deliveries=list.rows />
        <Pager range previous next newest_first=true />
    }
    .into_any()
}

/// Some deliveries.
#[component]
pub(super) fn DeliveryTable(org: Organization, endpoint: EndpointId, deliveries: Vec<Delivery>) -> impl IntoView {
    let rows =
        deliveries.into_iter().map(|delivery| view! { <Line org=org.clone() endpoint delivery /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Deliveries"
                head=|| {
                    view! {
                        <ColumnHeader label="Event" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Answer" kind=CellKind::Number />
                        <ColumnHeader label="Attempts" kind=CellKind::Number />
                        <ColumnHeader label="Next attempt" wide_only=true />
                        <ColumnHeader label="Posted" />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Line(org: Organization, endpoint: EndpointId, delivery: Delivery) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = words::delivery(delivery.state);
    let href = address(&org, endpoint, &format!("/deliveries/{}", delivery.id));
    let answer = delivery.status.map_or_else(|| "–".to_owned(), |status| status.to_string());
    let next_zone = zone.clone();
    let next = delivery.due_at.map(|at| view! { <TimeAgo at now zone=next_zone /> });
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <a class="link-quiet font-medium" href=href>{delivery.kind.code()}</a>
            </Cell>
            <Cell label="State">
                <Badge tone label />
            </Cell>
            <Cell label="Answer" kind=CellKind::Number>{answer}</Cell>
            <Cell label="Attempts" kind=CellKind::Number>{number(delivery.sent.into())}</Cell>
            <Cell label="Next attempt" kind=CellKind::Muted wide_only=true>{next}</Cell>
            <Cell label="Posted" kind=CellKind::Muted>
                <TimeAgo at=delivery.created_at now zone />
            </Cell>
        </Row>
    }
}

/// The form that sends again what was given up.
#[component]
fn Replay(org: Organization, id: EndpointId, form: FormState) -> impl IntoView {
    let options = SPANS.into_iter().map(|(hours, label)| SelectOption::new(hours, label)).collect();
    view! {
        <Card
            title="Send failed messages again"
            lead="Those that were given up in the last three days, the oldest first, at most 1,000. Each keeps its id, so that receivers know what they have seen."
        >
            <Form action=address(&org, id, "/replay")>
                <SelectField
                    name="hours"
                    label="Posted in the"
                    options
                    value=form.value_or("hours", "24")
                    error=form.error("hours")
                />
                <FormFoot>
                    <Button>"Send failed again"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}
