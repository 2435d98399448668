//! One organization: its metadata, and what can be done to it.

use axum::extract::Path;
use axum::response::Response;
use domain::operators::Measure;
use domain::organizations::TenantStatus;
use domain::quotas::Plan;
use leptos::prelude::*;
use server::operators::{self, Detail, OrganizationRow};

use super::parts::{HealthBadge, StatusBadge, people, version};
use super::{Console, OrganizationPath, address, crumbs, organization_id};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, DangerZone, ErrorSummary, ExactTime, Fact, Facts, Field,
    FlashTone, Form, FormFoot, Narrow, Notice, PageHeader, SelectField, SelectOption, TimeAgo, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(console: Console, Path(organization): OrganizationPath) -> Result<Response, Fault> {
    let detail = operators::lookup(&console.access, organization_id(&organization)?).await?;
    let title = detail.row.name.clone();
    let content = console.clone();
    let page = move || {
        let Detail { row, bytes } = detail;
        let (doomed, behind) = (row.delete_at.is_some(), row.condition.is_behind());
        view! {
            <Breadcrumb crumbs=crumbs() />
            <PageHeader title=row.name.clone() lead=format!("/o/{}", row.slug) />
            <Remarks row=row.clone() console=content.clone() />
            <Metadata row=row.clone() bytes console=content.clone() />
            {(!behind)
                .then(|| {
                    view! {
                        <Narrow>
                            <PlanCard row=row.clone() console=content.clone() />
                            <StatusCard row=row.clone() console=content.clone() />
                            {doomed.then(|| view! { <KeepCard row=row.clone() /> })}
                            {(!doomed).then(|| view! { <DeleteZone row=row.clone() /> })}
                        </Narrow>
                    }
                })}
        }
        .into_any()
    };
    Ok(console.render(&title, page).await)
}

/// What is the matter with it.
#[component]
fn Remarks(row: OrganizationRow, console: Console) -> impl IntoView {
    let zone = console.page.zone();
    let set_aside = row.condition.set_aside.unsigned_abs();
    let behind = row.condition.is_behind().then(|| {
        let text = if row.condition.failed {
            "“portcullis migrate” could not bring them there: “portcullis tenant list” says why. Until then it answers nobody, and nothing can be done to it here."
        } else {
            "It answers nobody, and nothing can be done to it here, until “portcullis migrate” has run."
        };
        view! {
            <Notice tone=FlashTone::Warning title="Its tables are not those of this program">
                {text}
            </Notice>
        }
    });
    let aside = (set_aside > 0).then(|| {
        view! {
            <Notice tone=FlashTone::Warning title="Something was set aside">
                {format!(
                    "What was noticed in it {} was set aside, because looking at it failed again and again. The log of the program says why.",
                    if set_aside == 1 { "once".to_owned() } else { format!("{} times", number(set_aside)) },
                )}
            </Notice>
        }
    });
    let doomed = row.delete_at.map(|at| {
        view! {
            <Notice tone=FlashTone::Warning title="It is being deleted">
                "It is deleted for good on " <ExactTime at zone /> ". Until then it can be kept."
            </Notice>
        }
    });
    view! {
        {doomed}
        {behind}
        {aside}
    }
}

#[component]
fn Metadata(row: OrganizationRow, bytes: u64, console: Console) -> impl IntoView {
    let (now, zone) = (console.page.request.now, console.page.zone());
    let health = row.health();
    let last = match row.last_at {
        Some(at) => view! { <TimeAgo at now zone=zone.clone() /> }.into_any(),
        None => "Never".into_any(),
    };
    let suspended = row.suspended_at.map(|at| {
        let zone = zone.clone();
        view! { <Fact term="Suspended"><ExactTime at zone /></Fact> }
    });
    view! {
        <Card title="Organization" lead="What the platform knows of it. What is in it is its own.">
            <Facts>
                <Fact term="State">
                    <StatusBadge status=row.status />
                </Fact>
                {suspended}
                <Fact term="Health">
                    <HealthBadge health />
                </Fact>
                <Fact term="Plan">{row.plan.name()}</Fact>
                <Fact term="Size">
                    {format!("{}, {}", people(row.members), Measure::Bytes.show(i64::try_from(bytes).unwrap_or(i64::MAX)))}
                </Fact>
                <Fact term="Last activity">{last}</Fact>
                <Fact term="Version">{version(row.condition)}</Fact>
                <Fact term="Made">
                    <ExactTime at=row.created_at zone />
                </Fact>
                <Fact term="Id">
                    <code class="mono break-all">{row.id.to_string()}</code>
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn PlanCard(row: OrganizationRow, console: Console) -> impl IntoView {
    let action = address(row.id, "/plan");
    let form = console.page.form(&action);
    let errors = form.errors();
    let options = Plan::ALL.iter().map(|plan| SelectOption::new(plan.code(), plan.name())).collect();
    view! {
        <ErrorSummary errors title="The plan was not changed" />
        <Card title="Plan" lead="Its own limits stay, up to what the plan allows.">
            <Form action>
                <SelectField name="plan" label="Plan" options value=form.value_or("plan", row.plan.code()) error=form.error("plan") />
                <FormFoot>
                    <Button>"Assign plan"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Suspending it, or the way back.
#[component]
fn StatusCard(row: OrganizationRow, console: Console) -> impl IntoView {
    let suspended = row.status == TenantStatus::Suspended;
    let action = address(row.id, if suspended { "/resume" } else { "/suspend" });
    let form = console.page.form(&action);
    let errors = form.errors();
    let (title, lead, failed) = if suspended {
        (
            "Resume organization",
            "Everybody comes in again, unless it is being deleted.",
            "The organization was not resumed",
        )
    } else {
        (
            "Suspend organization",
            "Nobody can use it from the next request on, until it is resumed.",
            "The organization was not suspended",
        )
    };
    let variant = if suspended { ButtonVariant::Outline } else { ButtonVariant::Caution };
    view! {
        <ErrorSummary errors title=failed />
        <Card title lead>
            <Form action>
                <Field
                    name="reason"
                    label="Reason"
                    value=form.value_or("reason", "")
                    help="The organization reads it in its audit trail, where it stays."
                    error=form.error("reason")
                    required=true
                />
                <FormFoot>
                    <Button variant>{title}</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

#[component]
fn KeepCard(row: OrganizationRow) -> impl IntoView {
    view! {
        <Card title="Keep organization" lead="It is not deleted, and everything is as it was. A suspended one stays so.">
            <Form action=address(row.id, "/keep") class="contents">
                <Button>"Keep organization"</Button>
            </Form>
        </Card>
    }
}

#[component]
fn DeleteZone(row: OrganizationRow) -> impl IntoView {
    view! {
        <DangerZone
            title="Delete organization"
            text="Nobody can use it from then on. For 30 days it can be kept; after that everything in it is deleted for good."
        >
            <ButtonLink href=address(row.id, "/delete") variant=ButtonVariant::Caution>
                "Delete organization"
            </ButtonLink>
        </DangerZone>
    }
}
