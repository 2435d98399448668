//! Looking at an organization's latest facts, and raising alerts.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::audit::{Action, Actor, Draft, Public};
use domain::detections::{Finding, Rule, detect, longest_window};
use domain::ids::{AlertId, TenantId};
use domain::notifications::{Kind, News};
use domain::organizations::TenantStatus;
use domain::webhooks::EventKind;
use time::{Duration, OffsetDateTime};

use super::sql;
use crate::Portal;
use crate::alerts::sql::{self as alerts, Former};
use crate::error::Error;
use crate::notifications;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef, TenantTx};
use crate::webhooks;

const RAISED: Action = Action::new("alert.raised");

/// The most facts that are looked at. Of more, the oldest have been looked at before.
const FACTS: i64 = 20_000;
/// Of how many alerts people are told that come at once; they find the others beside these.
const TOLD: usize = 10;
/// So many alerts of a rule may be open within an hour. What comes besides is counted and raises none of its own: strangers
/// who try passwords from a thousand networks would bury everything else.
const OPEN_MAX: i64 = 20;
const GROUPED: Duration = Duration::HOUR;

/// Looks at what an organization has noticed since then. One that is gone, or that lets nobody in, is left alone.
pub(super) async fn evaluate(portal: &Portal, id: TenantId, since: OffsetDateTime) -> Result<(), Error> {
    let mut tx = portal.store().platform().await?;
    let tenant = Store::lookup_tenant(tx.conn(), id).await?;
    tx.end().await?;
    let Some(tenant) = tenant.filter(|tenant| tenant.status == TenantStatus::Active) else { return Ok(()) };
    let request = RequestContext::internal(portal);
    let mut tx = portal.store().tenant_at_work(&tenant).await?;
    let (tuning, _) = sql::tuning(tx.conn()).await?;
    let from = since.min(request.now);
    let facts = sql::facts(tx.conn(), from - longest_window(&tuning), FACTS).await?;
    let findings = detect(&facts, &tuning, from);
    if findings.is_empty() {
        sql::tell(tx.conn(), id).await?;
        return tx.keep().await;
    }
    note(tx, &request, &tenant, findings).await
}

/// What becomes of a finding.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Somebody should look at it.
    Raise,
    /// There is an alert about it, and so much more to it.
    Extend(AlertId, u32),
    /// Nothing of it is new.
    Nothing,
}

/// What becomes of a finding, by the newest alert about the same.
#[expect(clippy::match_same_arms, reason = "each has a reason of its own")]
fn step(finding: &Finding, former: Option<&Former>) -> Step {
    match former {
        None => Step::Raise,
        Some(Former { resolved_at: None, last_at, .. }) if finding.last_at <= *last_at => Step::Nothing,
        Some(Former { id, resolved_at: None, last_at }) => Step::Extend(*id, finding.count_after(*last_at)),
        // Whoever has resolved it has seen what was there.
        Some(Former { resolved_at: Some(at), .. }) if finding.last_at <= *at => Step::Nothing,
        Some(_) => Step::Raise,
    }
}

/// Raises alerts of findings and extends those that there are, one evaluation after the other.
async fn note(
    mut tx: TenantTx,
    request: &RequestContext,
    tenant: &TenantRef,
    mut findings: Vec<Finding>,
) -> Result<(), Error> {
    sql::lock_tuning(tx.conn()).await?;
    let lately = request.now - GROUPED;
    let former: HashMap<_, _> = alerts::lock_former(tx.conn(), &findings, lately).await?;
    let mut open = alerts::count_open(tx.conn(), lately).await?;
    // People are told of the worst.
    findings.sort_by_key(|finding| Reverse(finding.rule.info().severity));
    let (mut raised, mut more, mut events, mut changed) = (Vec::new(), HashMap::new(), Vec::new(), false);
    for finding in &findings {
        match step(finding, former.get(&(finding.rule, finding.subject.clone()))) {
            Step::Nothing => continue,
            Step::Extend(id, more) => alerts::extend(tx.conn(), id, finding, more).await?,
            Step::Raise if open.get(&finding.rule).is_some_and(|open| *open >= OPEN_MAX) => {
                *more.entry(finding.rule).or_insert(0) += 1;
                continue;
            }
            Step::Raise => {
                *open.entry(finding.rule).or_insert(0) += 1;
                let id = AlertId(request.portal().uuid(request.now));
                alerts::add(tx.conn(), id, finding).await?;
                raised.push((id, finding.rule));
                events.push(webhooks::events::alert_raised(id, finding));
            }
        }
        changed = true;
    }
    for (rule, count) in more {
        changed |= alerts::note_more(tx.conn(), rule, count).await?;
    }
    if !changed {
        sql::tell(tx.conn(), tenant.id).await?;
        return tx.keep().await;
    }
    if !raised.is_empty() {
        let to: Vec<_> = sql::responders(&mut tx).await?.into_iter().map(|(id, _)| id).collect();
        let platform = tx.enter_platform().await?;
        for (alert, rule) in raised.iter().copied().take(TOLD) {
            let kind = Kind::AlertRaised { rule, alert };
            let news = News { organization: tenant.name.clone(), by: None, actor: None, kind };
            notifications::add(platform, request, tenant.id, &to, &news).await?;
        }
        tx.leave_platform().await?;
    }
    sql::tell(tx.conn(), tenant.id).await?;
    webhooks::post_all(&mut tx, request.portal(), EventKind::AlertRaised, events, request.now).await?;
    let entry = |(id, rule): (AlertId, Rule)| {
        Draft::done(RAISED, Actor::system()).target("alert", id, Public(rule.info().name.to_owned()))
    };
    tx.commit_all(request, raised.into_iter().map(entry).collect()).await
}

#[cfg(test)]
mod tests {
    use domain::detections::{FactKind, SecurityFact, Tuning};
    use domain::ids::AccountId;
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    /// Wrong codes of somebody's, one in each minute.
    fn finding(times: i64) -> Finding {
        let who = Some(AccountId(Uuid::nil()));
        let fact = |minute| SecurityFact::new(NOW + Duration::minutes(minute), FactKind::CodeFailed, who, None);
        let facts: Vec<_> = (0..times).map(fact).collect();
        detect(&facts, &Tuning::default(), NOW + Duration::minutes(times)).remove(0)
    }

    #[test]
    fn what_is_new_raises_an_alert_or_extends_the_one_that_there_is() {
        let (id, last_at) = (AlertId(Uuid::nil()), NOW + Duration::minutes(4));
        let open = Former { id, resolved_at: None, last_at };
        assert_eq!(step(&finding(5), None), Step::Raise);
        assert_eq!(step(&finding(5), Some(&open)), Step::Nothing);
        assert_eq!(step(&finding(7), Some(&open)), Step::Extend(id, 2));
        let resolved = Former { resolved_at: Some(last_at + Duration::SECOND), ..open };
        assert_eq!(step(&finding(5), Some(&resolved)), Step::Nothing, "somebody has seen all of it");
        assert_eq!(step(&finding(6), Some(&resolved)), Step::Raise);
    }
}
