//! What becomes of keys with the member, or the account, whose they are.

use domain::audit::{Actor, Draft, Fact, Personal, Public};
use domain::ids::{AccountId, ApiKeyId, TenantId};

use super::change::REVOKED;
use super::{secrets, sql};
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::members as people;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// Why keys are taken back with somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    /// They are a member no more.
    Gone,
    /// Somebody has ended their access.
    AccessEnded,
    /// Somebody else may have had their account.
    AccountReturned,
}

impl Why {
    /// How entries say it.
    fn text(self) -> &'static str {
        match self {
            Self::Gone => "Whoever made it is a member no more",
            Self::AccessEnded => "The access of whoever made it was ended",
            Self::AccountReturned => "The account of whoever made it was in other hands",
        }
    }
}

/// Takes back the keys that act for these members themselves: the entries of it. Of who stays a member those with a secret
/// that they have made go as well. Of who is gone these stay, and open nothing until they are rotated, also when whoever has
/// made the secret comes back; and keys of service accounts for which they stood open nothing until somebody else does.
pub(crate) async fn revoke_of(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: TenantId,
    (members, why): (&[AccountId], Why),
    actor: &Actor<Fact>,
) -> Result<Vec<Draft>, Error> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let keys = match why {
        Why::Gone => sql::of_members(tx.conn(), members).await?,
        Why::AccessEnded | Why::AccountReturned => sql::take_of_accounts(tx.conn(), members).await?,
    };
    let entries = revoke(request, tx, tenant, (keys, why), actor).await?;
    if matches!(why, Why::Gone) {
        let hashes = sql::disown(tx.conn(), members).await?;
        secrets::end_made_by(tx.enter_platform().await?, tenant, members, &hashes).await?;
        tx.leave_platform().await?;
    }
    Ok(entries)
}

async fn revoke(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: TenantId,
    (keys, why): (Vec<(ApiKeyId, String)>, Why),
    actor: &Actor<Fact>,
) -> Result<Vec<Draft>, Error> {
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
            .because(Public(why.text().to_owned()))
            .within(request.audited())
    };
    Ok(keys.into_iter().map(entry).collect())
}

/// Has the organizations of an account that was in other hands take back the keys that act for it, and those with a secret
/// that it has made. These open nothing since the account was given back, with [`secrets::end_of_account`]: an organization
/// that learns nothing of it shows them as if they worked, until somebody revokes or rotates them.
pub(crate) async fn end_of_account(request: &RequestContext, account: AccountId, actor: &Actor<Fact>) {
    let tenants = match tenants_of(request, account).await {
        Ok(tenants) => tenants,
        Err(error) => return tracing::warn!(%error, "no organization has learned that keys have ended"),
    };
    for tenant in &tenants {
        if let Err(error) = end_in(request, account, tenant, actor).await {
            tracing::warn!(%error, organization = %tenant.id, "an organization has not learned that keys have ended");
        }
    }
}

async fn tenants_of(request: &RequestContext, account: AccountId) -> Result<Vec<TenantRef>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let tenants = accounts::memberships(tx.conn(), account).await?;
    tx.end().await?;
    Ok(tenants)
}

async fn end_in(
    request: &RequestContext,
    account: AccountId,
    tenant: &TenantRef,
    actor: &Actor<Fact>,
) -> Result<(), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    // Whoever makes a key holds their own row meanwhile: so what they make at the same time is seen here.
    people::lock(&mut tx, &[account]).await?;
    let entries = revoke_of(request, &mut tx, tenant.id, (&[account], Why::AccountReturned), actor).await?;
    tx.commit_all(request, entries).await
}
