//! What is done to the API key that an alert is about, and undone.

use domain::api_keys::ApiKey;
use domain::audit::Action;
use domain::detections::{AlertState, Containment};
use domain::fields::FieldProblem;
use domain::ids::ApiKeyId;
use domain::members::MemberStatus;
use domain::problem::Problem;
use domain::roles::Permission;

use super::act::entry;
use super::contain::{CONTAINED, RELEASED, commit, none_of_its};
use super::{AlertView, sql};
use crate::access::Access;
use crate::api_keys;
use crate::detections;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;

/// Disables the key. That it is so already because of this alert is no error.
pub(super) async fn disable(access: &Access, tx: TenantTx, alert: &AlertView) -> Result<(), Error> {
    let (mut tx, key, alert) = judge(access, tx, alert, CONTAINED).await?;
    if alert.state == AlertState::Resolved {
        return Err(Problem::Changed.into());
    }
    let Some(done) = api_keys::disable(access, &mut tx, (key, alert.id)).await? else {
        tx.close();
        return if alert.key_disabled { Ok(()) } else { Err(Error::field("containment", FieldProblem::Unchanged)) };
    };
    let entry = entry(access, CONTAINED, &alert).added("containment", Containment::DisableKey.code());
    commit(access, tx, &alert, (vec![done], entry)).await
}

/// Has it work again, as long as nobody has rotated or revoked it since. Nobody does this to a key that they answer for or
/// whose secret they have made, as long as somebody else can.
pub(super) async fn enable(access: &Access, tx: TenantTx, alert: &AlertView) -> Result<(), Error> {
    let (mut tx, key, alert) = judge(access, tx, alert, RELEASED).await?;
    let is_own = api_keys::sql::lookup(&mut tx, key).await?.is_some_and(|key| key.is_of(access.account()));
    if is_own && detections::sql::responders(&mut tx).await?.iter().any(|(id, _)| *id != access.account()) {
        return Err(Problem::Yourself.into());
    }
    let done = api_keys::enable(access, &mut tx, (key, alert.id)).await?.ok_or(Problem::Changed)?;
    let entry = entry(access, RELEASED, &alert).added("containment", Containment::DisableKey.code());
    commit(access, tx, &alert, (vec![done], entry)).await
}

/// Judges by what is true under the lock whether whoever asks responds to alerts. Members are locked before alerts and
/// alerts before keys, here as everywhere: two that lock in different orders would wait for each other.
async fn judge(
    access: &Access,
    mut tx: TenantTx,
    alert: &AlertView,
    action: Action,
) -> Result<(TenantTx, ApiKeyId, AlertView), Error> {
    let key = alert.key.as_ref().map(|(id, _)| *id).ok_or_else(none_of_its)?;
    let locked = members::lock(&mut tx, &[access.account()]).await?;
    let may_respond = locked.iter().any(|member| {
        member.id == access.account()
            && member.status == MemberStatus::Active
            && member.permissions.allow(Permission::RespondToAlerts)
    });
    if !may_respond {
        tx.close();
        return Err(access.deny(action, Permission::RespondToAlerts.code()).await?);
    }
    let alert = sql::lock(tx.conn(), alert.id).await?.ok_or(Problem::NotFound)?;
    Ok((tx, key, alert))
}

/// Why the key cannot be disabled, or that be undone.
pub(super) fn why_not(access: &Access, alert: &AlertView, key: Option<&ApiKey>) -> Option<&'static str> {
    let Some(key) = key else { return Some("There is no such key any more.") };
    if !access.may(Permission::RespondToAlerts) {
        Some("Your role does not allow it.")
    } else if key.revoked_at.is_some() {
        Some("It is revoked already.")
    } else if alert.key_disabled {
        None
    } else if key.disabled_by.is_some() {
        Some("Another alert has disabled it.")
    } else if alert.state == AlertState::Resolved {
        Some("The alert is resolved: reopen it first.")
    } else {
        None
    }
}
