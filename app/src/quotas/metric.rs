//! One quota: how it went, who has used most, and what that costs.

use axum::extract::Path;
use axum::response::Response;
use domain::quotas::{Kind, Metric, Range, Unit};
use domain::roles::Permission;
use leptos::prelude::*;
use server::quotas::{self, Detail};

use super::chart::UsageChart;
use super::parts::{Enforcement, Standing, outlook};
use super::{MetricPath, address, crumbs, metric_of};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, ButtonLink, Card, Cell, CellKind, ColumnHeader, Fact, Facts, FilterOption, PageHeader, Row, Segments,
    Table,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization, Path((_, code)): MetricPath) -> Result<Response, Fault> {
    let metric = metric_of(&code)?;
    let asked = org.page.query_value("range").and_then(|code| Range::from_code(&code));
    let range = asked.unwrap_or_else(|| Range::at_first(metric.kind()));
    let detail = quotas::detail(&org.access, metric, range).await?;
    let content = org.clone();
    let page = move || {
        let edit = content.access.may(Permission::ManageQuotas).then(|| address(&content, metric, "/edit"));
        let charted = metric.kind() != Kind::Switch;
        let usage = charted.then(|| view! { <Usage org=content.clone() detail=detail.clone() /> });
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title=metric.name()
                lead=metric.info().what
                actions=move || edit.map(|href| view! { <ButtonLink href>"Change quota"</ButtonLink> })
            />
            <Now detail />
            {usage}
        }
        .into_any()
    };
    Ok(org.render(metric.name(), page).await)
}

/// How it stands, and what holds of it.
#[component]
fn Now(detail: Detail) -> impl IntoView {
    let metric = detail.metric();
    let unit = metric.unit();
    let outlook = outlook(&detail.view);
    let (terms, own, counter) = (detail.terms, detail.view.own, detail.view.counter);
    let amount = |amount: Option<i64>| amount.map_or_else(|| "None".to_owned(), |amount| unit.show(amount));
    let from = if own.limit.is_some() { "the organization’s own" } else { "the plan’s" };
    let limit = format!("{}, {from}", amount(counter.rule.limit));
    let ceiling =
        format!("{}: {} by default, up to {}", detail.plan.name(), amount(terms.limit), amount(terms.ceiling));
    let thresholds = match counter.rule.thresholds.typed() {
        none if none.is_empty() => "None".to_owned(),
        some => format!("{some} %"),
    };
    let (tells, judged) = (metric.kind().fills(), counter.clone());
    view! {
        <Card title="Now" actions=move || view! { <Enforcement counter=judged /> }>
            <div class="grid gap-3">
                <Standing counter />
                {outlook.map(|text| view! { <p class="text-md text-muted">{text}</p> })}
                <Facts>
                    <Fact term="Counted">{metric.kind().describe()}</Fact>
                    <Fact term="Limit">{limit}</Fact>
                    <Fact term="Plan">{ceiling}</Fact>
                    {tells.then(|| view! { <Fact term="Thresholds">{thresholds}</Fact> })}
                </Facts>
            </div>
        </Card>
    }
}

/// How it went, and by whom.
#[component]
fn Usage(org: Organization, detail: Detail) -> impl IntoView {
    let (metric, range) = (detail.metric(), detail.range);
    let option = |one: Range| FilterOption {
        label: one.name().to_owned(),
        href: address(&org, metric, &format!("?range={}", one.code())),
        current: one == range,
    };
    let options: Vec<_> = Range::ALL.into_iter().map(option).collect();
    let cost = (detail.terms.price > 0).then(|| {
        let price = detail.terms.typed_price();
        let lot = metric.unit().describe_lot();
        format!("{} at {price} {} for {lot}.", Unit::Money.show(detail.cost), domain::quotas::CURRENCY)
    });
    let top = detail.top.clone();
    view! {
        <div class="mb-5">
            <Segments label="Time range" options />
        </div>
        <Card title="Usage" lead=format!("The last {}.", range.name())>
            <UsageChart detail />
        </Card>
        <Card title="Top consumers" lead="Who has used most in this time.">
            <Consumers metric top />
        </Card>
        {cost.map(|text| view! { <Card title="Cost"><p class="text-md">{text}</p></Card> })}
    }
}

#[component]
fn Consumers(metric: Metric, top: Vec<(String, i64)>) -> impl IntoView {
    if top.is_empty() {
        return view! { <p class="text-md text-muted">"No service has said who uses it."</p> }.into_any();
    }
    let rows = top.into_iter().map(|(subject, amount)| {
        view! {
            <Row>
                <Cell kind=CellKind::Main><bdi>{subject}</bdi></Cell>
                <Cell label="Used" kind=CellKind::Number>{metric.unit().show(amount)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Table
            label="Top consumers"
            head=move || {
                view! {
                    <ColumnHeader label="Consumer" />
                    <ColumnHeader label="Used" kind=CellKind::Number />
                }
            }
        >
            {rows}
        </Table>
    }
    .into_any()
}
