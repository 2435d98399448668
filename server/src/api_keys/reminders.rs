//! Telling programs that a key of their organization's ends soon, for whatever reason, once for each.

use domain::api_keys::{ApiKey, KeyEnd};
use domain::ids::{ApiKeyId, TenantId};
use domain::policy::SecurityPolicy;
use domain::webhooks::EventKind;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::secrets::Look;
use super::{secrets, sql};
use crate::Portal;
use crate::error::Error;
use crate::policy;
use crate::store::TenantRef;
use crate::webhooks;

/// How long before a key ends that is told.
const BEFORE: Duration = Duration::days(7);
/// How soon somebody looks again at a key that does not end soon: by then its organization may want it to.
const AGAIN: Duration = Duration::DAY;

/// Tells of the keys that end soon and of which that was not told yet. What cannot be told in one organization is tried
/// again later, and keeps no other waiting.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tell(portal: &Portal) -> Result<(), Error> {
    let now = portal.now();
    let mut behind = (TenantId(Uuid::nil()), ApiKeyId(Uuid::nil()));
    loop {
        let mut tx = portal.store().platform().await?;
        let (due, may_be_more) = secrets::list_due(tx.conn(), now, behind).await?;
        tx.end().await?;
        let Some(last) = due.last() else { return Ok(()) };
        behind = *last;
        tell_of_all(portal, &due, now).await?;
        if !may_be_more {
            return Ok(());
        }
    }
}

/// Tells of those of a page, which come by organization.
async fn tell_of_all(portal: &Portal, due: &[(TenantId, ApiKeyId)], now: OffsetDateTime) -> Result<(), Error> {
    let mut ids: Vec<TenantId> = due.iter().map(|(tenant, _)| *tenant).collect();
    ids.dedup();
    for tenant in portal.store().active_tenants(Some(&ids)).await? {
        let keys: Vec<_> = due.iter().filter(|(of, _)| *of == tenant.id).map(|(_, key)| *key).collect();
        if let Err(error) = tell_of(portal, &tenant, &keys, now).await {
            tracing::warn!(%error, organization = %tenant.id, "nobody was told that keys end");
        }
    }
    Ok(())
}

async fn tell_of(portal: &Portal, tenant: &TenantRef, keys: &[ApiKeyId], now: OffsetDateTime) -> Result<(), Error> {
    let mut tx = portal.store().tenant_at_work(tenant).await?;
    let enforced = policy::in_force(&mut tx).await?;
    let mut looks = Vec::with_capacity(keys.len());
    for id in keys {
        let found = sql::lookup(&mut tx, *id).await?;
        let ends = found.as_ref().and_then(|key| ends_soon(key, enforced.document(), now));
        if let Some((key, (end, why))) = found.as_ref().zip(ends) {
            webhooks::post(&mut tx, portal, EventKind::KeyExpiring, data(key, end, why)?, now).await?;
        }
        // Once its end has come there is nothing more to tell of, unless it was put off.
        let again = now + if ends.is_some() { BEFORE + AGAIN } else { AGAIN };
        looks.push(Look { key: *id, again, told: ends.is_some() });
    }
    secrets::note_looked(tx.enter_platform().await?, tenant.id, &looks, now).await?;
    tx.leave_platform().await?;
    tx.keep().await
}

/// When and why a key ends, if that is soon. A secret that ends because there is another is nothing to tell of.
fn ends_soon(key: &ApiKey, policy: &SecurityPolicy, now: OffsetDateTime) -> Option<(OffsetDateTime, KeyEnd)> {
    let (end, why) = key.end(policy);
    (key.revoked_at.is_none() && now < end && end <= now + BEFORE).then_some((end, why))
}

fn data(key: &ApiKey, end: OffsetDateTime, why: KeyEnd) -> Result<Value, Error> {
    let expires_at = end.format(&Rfc3339).map_err(Error::internal)?;
    let why = match why {
        KeyEnd::Expiry => "expiry",
        KeyEnd::Age => "age",
        KeyEnd::Rotation => "rotation",
    };
    Ok(json!({ "key": key.id, "name": key.name.as_str(), "expires_at": expires_at, "why": why }))
}
