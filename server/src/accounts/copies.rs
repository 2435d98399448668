//! What organizations keep of their members: copies of name and address, which follow the account's.

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::ids::AccountId;
use domain::text::PersonName;

use super::sql;
use crate::error::Error;
use crate::members;
use crate::request::RequestContext;
use crate::store::TenantRef;

pub(crate) const MEMBER_RENAMED: Action = Action::new("member.renamed");
const ADDRESS_CHANGED: Action = Action::new("member.address_changed");

/// Renews the copies in these organizations, where they differ. One that is being upgraded shows the former ones until
/// the profile is saved again.
pub(crate) async fn renew(
    request: &RequestContext,
    actor: &Actor<Fact>,
    account: AccountId,
    tenants: &[TenantRef],
) -> Result<(), Error> {
    for tenant in tenants {
        match renew_in(request, actor, account, tenant).await {
            Ok(()) => {}
            Err(Error::Refused(problem)) if problem.is_behind() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The account is read while the member's row is locked, so that of two that renew at once the later one has the newer
/// values.
async fn renew_in(
    request: &RequestContext,
    actor: &Actor<Fact>,
    account: AccountId,
    tenant: &TenantRef,
) -> Result<(), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    let member = members::sql::lock_copies(tx.conn(), account).await?;
    let current = sql::lookup_name(tx.enter_platform().await?, account).await?;
    tx.leave_platform().await?;
    let (Some((name, email)), Some((new_name, new_email))) = (member, current) else {
        tx.close();
        return Ok(());
    };
    let (renamed, moved) = (name != new_name, email != new_email);
    if !renamed && !moved {
        tx.close();
        return Ok(());
    }
    let (person, address) = (PersonName::stored(new_name.clone()), EmailAddress::stored(new_email.clone()));
    members::sql::renew_copies(tx.conn(), account, &person, &address).await?;
    let action = if renamed { MEMBER_RENAMED } else { ADDRESS_CHANGED };
    let mut entry = Draft::done(action, actor.clone()).target("member", account, Personal(name.clone()));
    if renamed {
        entry = entry.changed("name", Personal(name), Personal(new_name));
    }
    if moved {
        entry = entry.changed("email", Personal(email), Personal(new_email));
    }
    tx.commit(request, entry.within(request.audited())).await
}
