//! What becomes of keys when whoever has made them is a member no more.

use domain::audit::{Actor, Draft, Fact, Personal, Public};
use domain::ids::{AccountId, ApiKeyId, TenantId};

use super::change::REVOKED;
use super::{secrets, sql};
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// Takes back the keys that act for these members themselves, who are taken out in this transaction: the entries of it. Keys
/// of service accounts stay, and open nothing until somebody else stands for these.
pub(crate) async fn revoke_of(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: TenantId,
    members: &[AccountId],
    actor: &Actor<Fact>,
) -> Result<Vec<Draft>, Error> {
    let keys = sql::of_members(tx.conn(), members).await?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = keys.iter().map(|(id, _)| *id).collect();
    sql::revoke(tx.conn(), &ids, request.now).await?;
    secrets::end(tx.enter_platform().await?, tenant, &ids).await?;
    tx.leave_platform().await?;
    let entry = |(id, name): (ApiKeyId, String)| {
        Draft::done(REVOKED, actor.clone())
            .target("key", id, Personal(name))
            .because(Public("Whoever made it is a member no more".to_owned()))
            .within(request.audited())
    };
    Ok(keys.into_iter().map(entry).collect())
}
