//! What an organization decides of its quotas.

use domain::audit::{Action, Draft, Public};
use domain::problem::Problem;
use domain::quotas::{Metric, Own, QuotaForm, Rule, Terms, TimeZoneForm};
use domain::roles::Permission;

use super::{count, sql, terms};
use crate::access::Access;
use crate::error::Error;

pub(super) const CHANGED: Action = Action::new("quota.changed");
const ZONE_CHANGED: Action = Action::new("quotas.time_zone_changed");

/// Sets a quota otherwise. It holds for whatever is reserved from then on.
///
/// # Errors
/// Forbidden; fields that are wrong; a step-up is needed; somebody else has set it since the form was shown
/// ([`Problem::Changed`]).
pub async fn set(access: &Access, metric: Metric, form: &QuotaForm) -> Result<(), Error> {
    access.require(Permission::ManageQuotas, CHANGED).await?;
    let request = access.request();
    let known = terms::known(request.portal(), access.tenant(), request.now).await?;
    let plan = known.plan.terms(metric);
    let after = form.parse(metric, &plan)?;
    access.require_fresh()?;
    let mut tx = access.begin().await?;
    let found = sql::lock_quota(tx.conn(), metric, &known.plan).await?;
    let (mut counter, before, revision) = found.ok_or_else(|| Error::internal("a metric without its row"))?;
    if form.revision != revision.to_string() {
        tx.close();
        return Err(Problem::Changed.into());
    }
    if after == before {
        tx.close();
        return Ok(());
    }
    counter.roll(&known.calendar, request.now);
    counter.change_rule(after.rule(metric, &plan));
    sql::set_own(tx.conn(), &counter, &after, revision + 1).await?;
    let entry = Draft::done(CHANGED, access.actor())
        .target("quota", metric.code(), Public(metric.name().to_owned()))
        .within(request.audited());
    let told = |own: &Own| describe(metric, own, &plan);
    let entry = told(&before)
        .into_iter()
        .zip(told(&after))
        .filter(|(before, after)| before != after)
        .fold(entry, |entry, ((field, before), (_, after))| entry.changed(field, Public(before), Public(after)));
    tx.commit(request, entry).await?;
    if count::COUNTED.contains(&metric) {
        count::renew(request.portal(), access.tenant()).await;
    }
    Ok(())
}

/// What holds of a metric, field by field, as an entry tells it.
fn describe(metric: Metric, own: &Own, plan: &Terms) -> [(&'static str, String); 3] {
    let Rule { limit, hard, thresholds, .. } = own.rule(metric, plan);
    [
        ("limit", limit.map_or_else(|| "none".to_owned(), |limit| metric.unit().typed(limit))),
        ("enforcement", if hard { "hard" } else { "report" }.to_owned()),
        ("thresholds", thresholds.typed()),
    ]
}

/// Sets the time zone by which windows begin and end, from the next ones on.
///
/// # Errors
/// Forbidden; there is no such zone; a step-up is needed.
pub async fn set_time_zone(access: &Access, form: &TimeZoneForm) -> Result<(), Error> {
    access.require(Permission::ManageQuotas, ZONE_CHANGED).await?;
    let after = form.parse()?;
    access.require_fresh()?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let conn = tx.enter_platform().await?;
    let before =
        sqlx::query_scalar!("SELECT time_zone FROM platform.tenants WHERE id = $1 FOR UPDATE", access.tenant().0)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or(Problem::NotFound)?;
    if before == after {
        tx.close();
        return Ok(());
    }
    sqlx::query!("UPDATE platform.tenants SET time_zone = $2 WHERE id = $1", access.tenant().0, after)
        .execute(&mut *conn)
        .await?;
    tx.leave_platform().await?;
    let entry = Draft::done(ZONE_CHANGED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .changed("time_zone", Public(before), Public(after.to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    terms::forget(request.portal(), access.tenant());
    count::renew(request.portal(), access.tenant()).await;
    Ok(())
}
