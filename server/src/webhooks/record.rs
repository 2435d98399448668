//! What the outcome of sending says of messages and of endpoints.

use domain::audit::{Actor, Draft, Public};
use domain::notifications::{Kind, News};
use domain::roles::Permission;
use domain::webhooks::{DeliveryState, DisabledWhy, EventKind, FAILING_FOR, GIVEN_UP_IN_A_ROW, pause};
use time::OffsetDateTime;

use super::sql::sending as sql;
use super::sql::{self as endpoints, Health};
use super::worker::{Outcome, is_taken};
use super::{Attempt, DISABLED};
use crate::Portal;
use crate::error::Error;
use crate::members;
use crate::notifications;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// Keeps what came of some messages, and what it says of their endpoints.
pub(super) async fn note(portal: &Portal, tenant: &TenantRef, outcomes: &[Outcome]) -> Result<(), Error> {
    let request = RequestContext::internal(portal);
    let mut tx = portal.store().tenant_at_work(tenant).await?;
    let mut ids: Vec<_> = outcomes.iter().map(|outcome| outcome.claimed.endpoint.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut healths = endpoints::lock_health(tx.conn(), &ids).await?;
    for outcome in outcomes {
        // One that was deleted meanwhile has taken its messages along.
        let of = healths.iter_mut().find(|health| health.endpoint.id == outcome.claimed.endpoint);
        let Some(health) = of else { continue };
        note_one(portal, &mut tx, outcome, health).await?;
    }
    let mut entries = Vec::new();
    for health in &healths {
        endpoints::note_health(tx.conn(), health).await?;
        let of = |outcome: &&Outcome| outcome.claimed.endpoint == health.endpoint.id;
        let is_gone = outcomes.iter().filter(of).any(|outcome| outcome.sent.outcome == Ok(410));
        if let Some(why) = why_disable(health, is_gone, request.now) {
            entries.push(disable(&request, tenant, &mut tx, health, why).await?);
        }
    }
    tx.commit_all(&request, entries).await
}

/// Keeps what came of one, and whether it is sent again.
async fn note_one(portal: &Portal, tx: &mut TenantTx, outcome: &Outcome, health: &mut Health) -> Result<(), Error> {
    let Outcome { claimed, at, sent } = outcome;
    let now = portal.now();
    let attempt = Attempt {
        number: u32::try_from(claimed.sent).unwrap_or(u32::MAX),
        at: *at,
        milliseconds: sent.milliseconds,
        outcome: sent.outcome,
        answer: sent.answer.clone(),
    };
    sql::note_attempt(tx.conn(), claimed.id, &attempt).await?;
    let is_taken = is_taken(sent);
    health.endpoint.last = Some((*at, is_taken));
    if is_taken {
        (health.endpoint.failing_since, health.given_up) = (None, 0);
        return sql::settle(tx.conn(), claimed.id, DeliveryState::Delivered, now).await;
    }
    health.endpoint.failing_since.get_or_insert(*at);
    let attempts = u32::try_from(claimed.attempts).unwrap_or(u32::MAX);
    let drawn = u16::from_be_bytes(portal.random());
    // Somebody who tries an endpoint looks at what came of it, and tries again.
    if let Some(pause) = pause(attempts, drawn).filter(|_| claimed.kind != EventKind::Test) {
        return sql::settle(tx.conn(), claimed.id, DeliveryState::Waiting, now + pause).await;
    }
    health.given_up = health.given_up.saturating_add(1);
    sql::settle(tx.conn(), claimed.id, DeliveryState::Failed, now).await
}

/// Why nothing is to be sent to an endpoint any more, if that is so.
fn why_disable(health: &Health, is_gone: bool, now: OffsetDateTime) -> Option<DisabledWhy> {
    if health.endpoint.disabled.is_some() {
        return None;
    }
    let fails = health.endpoint.failing_since.is_some_and(|since| now - since >= FAILING_FOR)
        || u32::try_from(health.given_up).is_ok_and(|given_up| given_up >= GIVEN_UP_IN_A_ROW);
    if is_gone { Some(DisabledWhy::Gone) } else { fails.then_some(DisabledWhy::Failing) }
}

/// Has nothing sent to an endpoint any more, and tells those who can do something about it: the entry of it.
async fn disable(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    health: &Health,
    why: DisabledWhy,
) -> Result<Draft, Error> {
    let endpoint = &health.endpoint;
    endpoints::disable(tx.conn(), endpoint.id, why, request.now).await?;
    let who = members::sql::holders(tx, Permission::ManageWebhooks).await?;
    let who: Vec<_> = who.into_iter().map(|(id, _)| id).collect();
    let kind = Kind::WebhookDisabled { host: endpoint.host(), path: format!("/webhooks/{}", endpoint.id) };
    let news = News { organization: tenant.name.clone(), by: None, actor: None, kind };
    notifications::add(tx.enter_platform().await?, request, tenant.id, &who, &news).await?;
    tx.leave_platform().await?;
    tracing::info!(organization = %tenant.id, webhook = %endpoint.id, why = why.code(), "a webhook was disabled");
    Ok(Draft::done(DISABLED, Actor::system())
        .target("webhook", endpoint.id, Public(endpoint.origin()))
        .added("why", why.code()))
}
