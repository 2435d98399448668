//! One delivery: what is sent, and each time that it was.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::DeliveryId;
use domain::problem::Problem;
use domain::webhooks::DeliveryState;
use leptos::prelude::*;
use server::Error;
use server::webhooks::{self, Attempt, Delivery, DeliveryDetail};

use super::{address, crumbs_below, endpoint_id, words};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonVariant, Card, Cell, CellKind, ColumnHeader, CopyButton, Crumb, Fact, Facts, Form,
    IconName, Narrow, PageHeader, Panel, Row, Table, TimeAgo, number,
};

/// The organization's slug, the endpoint's id and the delivery's.
pub(super) type DeliveryPath = Path<(String, String, String)>;

pub(super) fn delivery_id(text: &str) -> Result<DeliveryId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The page.
///
/// # Errors
/// A page about it.
pub async fn delivery_page(org: Organization, Path((_, endpoint, delivery)): DeliveryPath) -> Result<Response, Fault> {
    let (id, delivery) = (endpoint_id(&endpoint)?, delivery_id(&delivery)?);
    let detail = webhooks::delivery(&org.access, id, delivery).await?;
    let content = org.clone();
    let page = move || {
        let DeliveryDetail { endpoint, delivery, body, attempts } = detail;
        let mut crumbs = crumbs_below(&content, id, &endpoint.host());
        crumbs.push(Crumb { label: "Deliveries".into(), href: address(&content, id, "/deliveries") });
        let again = address(&content, id, &format!("/deliveries/{}/replay", delivery.id));
        let may_replay = endpoint.disabled.is_none() && delivery.state != DeliveryState::Waiting && delivery.is_kept;
        let actions = move || {
            may_replay.then(|| {
                view! {
                    <Form action=again class="contents">
                        <Button variant=ButtonVariant::Primary icon=IconName::SEND>"Send again"</Button>
                    </Form>
                }
            })
        };
        let state = content.clone();
        let headers = headers(&endpoint.url, &delivery, attempts.first());
        let is_kept = delivery.is_kept;
        view! {
            <Breadcrumb crumbs />
            <PageHeader title=delivery.kind.code() lead=delivery.kind.describe() actions />
            <Narrow>
                <State org=state delivery />
                <Request headers body is_kept />
            </Narrow>
            <Attempts org=content attempts />
        }
        .into_any()
    };
    Ok(org.render("Delivery", page).await)
}

/// The head of the request as it was sent last, or is going to be.
fn headers(url: &str, delivery: &Delivery, last: Option<&Attempt>) -> String {
    let at = last.map_or_else(|| "…".to_owned(), |attempt| attempt.at.unix_timestamp().to_string());
    let id = delivery.message;
    format!(
        "POST {url}\ncontent-type: application/json\nwebhook-id: {id}\nwebhook-timestamp: {at}\nwebhook-signature: v1,…"
    )
}

#[component]
fn State(org: Organization, delivery: Delivery) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = words::delivery(delivery.state);
    let next_zone = zone.clone();
    let next = delivery.due_at.map(|at| {
        view! { <Fact term="Next attempt"><TimeAgo at now zone=next_zone /></Fact> }
    });
    view! {
        <Card title="State">
            <Facts>
                <Fact term="State"><Badge tone label /></Fact>
                <Fact term="Message"><code class="mono break-all">{delivery.message.to_string()}</code></Fact>
                <Fact term="Attempts">{number(delivery.sent.into())}</Fact>
                {next}
                <Fact term="Posted"><TimeAgo at=delivery.created_at now zone /></Fact>
            </Facts>
        </Card>
    }
}

/// What is sent.
#[component]
fn Request(headers: String, body: Option<String>, is_kept: bool) -> impl IntoView {
    let body = if let Some(body) = body {
        view! {
            <div class="mt-3">
                <pre class="code-block" id="body">{body}</pre>
                <div class="mt-2"><CopyButton target="body" of="the body" small=true /></div>
            </div>
        }
        .into_any()
    } else {
        let why = if is_kept {
            "Your role does not show what this event carries."
        } else {
            "What was sent is not kept any more: three days after it was taken or given up, it goes, and what came back with it."
        };
        view! { <p class="mt-3 text-muted">{why}</p> }.into_any()
    };
    view! {
        <Card
            title="Request"
            lead="The body goes out as it stands here, byte by byte, and is kept until three days after it was taken or given up. Each attempt is signed anew."
        >
            <pre class="code-block">{headers}</pre>
            {body}
        </Card>
    }
}

#[component]
fn Attempts(org: Organization, attempts: Vec<Attempt>) -> impl IntoView {
    if attempts.is_empty() {
        return view! { <Card title="Attempts"><p class="text-muted">"It was not sent yet."</p></Card> }.into_any();
    }
    let rows = attempts.into_iter().map(|attempt| view! { <Line org=org.clone() attempt /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Attempts"
                head=|| {
                    view! {
                        <ColumnHeader label="Attempt" />
                        <ColumnHeader label="Answer" />
                        <ColumnHeader label="Took" kind=CellKind::Number />
                        <ColumnHeader label="Body of the answer" kind=CellKind::Prose />
                        <ColumnHeader label="When" />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, attempt: Attempt) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = words::attempt(&attempt);
    view! {
        <Row>
            <Cell kind=CellKind::Main>{number(attempt.number.into())}</Cell>
            <Cell label="Answer">
                <Badge tone label />
            </Cell>
            <Cell label="Took" kind=CellKind::Number>{format!("{} ms", number(attempt.milliseconds.into()))}</Cell>
            <Cell label="Body of the answer" kind=CellKind::Prose>
                <bdi class="mono break-all whitespace-pre-wrap">{attempt.answer}</bdi>
            </Cell>
            <Cell label="When" kind=CellKind::Muted>
                <TimeAgo at=attempt.at now zone />
            </Cell>
        </Row>
    }
}
