//! What whoever runs the platform does to plans, from the command line or the console.

use domain::audit::{Action, Actor, Draft, Public};
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::quotas::{Metric, Plan, PlanTerms, Terms, price_of};
use serde::Serialize;
use sqlx::PgConnection;

use super::{count, terms};
use crate::error::Error;
use crate::operators::Hand;
use crate::organizations::find;
use crate::request::RequestContext;
use crate::store::TenantRef;

const SET: Action = Action::new("plan.changed");
const ASSIGNED: Action = Action::new("organization.plan_changed");

/// What a plan says of a metric.
#[derive(Clone, Debug, Serialize)]
pub struct PlanLine {
    /// The plan's code.
    pub plan: &'static str,
    /// The metric's code.
    pub metric: &'static str,
    /// The limit; `unlimited` where there is none.
    pub limit: String,
    /// The highest limit that an organization may give itself; `unlimited` where there is none.
    pub ceiling: String,
    /// The price, in the currency.
    pub price: String,
    /// For how much that is.
    pub per: &'static str,
}

/// What every plan says.
///
/// # Errors
/// The database does not answer.
pub async fn list_plans(request: &RequestContext) -> Result<Vec<PlanLine>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let mut lines = Vec::new();
    for plan in Plan::ALL {
        let all = stored(tx.conn(), *plan).await?;
        lines.extend(Metric::ALL.iter().map(|metric| line(*plan, *metric, &all.terms(*metric))));
    }
    tx.end().await?;
    Ok(lines)
}

fn line(plan: Plan, metric: Metric, terms: &Terms) -> PlanLine {
    let amount =
        |amount: Option<i64>| amount.map_or_else(|| "unlimited".to_owned(), |amount| metric.unit().typed(amount));
    PlanLine {
        plan: plan.code(),
        metric: metric.code(),
        limit: amount(terms.limit),
        ceiling: amount(terms.ceiling),
        price: terms.typed_price(),
        per: metric.unit().describe_lot(),
    }
}

async fn stored(conn: &mut PgConnection, plan: Plan) -> Result<PlanTerms, Error> {
    let row = sqlx::query_scalar!("SELECT terms FROM platform.plans WHERE code = $1", plan.code())
        .fetch_optional(conn)
        .await?;
    PlanTerms::stored(plan, row.as_deref().unwrap_or("{}")).map_err(Error::internal)
}

/// Sets what a plan says of a metric: of limit, ceiling and price what is given, as it is typed, where `unlimited` is none.
/// Running programs notice within seconds.
///
/// # Errors
/// Fields that are wrong.
pub async fn set_terms(
    request: &RequestContext,
    (plan, metric): (Plan, Metric),
    limit: Option<&str>,
    ceiling: Option<&str>,
    price: Option<&str>,
) -> Result<PlanLine, Error> {
    let mut tx = request.portal().store().administer_platform().await?;
    // One after the other: each keeps what the others have set.
    sqlx::query!("SELECT code FROM platform.plans WHERE code = $1 FOR UPDATE", plan.code())
        .fetch_optional(tx.conn())
        .await?;
    let before = stored(tx.conn(), plan).await?;
    let former = before.terms(metric);
    let amount = |field: &str, typed: Option<&str>, former: Option<i64>| match typed {
        None => Ok(former),
        Some("unlimited") => Ok(None),
        Some(typed) => metric.unit().parse(typed).map(Some).map_err(|problem| Error::field(field, problem)),
    };
    let after = Terms {
        limit: amount("limit", limit, former.limit)?,
        ceiling: amount("ceiling", ceiling, former.ceiling)?,
        price: price
            .map_or(Ok(former.price), price_of)
            .map_err(|problem: FieldProblem| Error::field("price", problem))?,
    };
    let changed = before.with(metric, after).map_err(|problem| Error::field("limit", problem))?;
    sqlx::query!("UPDATE platform.plans SET terms = $2 WHERE code = $1", plan.code(), changed.to_stored())
        .execute(tx.conn())
        .await?;
    let (was, is) = (line(plan, metric, &former), line(plan, metric, &after));
    let entry = Draft::done(SET, Actor::system())
        .target("plan", plan.code(), Public(plan.name().to_owned()))
        .added("metric", Public(metric.code().to_owned()))
        .changed("limit", Public(was.limit), Public(is.limit.clone()))
        .changed("ceiling", Public(was.ceiling), Public(is.ceiling.clone()))
        .changed("price", Public(was.price), Public(is.price.clone()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(is)
}

/// Gives an organization another plan, at the command line. Its own limits stay, up to what the plan allows.
///
/// # Errors
/// Not found; it has this one already ([`Problem::Changed`]).
pub async fn assign_plan(request: &RequestContext, slug: &str, plan: Plan) -> Result<(), Error> {
    give_plan(Hand::CommandLine(request), &find(request, slug).await?, plan).await
}

/// As [`assign_plan`], by whoever runs the platform.
pub(crate) async fn give_plan(by: Hand<'_>, tenant: &TenantRef, plan: Plan) -> Result<(), Error> {
    let mut tx = by.begin(tenant).await?;
    let conn = tx.conn();
    let before = sqlx::query_scalar!("SELECT plan FROM platform.tenants WHERE id = $1 FOR UPDATE", tenant.id.0)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(Problem::NotFound)?;
    if before == plan.code() {
        tx.close();
        return Err(Problem::Changed.into());
    }
    sqlx::query!("UPDATE platform.tenants SET plan = $2 WHERE id = $1", tenant.id.0, plan.code())
        .execute(&mut *conn)
        .await?;
    let portal = by.request().portal();
    let entry = Draft::done(ASSIGNED, by.actor())
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .changed("plan", Public(before), Public(plan.code().to_owned()))
        .within(by.request().audited());
    by.keep(tx, entry).await?;
    terms::forget(portal, tenant.id);
    count::renew(portal, tenant.id).await;
    Ok(())
}
