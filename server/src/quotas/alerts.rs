//! Telling people and programs that a quota has reached a threshold.

use domain::notifications::{Kind, News};
use domain::quotas::Crossing;
use domain::webhooks::EventKind;
use serde_json::json;

use super::sql;
use super::terms::Terms;
use crate::Portal;
use crate::error::Error;
use crate::notifications;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// Tells owners and admins inside of the portal and by mail, and whoever listens by a webhook, in the transaction that has
/// counted.
pub(super) async fn tell(
    tx: &mut TenantTx,
    portal: &Portal,
    known: &Terms,
    crossings: &[Crossing],
) -> Result<(), Error> {
    let request = RequestContext::internal(portal);
    let to = sql::administrators(tx.conn()).await?;
    let platform = tx.enter_platform().await?;
    for crossing in crossings {
        let kind = Kind::QuotaReached { metric: crossing.metric, percent: crossing.percent };
        let news = News { organization: known.tenant.name.clone(), by: None, actor: None, kind };
        notifications::add(platform, &request, known.tenant.id, &to, &news).await?;
    }
    tx.leave_platform().await?;
    for crossing in crossings {
        let unit = crossing.metric.unit();
        let data = json!({
            "metric": crossing.metric.code(),
            "percent": crossing.percent,
            "unit": unit.code(),
            "used": unit.quantity(crossing.fill),
            "limit": unit.quantity(crossing.limit),
        });
        crate::webhooks::post(tx, portal, EventKind::QuotaThreshold, data, request.now).await?;
    }
    Ok(())
}
