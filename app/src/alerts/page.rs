//! One alert: what was noticed, what can be done at once, and what was done so far.

use axum::extract::Path;
use axum::response::Response;
use domain::roles::Permission;
use leptos::prelude::*;
use server::alerts::{self, AlertDetail, AlertView};

use super::contain::Next;
use super::facts::FactsCard;
use super::parts::{About, SeverityBadge, StateBadge, assignee};
use super::words::noticed;
use super::workflow::{Acknowledge, Forms, Workflow};
use super::{AlertPath, alert_id, crumbs};
use crate::audit::Timeline;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Breadcrumb, Card, ErrorSummary, ExactTime, Fact, Facts, PageHeader, number};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization, Path((_, alert)): AlertPath) -> Result<Response, Fault> {
    let detail = alerts::lookup(&org.access, alert_id(&alert)?).await?;
    let title = detail.alert.rule.name;
    let content = org.clone();
    let page = move || {
        let forms = Forms::of(&content, detail.alert.id);
        let errors = forms.errors();
        let crumbs = crumbs(&content);
        view! {
            <Breadcrumb crumbs />
            <Head org=content.clone() alert=detail.alert.clone() sentence=noticed(&detail.alert, &detail.facts) />
            <ErrorSummary errors title="Nothing was done" />
            <Body org=content detail forms />
        }
        .into_any()
    };
    Ok(org.render(title, page).await)
}

/// What was noticed, and the first thing that is done about it.
#[component]
fn Head(org: Organization, alert: AlertView, sentence: String) -> impl IntoView {
    let acts = org.access.may(Permission::RespondToAlerts);
    let (severity, state, title) = (alert.severity, alert.state, alert.rule.name);
    view! {
        <PageHeader
            title
            lead=sentence
            actions=move || {
                view! {
                    <SeverityBadge severity />
                    <StateBadge state />
                    {acts.then(|| view! { <Acknowledge org alert /> })}
                }
            }
        />
    }
}

/// What is to be done at the left, how it stands at the right; on a phone, one below the other.
#[component]
fn Body(org: Organization, detail: AlertDetail, forms: Forms) -> impl IntoView {
    let AlertDetail { alert, facts, history, containments, officers } = detail;
    let acts = org.access.may(Permission::RespondToAlerts);
    let next = view! {
        <Next org=org.clone() alert=alert.clone() containments history=history.clone() forms=forms.clone() />
    };
    let work = acts.then(|| view! { <Workflow org=org.clone() alert=alert.clone() officers forms /> });
    let past = (!history.is_empty()).then(|| {
        let org = org.clone();
        view! {
            <Card title="History">
                <Timeline org entries=history with_reasons=true />
            </Card>
        }
    });
    view! {
        <div class="grid items-start gap-x-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="min-w-0">
                {next}
                <FactsCard org=org.clone() alert=alert.clone() facts />
                {past}
            </div>
            <div class="aside min-w-0">
                <Standing org alert />
                {work}
            </div>
        </div>
    }
}

/// How an alert stands, and why it matters.
#[component]
fn Standing(org: Organization, alert: AlertView) -> impl IntoView {
    let zone = org.page.zone();
    let (state, times, assigned) = (alert.state, alert.times, assignee(&alert));
    let (first, last) = (alert.first_at, alert.last_at);
    let (from, until) = (zone.clone(), zone.clone());
    let resolution = alert.resolution.map(|resolution| {
        view! { <Fact term="Resolution">{resolution.name()}</Fact> }
    });
    let resolved = alert.resolved_at.map(|at| {
        view! {
            <Fact term="Resolved">
                <ExactTime at zone />
            </Fact>
        }
    });
    let (what, why) = (alert.rule.what, alert.rule.why);
    view! {
        <Card title="How it stands">
            <Facts>
                <Fact term="State">
                    <StateBadge state />
                </Fact>
                {resolution}
                {resolved}
                <Fact term="About">
                    <About org alert />
                </Fact>
                <Fact term="Times">{number(times)}</Fact>
                <Fact term="First seen">
                    <ExactTime at=first zone=from />
                </Fact>
                <Fact term="Last seen">
                    <ExactTime at=last zone=until />
                </Fact>
                <Fact term="Assigned to">
                    <bdi>{assigned}</bdi>
                </Fact>
            </Facts>
        </Card>
        <Card title="Why it matters">
            <p class="text-md">{why}</p>
            <p class="mt-2 text-sm text-muted">{what}</p>
        </Card>
    }
}
