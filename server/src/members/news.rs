//! Telling members what others did to them, and owners who has left.

use domain::ids::{AccountId, TenantId};
use domain::members::Member;
use domain::notifications::{Kind, News};

use super::owners::is_active_owner;
use crate::access::Access;
use crate::error::Error;
use crate::notifications;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// What whoever asks does, as it is told.
pub(crate) fn of(access: &Access, kind: Kind) -> News {
    let me = &access.visitor().account;
    News { organization: access.organization().to_owned(), by: Some(me.name.clone()), actor: Some(me.id), kind }
}

/// Tells a member what whoever asks does to them, in its transaction; nobody is told what they do themselves.
pub(crate) async fn tell(access: &Access, tx: &mut TenantTx, to: AccountId, kind: Kind) -> Result<(), Error> {
    if to == access.account() {
        return Ok(());
    }
    let news = of(access, kind);
    notifications::add(tx.enter_platform().await?, access.request(), access.tenant(), &[to], &news).await?;
    tx.leave_platform().await
}

/// Tells the owners, who are locked, that a member has left.
pub(super) async fn tell_owners(
    request: &RequestContext,
    tx: &mut TenantTx,
    (tenant, organization): (TenantId, &str),
    locked: &[Member],
    left: &Member,
) -> Result<(), Error> {
    let owners = locked.iter().filter(|member| is_active_owner(member) && member.id != left.id);
    let owners: Vec<_> = owners.map(|owner| owner.id).collect();
    let (organization, by) = (organization.to_owned(), Some(left.name.clone()));
    let news = News { organization, by, actor: Some(left.id), kind: Kind::MemberLeft };
    notifications::add(tx.enter_platform().await?, request, tenant, &owners, &news).await?;
    tx.leave_platform().await
}

/// Tells every active owner what whoever asks does to the organization's security, also whoever asks: somebody else may
/// use their session.
pub(crate) async fn warn_owners(
    access: &Access,
    tx: &mut TenantTx,
    kinds: impl IntoIterator<Item = Kind>,
) -> Result<(), Error> {
    let kinds: Vec<_> = kinds.into_iter().collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let owners: Vec<_> =
        sqlx::query_scalar!("SELECT account_id FROM members WHERE role = 'owner' AND status = 'active'")
            .fetch_all(tx.conn())
            .await?
            .into_iter()
            .map(AccountId)
            .collect();
    let platform = tx.enter_platform().await?;
    for kind in kinds {
        notifications::add(platform, access.request(), access.tenant(), &owners, &of(access, kind)).await?;
    }
    tx.leave_platform().await
}
