//! Telling programs that a key of their organization's ends soon, once for each.

use domain::ids::{ApiKeyId, TenantId};
use domain::webhooks::EventKind;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{secrets, sql};
use crate::Portal;
use crate::error::Error;
use crate::store::TenantRef;
use crate::webhooks;

/// How long before a key ends that is told.
const BEFORE: Duration = Duration::days(7);

/// Tells of the keys that end soon and of which that was not told yet. What cannot be told in one organization is tried
/// again later, and keeps no other waiting.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn tell(portal: &Portal) -> Result<(), Error> {
    let now = portal.now();
    let mut tx = portal.store().platform().await?;
    let due = secrets::list_ending(tx.conn(), now, now + BEFORE).await?;
    tx.end().await?;
    let mut ids: Vec<TenantId> = due.iter().map(|(tenant, _)| *tenant).collect();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    for tenant in portal.store().active_tenants(Some(&ids)).await? {
        let keys: Vec<_> = due.iter().filter(|(of, _)| *of == tenant.id).map(|(_, key)| *key).collect();
        if let Err(error) = tell_of(portal, &tenant, &keys, now).await {
            tracing::warn!(%error, organization = %tenant.id, "nobody was told that keys end");
        }
    }
    Ok(())
}

async fn tell_of(portal: &Portal, tenant: &TenantRef, keys: &[ApiKeyId], now: OffsetDateTime) -> Result<(), Error> {
    let mut tx = portal.store().tenant(tenant).await?;
    for id in keys {
        let key = sql::lookup(&mut tx, *id).await?;
        // A secret that ends because there is another is nothing to tell of.
        let Some(key) = key.filter(|key| key.revoked_at.is_none() && key.expires_at <= now + BEFORE) else { continue };
        let expires_at = key.expires_at.format(&Rfc3339).map_err(Error::internal)?;
        let data = serde_json::json!({ "key": id, "name": key.name.as_str(), "expires_at": expires_at });
        webhooks::post(&mut tx, portal, EventKind::KeyExpiring, data, now).await?;
    }
    secrets::note_told(tx.enter_platform().await?, tenant.id, keys, now).await?;
    tx.leave_platform().await?;
    tx.keep().await
}
