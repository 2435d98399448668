//! What is done to keys because of alerts, by whoever responds to these.

use domain::api_keys::ApiKey;
use domain::audit::{Action, Draft, Public};
use domain::ids::{AlertId, ApiKeyId};

use super::{entry, sql};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

const DISABLED: Action = Action::new("key.disabled");
const ENABLED: Action = Action::new("key.enabled");

/// Has a key open nothing because of an alert, from its next request on: the entry of it; nothing, when there is
/// no such key any more, or when it is revoked or disabled already.
pub(crate) async fn disable(
    access: &Access,
    tx: &mut TenantTx,
    (id, alert): (ApiKeyId, AlertId),
) -> Result<Option<Draft>, Error> {
    let key = sql::lock(tx, id).await?.filter(|key| key.revoked_at.is_none() && key.disabled_by.is_none());
    let Some(key) = key else { return Ok(None) };
    sql::set_disabled(tx.conn(), id, Some(alert)).await?;
    Ok(Some(told(access, DISABLED, &key, alert)))
}

/// Has a key work again that an alert has disabled: the entry of it; nothing, when it is not so any more.
///
/// # Errors
/// A step-up is needed, since rights come back.
pub(crate) async fn enable(
    access: &Access,
    tx: &mut TenantTx,
    (id, alert): (ApiKeyId, AlertId),
) -> Result<Option<Draft>, Error> {
    let key = sql::lock(tx, id).await?.filter(|key| key.revoked_at.is_none() && key.disabled_by == Some(alert));
    let Some(key) = key else { return Ok(None) };
    access.require_fresh()?;
    sql::set_disabled(tx.conn(), id, None).await?;
    Ok(Some(told(access, ENABLED, &key, alert)))
}

fn told(access: &Access, action: Action, key: &ApiKey, alert: AlertId) -> Draft {
    entry(access, action, key.id, key.name.as_str()).added("alert", Public(alert.to_string()))
}
