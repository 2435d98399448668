//! Changing what a key may do, and taking it back.

use domain::api_keys::{ApiKey, KeyChange, KeyForm, networks_text};
use domain::audit::{Action, Draft, Personal, Public};
use domain::ids::ApiKeyId;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};

use super::{begin_of, entry, require_scopes, scope_codes, secrets, sql};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;
use crate::store::TenantTx;

const CHANGED: Action = Action::new("key.changed");
pub(super) const REVOKED: Action = Action::new("key.revoked");

/// Changes a key's name, scopes, networks and limit. It holds from the key's next request on.
///
/// # Errors
/// Forbidden, also when a scope is added, or one works from elsewhere or more often, that whoever asks does not hold; not found; fields that are wrong; it is revoked
/// ([`Problem::Changed`]); a step-up is needed for anything but another name and fewer scopes; others have to approve that it
/// comes to hold a scope, or to use one from elsewhere or more often ([`Problem::ApprovalFirst`]).
pub async fn change(access: &Access, id: ApiKeyId, form: &KeyForm) -> Result<(), Error> {
    let (tx, held, key) = begin_of(access, id, CHANGED).await?;
    let change = form.parse_change()?;
    let before = as_it_is(&key);
    let mut tx = judge(access, tx, (held, &key), &change).await?;
    if !change.gives(&before).is_empty() {
        access.require_fresh()?;
    }
    approvals::require_none_for_key(&mut tx, change.widens(&before)).await?;
    let Some(entry) = changed(entry(access, CHANGED, id, key.name.as_str()), &before, &change) else {
        tx.close();
        return Ok(());
    };
    sql::change(tx.conn(), id, &change).await?;
    tx.commit(access.request(), entry).await
}

/// Judges that a key is changed, as [`change`] does, for whoever asks others for it: what it is until then.
///
/// # Errors
/// As [`change`]; none that a proof is needed.
pub(crate) async fn propose_change(
    access: &Access,
    id: ApiKeyId,
    after: &KeyChange,
) -> Result<(TenantTx, KeyChange), Error> {
    let (tx, held, key) = begin_of(access, id, CHANGED).await?;
    let before = as_it_is(&key);
    Ok((judge(access, tx, (held, &key), after).await?, before))
}

/// Changes a key as it was approved, for whoever has asked and by what they may do now.
///
/// # Errors
/// They do not hold what they give; not found; revoked, or another by now ([`Problem::Changed`]).
pub(crate) async fn carry_change(
    access: &Access,
    mut tx: TenantTx,
    id: ApiKeyId,
    before: &KeyChange,
    after: &KeyChange,
) -> Result<(), Error> {
    let held = access.permissions();
    if !held.allow(Permission::ManageKeys) || !held.cover(after.gives(before)) {
        return Err(Problem::Forbidden.into());
    }
    let key = sql::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    let is_as_it_was = key.revoked_at.is_none() && as_it_is(&key) == *before;
    let entry = changed(entry(access, CHANGED, id, key.name.as_str()), before, after);
    let entry = entry.filter(|_| is_as_it_was).ok_or(Problem::Changed)?;
    sql::change(tx.conn(), id, after).await?;
    tx.commit(access.request(), entry).await
}

/// What of a key can be changed, as it is.
fn as_it_is(key: &ApiKey) -> KeyChange {
    KeyChange {
        name: key.name.clone(),
        scopes: key.scopes,
        networks: key.networks.clone(),
        requests_per_minute: key.requests_per_minute,
    }
}

/// Goes on with a transaction if whoever asks may change the key so. Whoever has one work from elsewhere, or more often,
/// gives what it may do as if they made it.
async fn judge(
    access: &Access,
    tx: TenantTx,
    (held, key): (Permissions, &ApiKey),
    change: &KeyChange,
) -> Result<TenantTx, Error> {
    let tx = require_scopes(access, tx, (held, change.gives(&as_it_is(key))), CHANGED).await?;
    if key.revoked_at.is_some() { Err(Problem::Changed.into()) } else { Ok(tx) }
}

/// The entry with what is different; nothing, if nothing is.
fn changed(entry: Draft, key: &KeyChange, change: &KeyChange) -> Option<Draft> {
    let mut draft = entry;
    let mut is_different = false;
    let mut tell = |field: &'static str, before: String, after: String, personal: bool| {
        if before != after {
            is_different = true;
            let fact = |text| if personal { Personal(text) } else { Public(text) };
            draft = draft.clone().changed(field, fact(before), fact(after));
        }
    };
    let limit = |limit: Option<u32>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    tell("name", key.name.as_str().to_owned(), change.name.as_str().to_owned(), true);
    tell("scopes", scope_codes(key.scopes), scope_codes(change.scopes), false);
    tell("networks", networks_text(&key.networks), networks_text(&change.networks), false);
    tell("requests_per_minute", limit(key.requests_per_minute), limit(change.requests_per_minute), false);
    is_different.then_some(draft)
}

/// Takes a key back: it opens nothing from now on, with any of its secrets.
///
/// # Errors
/// Forbidden; not found; revoked already ([`Problem::Changed`]).
pub async fn revoke(access: &Access, id: ApiKeyId) -> Result<ApiKey, Error> {
    let (mut tx, _, key) = begin_of(access, id, REVOKED).await?;
    if key.revoked_at.is_some() {
        return Err(Problem::Changed.into());
    }
    sql::revoke(tx.conn(), &[id], access.request().now).await?;
    secrets::end(tx.enter_platform().await?, access.tenant(), &[id]).await?;
    tx.leave_platform().await?;
    tx.commit(access.request(), entry(access, REVOKED, id, key.name.as_str())).await?;
    Ok(key)
}
