//! Holds: what keeps entries that are old enough to go. The list, and the form that places one.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::audit::AuditQuery;
use domain::ids::HoldId;
use domain::policy::Key;
use domain::problem::Problem;
use leptos::prelude::*;
use server::Error;
use server::audit::holds::{self, HoldForm, HoldView};

use super::address::{address, asked, in_words};
use super::crumbs;
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, Card, Cell, CellKind, ColumnHeader, EmptyPanel, ErrorSummary,
    Fact, Facts, Field, Form as FormView, FormFoot, HiddenField, Narrow, PageHeader, Panel, Row, Table, TimeAgo, Tone,
};

/// What says how long each class of entries is kept.
const KEPT: [Key; 3] = [Key::RetainSecurityDays, Key::RetainAdministrationDays, Key::RetainReadsDays];

/// The page.
///
/// # Errors
/// A page about it.
pub async fn holds_page(org: Organization) -> Result<Response, Fault> {
    let holds = holds::list(&org.access).await?;
    let form = org.page.form(&org.path("/audit/holds"));
    let query = if form.came_back() { AuditQuery::from_text(&form.value_or("query", "")) } else { asked(&org) };
    let query = query.from_the_start();
    let content = org.clone();
    let page = move || {
        let errors = form.errors();
        let list = if holds.is_empty() {
            view! { <EmptyPanel title="No holds" text="Entries are kept as long as the policy says, and no longer." /> }
                .into_any()
        } else {
            view! { <List org=content.clone() holds /> }.into_any()
        };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Holds"
                lead="What a hold is on stays in the audit trail however old it is: for a lawsuit, say, or an investigation."
            />
            <ErrorSummary errors title="No hold was placed" />
            {list}
            <Narrow>
                <Place org=content.clone() form query />
                <Kept org=content />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Holds", page).await)
}

#[component]
fn List(org: Organization, holds: Vec<HoldView>) -> impl IntoView {
    let rows = holds.into_iter().map(|hold| view! { <Line org=org.clone() hold /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Holds"
                head=|| {
                    view! {
                        <ColumnHeader label="On" />
                        <ColumnHeader label="Reason" kind=CellKind::Prose />
                        <ColumnHeader label="By" />
                        <ColumnHeader label="Placed" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Line(org: Organization, hold: HoldView) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let query = AuditQuery::from_text(&hold.query);
    let (href, on) = (address(&org, &query), in_words(&query));
    let release = org.path(&format!("/audit/holds/{}/release", hold.id));
    let label = format!("Release the hold on {on}");
    let counts = hold.released.is_none();
    let ended = hold.released.map(|(at, by)| {
        let by = by.map(|name| view! { " by " <bdi>{name}</bdi> });
        let zone = zone.clone();
        view! {
            <span class="text-sm text-muted"><TimeAgo at now zone />{by}</span>
        }
    });
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <a class="link-quiet font-medium" href=href>{on}</a>
                    {(!counts).then(|| view! { <Badge tone=Tone::Idle label="Released" /> })}
                    {ended}
                </div>
            </Cell>
            <Cell label="Reason" kind=CellKind::Prose>{hold.reason}</Cell>
            <Cell label="By"><bdi>{hold.placed_by.unwrap_or_else(|| "A former member".to_owned())}</bdi></Cell>
            <Cell label="Placed" kind=CellKind::Muted>
                <TimeAgo at=hold.placed_at now zone />
            </Cell>
            <Cell kind=CellKind::Actions>
                {counts
                    .then(|| {
                        view! {
                            <FormView action=release class="contents">
                                <Button variant=ButtonVariant::Ghost label>"Release"</Button>
                            </FormView>
                        }
                    })}
            </Cell>
        </Row>
    }
}

/// The form that places one, or how to get to what it is to be on.
#[component]
fn Place(org: Organization, form: FormState, query: AuditQuery) -> impl IntoView {
    if !query.is_filtered() {
        let list = org.path("/audit");
        return view! {
            <Card title="Place a hold">
                <p class="mb-4">
                    "Search or filter the audit trail first. In its menu “Proofs” choose “Hold these” to keep what you see."
                </p>
                <ButtonLink href=list>"Audit trail"</ButtonLink>
            </Card>
        }
        .into_any();
    }
    let words = if query.text.is_some() {
        " The list is found by the first 64 words of an entry; the hold is on whatever says all of yours."
    } else {
        ""
    };
    let lead = format!(
        "It is on the list that you came from: {}. What will match later is held, too.{words}",
        in_words(&query)
    );
    view! {
        <Card title="Place a hold" lead>
            <FormView action=org.path("/audit/holds")>
                <HiddenField name="query" value=query.to_text() />
                <Field
                    name="reason"
                    label="Reason"
                    value=form.value_or("reason", "")
                    help="For whoever reads this list and the audit trail."
                    error=form.error("reason")
                    required=true
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Place hold"</Button>
                </FormFoot>
            </FormView>
        </Card>
    }
    .into_any()
}

/// For how long the trail is kept without holds.
#[component]
fn Kept(org: Organization) -> impl IntoView {
    let policy = org.access.enforced().document();
    let facts = KEPT.map(|key| (key.setting().label, key.setting().describe(policy)));
    let facts = facts.into_iter().map(|(term, value)| view! { <Fact term>{value}</Fact> }).collect_view();
    let policy = org.path("/policy");
    view! {
        <Card
            title="Without a hold"
            lead="What is older goes into signed archives, month by month, which whoever runs the platform keeps. Its hashes stay in the trail."
        >
            <Facts>{facts}</Facts>
            <p class="mt-4">
                "The " <a class="link" href=policy>"security policy"</a> " says so."
            </p>
            <p class="mt-2 text-sm text-muted">
                "An entry that somebody has damaged stays as it is, and so does a month whose archive could not be verified. As long as the trail’s hashes are not those that were signed, nothing goes."
            </p>
        </Card>
    }
}

/// Places a hold.
///
/// # Errors
/// A page about it.
pub async fn place_hold(org: Organization, Form(form): Form<HoldForm>) -> Answer {
    let page = org.path("/audit/holds");
    match holds::place(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::HoldPlaced)),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Releases one.
///
/// # Errors
/// A page about it.
pub async fn release_hold(org: Organization, Path((_, hold)): Path<(String, String)>) -> Answer {
    let id: HoldId = hold.parse().map_err(|_| Error::from(Problem::NotFound))?;
    holds::release(&org.access, id).await?;
    Ok(forms::done(&org.page, &org.path("/audit/holds"), Done::HoldReleased))
}
