//! The page of one webhook.

use axum::extract::Path;
use axum::response::Response;
use domain::text::isolated;
use domain::webhooks::{DeliveryFilter, EventKind};
use leptos::prelude::*;
use server::webhooks::{self, Endpoint};

use super::log::DeliveryTable;
use super::parts::{EndpointFields, HowToVerify};
use super::{EndpointPath, address, crumbs, endpoint_id, words};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, Card, DangerZone, ErrorSummary, ExactTime, Fact, Facts,
    FlashTone, Form, FormFoot, IconName, Narrow, Notice, PageHeader, TimeAgo,
};

/// How many of the newest deliveries the page shows.
const NEWEST: usize = 5;

/// The page.
///
/// # Errors
/// A page about it.
pub async fn endpoint_page(org: Organization, Path((_, endpoint)): EndpointPath) -> Result<Response, Fault> {
    let id = endpoint_id(&endpoint)?;
    let (endpoint, log) = webhooks::deliveries(&org.access, id, DeliveryFilter::default(), None).await?;
    let mut offered = webhooks::prepare(&org.access).await?;
    offered.extend(endpoint.events.iter().copied().filter(|kind| kind.is_offered()));
    offered.sort_unstable();
    offered.dedup();
    let newest: Vec<_> = log.rows.into_iter().take(NEWEST).collect();
    let content = org.clone();
    let form = org.page.form(&address(&org, id, ""));
    let title = endpoint.host();
    let heading = title.clone();
    let page = move || {
        let errors = form.errors();
        let (test, all) = (address(&content, id, "/test"), address(&content, id, "/deliveries"));
        let enabled = endpoint.disabled.is_none();
        let actions = move || {
            enabled.then(|| {
                view! {
                    <Form action=test class="contents">
                        <Button variant=ButtonVariant::Primary icon=IconName::SEND>"Send test event"</Button>
                    </Form>
                }
            })
        };
        let deliveries = if newest.is_empty() {
            view! { <Card title="Deliveries"><p class="text-muted">"Nothing was sent yet."</p></Card> }.into_any()
        } else {
            view! { <DeliveryTable org=content.clone() endpoint=id deliveries=newest /> }.into_any()
        };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=heading lead=isolated(&endpoint.description).into_owned() actions />
            <ErrorSummary errors title="The webhook was not saved" />
            <Trouble org=content.clone() endpoint=endpoint.clone() />
            {deliveries}
            <p class="mb-5"><ButtonLink href=all>"All deliveries"</ButtonLink></p>
            <Narrow>
                <State org=content.clone() endpoint=endpoint.clone() />
                <Secret org=content.clone() endpoint=endpoint.clone() />
                <Edit org=content.clone() endpoint=endpoint.clone() form offered />
                <HowToVerify />
                <Ending org=content endpoint />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What is wrong with it, and what to do.
#[component]
fn Trouble(org: Organization, endpoint: Endpoint) -> impl IntoView {
    let zone = org.page.zone();
    if let Some((at, why)) = endpoint.disabled {
        return view! {
            <Notice tone=FlashTone::Warning title="Nothing is sent to this webhook">
                {why.name()} " on " <ExactTime at zone /> ". Enable it below once it is to be told again."
            </Notice>
        }
        .into_any();
    }
    let failing = endpoint.failing_since.map(|at| {
        view! {
            <Notice tone=FlashTone::Warning title="This webhook is failing">
                "It has taken nothing since " <ExactTime at zone />
                ". Each message is tried for a day; after five days without one that is taken, the webhook is disabled."
            </Notice>
        }
    });
    failing.into_any()
}

#[component]
fn State(org: Organization, endpoint: Endpoint) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, label) = words::endpoint(&endpoint);
    let created = zone.clone();
    let last = match endpoint.last {
        Some((at, taken)) => {
            let how = if taken { "Delivered " } else { "Failed " };
            view! { {how} <TimeAgo at now zone /> }.into_any()
        }
        None => "Nothing was sent yet".into_any(),
    };
    view! {
        <Card title="State">
            <Facts>
                <Fact term="State"><Badge tone label /></Fact>
                <Fact term="Endpoint URL"><code class="mono break-all">{endpoint.url}</code></Fact>
                <Fact term="Last delivery">{last}</Fact>
                <Fact term="Added"><TimeAgo at=endpoint.created_at now zone=created /></Fact>
            </Facts>
        </Card>
    }
}

/// The signing secret, behind a button.
#[component]
fn Secret(org: Organization, endpoint: Endpoint) -> impl IntoView {
    let (reveal, rotate) = (address(&org, endpoint.id, "/secret"), address(&org, endpoint.id, "/rotate"));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let overlap = endpoint.former_until.filter(|until| now < *until).map(|at| {
        view! {
            <p class="mb-4 text-md text-muted">
                "It was rotated: until " <ExactTime at zone /> " messages carry a signature by the secret of before, too."
            </p>
        }
    });
    view! {
        <Card
            title="Signing secret"
            lead="Whoever has it can sign messages that look like ours. It asks for a fresh proof of who you are."
        >
            {overlap}
            <div class="flex flex-wrap gap-2">
                <Form action=reveal class="contents">
                    <Button icon=IconName::KEY>"Reveal secret"</Button>
                </Form>
                <Form action=rotate class="contents">
                    <Button>"Rotate secret"</Button>
                </Form>
            </div>
        </Card>
    }
}

#[component]
fn Edit(org: Organization, endpoint: Endpoint, form: FormState, offered: Vec<EventKind>) -> impl IntoView {
    view! {
        <Card title="Settings">
            <Form action=address(&org, endpoint.id, "")>
                <EndpointFields
                    form
                    url=endpoint.url
                    description=endpoint.description
                    chosen=endpoint.events
                    offered
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save webhook"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Stopping it for a while, or for good.
#[component]
fn Ending(org: Organization, endpoint: Endpoint) -> impl IntoView {
    let id = endpoint.id;
    let delete = address(&org, id, "/delete");
    let switch = if endpoint.disabled.is_some() {
        view! {
            <Card title="Enable webhook" lead="It is told what happens from then on. What was given up can be sent again.">
                <Form action=address(&org, id, "/enable") class="contents">
                    <Button>"Enable webhook"</Button>
                </Form>
            </Card>
        }
        .into_any()
    } else {
        view! {
            <Card title="Disable webhook" lead="Nothing is sent until it is enabled again. What waits is given up.">
                <Form action=address(&org, id, "/disable") class="contents">
                    <Button>"Disable webhook"</Button>
                </Form>
            </Card>
        }
        .into_any()
    };
    view! {
        {switch}
        <DangerZone title="Delete webhook" text="Its signing secret and the record of what was sent go with it.">
            <ButtonLink href=delete variant=ButtonVariant::Caution dialog=true>"Delete webhook"</ButtonLink>
        </DangerZone>
    }
}
