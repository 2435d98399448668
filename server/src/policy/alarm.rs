//! The alarm: a policy that keeps more members out than was expected goes back by itself.

use domain::audit::{Actor, Draft, Public};
use domain::ids::AccountId;
use domain::notifications::{Kind, News};
use domain::webhooks::EventKind;
use time::Duration;

use super::enforce::{CHANGED, difference};
use super::sql::{self, Head, NewVersion};
use crate::error::Error;
use crate::notifications;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};
use crate::webhooks;

/// For how long a policy is watched after it was put into force.
pub(super) const WATCHED: Duration = Duration::hours(24);

/// Counts somebody who was kept out, while the policy is watched: the entry of its going back, if they were one too many.
pub(crate) async fn sound(
    tx: &mut TenantTx,
    request: &RequestContext,
    tenant: &TenantRef,
    account: AccountId,
) -> Result<Option<Draft>, Error> {
    let is_watched = |head: &Head| head.alarm_people.is_some() && head.alarm_until.is_some_and(|at| request.now < at);
    if !is_watched(&sql::head(tx.conn()).await?) {
        return Ok(None);
    }
    let head = sql::lock(tx.conn()).await?;
    let (Some(most), Some(back), true) = (head.alarm_people, head.alarm_back, is_watched(&head)) else {
        return Ok(None);
    };
    let kept_out = sql::count_kept_out(tx.conn(), account).await?;
    if kept_out < i64::from(most) {
        return Ok(None);
    }
    let documents = (sql::document(tx.conn(), back).await?, sql::document(tx.conn(), head.enforced).await?);
    let (Some(mut before), Some(now)) = documents else { return Ok(None) };
    if !before.approval_needed.cover(now.approval_needed) {
        // That keeps nobody out, and nobody takes it away alone: also not by setting an alarm off.
        before.approval_needed = now.approval_needed;
    }
    let number = head.newest + 1;
    let version = NewVersion { number, policy: &before, author: None, restores: Some(back) };
    sql::add_version(tx.conn(), &version, request.now).await?;
    sql::note_enforced(tx.conn(), number, None, Some("Too many members were kept out"), request.now).await?;
    let after = Head {
        newest: number,
        enforced: number,
        // What has gone wrong can be worked on.
        draft: head.draft.or(Some(head.enforced)),
        mfa_since: before.mfa_since(&now, head.mfa_since, request.now),
        alarm_people: None,
        alarm_until: None,
        alarm_back: None,
        ..head
    };
    sql::save(tx.conn(), &after).await?;
    let owners: Vec<_> = sql::owners::active(tx.conn()).await?.into_iter().map(|owner| owner.id).collect();
    let kind = Kind::PolicyReverted { version: head.enforced, members: u32::try_from(kept_out).unwrap_or(u32::MAX) };
    let news = News { organization: tenant.name.clone(), by: None, actor: None, kind };
    notifications::add(tx.enter_platform().await?, request, tenant.id, &owners, &news).await?;
    tx.leave_platform().await?;
    let data = webhooks::events::policy_enforced(number, Some(back), None, &before.changes_since(&now));
    webhooks::post(tx, request.portal(), EventKind::PolicyEnforced, data, request.now).await?;
    let entry = Draft::done(CHANGED, Actor::system())
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .added("version", Public(number.to_string()))
        .added("restores", Public(back.to_string()))
        .added("kept_out", Public(kept_out.to_string()));
    Ok(Some(difference(entry, &now, &before).within(request.audited())))
}
