//! What owners alone decide, judged by the rows of all owners under the lock.

use domain::audit::Action;
use domain::ids::AccountId;
use domain::members::{Member, MemberStatus};
use domain::roles::{Permission, Role};

use super::sql;
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// Whether a member is an owner who may come in.
pub(crate) fn is_active_owner(member: &Member) -> bool {
    member.role == Role::Owner && member.status == MemberStatus::Active
}

/// Every active owner; while they are locked, nobody else changes them.
pub(crate) async fn lock_owners(tx: &mut TenantTx) -> Result<Vec<Member>, Error> {
    sql::lock(tx, &[]).await
}

/// Begins what owners alone decide: gives every active owner, whoever asks among them, and these others as far as they
/// are there, all locked.
///
/// # Errors
/// Forbidden.
pub(crate) async fn begin_as_owner(
    access: &Access,
    others: &[AccountId],
    action: Action,
) -> Result<(TenantTx, Vec<Member>), Error> {
    access.require(Permission::ManageOwners, action.clone()).await?;
    let mut tx = access.begin().await?;
    let locked = sql::lock(&mut tx, others).await?;
    if locked.iter().any(|member| member.id == access.account() && is_active_owner(member)) {
        return Ok((tx, locked));
    }
    tx.close();
    Err(access.deny(action, Permission::ManageOwners.code()).await?)
}
