//! Changing what a key may do, and taking it back.

use domain::api_keys::{ApiKey, KeyChange, KeyForm, networks_text};
use domain::audit::{Action, Draft, Personal, Public};
use domain::ids::ApiKeyId;
use domain::problem::Problem;

use super::{begin_of, entry, require_scopes, scope_codes, secrets, sql};
use crate::access::Access;
use crate::error::Error;

const CHANGED: Action = Action::new("key.changed");
pub(super) const REVOKED: Action = Action::new("key.revoked");

/// Changes a key's name, scopes, networks and limit. It holds from the key's next request on.
///
/// # Errors
/// Forbidden, also when a scope is added, or one works from elsewhere or more often, that whoever asks does not hold; not found; fields that are wrong; it is revoked
/// ([`Problem::Changed`]); a step-up is needed for anything but another name and fewer scopes.
pub async fn change(access: &Access, id: ApiKeyId, form: &KeyForm) -> Result<(), Error> {
    let (tx, held, key) = begin_of(access, id, CHANGED).await?;
    let change = form.parse_change()?;
    let added = change.scopes.without(key.scopes);
    let elsewhere = change.networks != key.networks || change.requests_per_minute != key.requests_per_minute;
    // Whoever has a key work from elsewhere, or more often, gives what it may do as if they made it.
    let given = if elsewhere { change.scopes } else { added };
    let mut tx = require_scopes(access, tx, (held, given), CHANGED).await?;
    if key.revoked_at.is_some() {
        return Err(Problem::Changed.into());
    }
    if elsewhere || !added.is_empty() {
        access.require_fresh()?;
    }
    let Some(entry) = changed(entry(access, CHANGED, id, key.name.as_str()), &key, &change) else {
        tx.close();
        return Ok(());
    };
    sql::change(tx.conn(), id, &change).await?;
    tx.commit(access.request(), entry).await
}

/// The entry with what is different; nothing, if nothing is.
fn changed(entry: Draft, key: &ApiKey, change: &KeyChange) -> Option<Draft> {
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
