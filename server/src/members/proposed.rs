//! Giving a role when others have to approve it: judged as if it were done at once, and done later by the same rules.

use domain::ids::AccountId;
use domain::members::Member;
use domain::roles::{GrantedRole, Permissions, RoleId};

use super::rules::Wish;
use super::{ROLE_CHANGED, begin_role, judge_change, put_role};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// A member who is to get another role.
pub(crate) struct ProposedRole {
    pub(crate) member: Member,
    pub(crate) role: GrantedRole,
    /// What they could do then.
    pub(crate) permissions: Permissions,
}

/// Judges that a member gets another role, and locks what that depends on.
///
/// # Errors
/// As [`super::change_role`]; none that a proof is needed.
pub(crate) async fn propose_role(
    access: &Access,
    id: AccountId,
    role: RoleId,
) -> Result<(TenantTx, ProposedRole), Error> {
    let (mut tx, member) = begin_role(access, id, role).await?;
    let book = tx.book().await?;
    let permissions = book.effective(role, &member.groups);
    Ok((tx, ProposedRole { role: book.role(role), member, permissions }))
}

/// Gives a member the role that was approved, by what whoever has asked may do now.
///
/// # Errors
/// As [`super::change_role`].
pub(crate) async fn carry_role(access: &Access, tx: TenantTx, id: AccountId, role: RoleId) -> Result<(), Error> {
    let (tx, member) = judge_change(access, tx, id, Wish::Role(role), ROLE_CHANGED).await?;
    put_role(access, tx, member, role).await.map(|_| ())
}
