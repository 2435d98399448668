//! Who may change whom: judged by the rows as they are under the lock, and pure.

use std::sync::Arc;

use domain::ids::{AccountId, GroupId};
use domain::members::{Member, MemberStatus};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions, Role, RoleBook, RoleId};

use super::owners::is_active_owner;
use super::sql;
use crate::error::Error;
use crate::store::TenantTx;

/// What is to become of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Another role.
    Role(RoleId),
    /// Suspended or active.
    Status(MemberStatus),
    /// In a group.
    Join(GroupId),
    /// Out of a group.
    Leave(GroupId),
    /// Without the sessions of now.
    EndSessions,
    /// Without these, and without the API keys whose secret they have.
    EndAccess,
    /// Out.
    Remove,
    /// Without what they prove themselves with besides the password.
    Factors,
}

impl Wish {
    /// Whether an active owner is still one after it.
    pub(super) fn leaves_owner(self) -> bool {
        match self {
            Self::Role(role) => role == RoleId::Builtin(Role::Owner),
            Self::Status(status) => status == MemberStatus::Active,
            Self::Join(_) | Self::Leave(_) | Self::EndSessions | Self::EndAccess | Self::Factors => true,
            Self::Remove => false,
        }
    }
}

/// The rows that a change may depend on: every active owner, whoever asks, and whom it is about.
/// While they are locked, nobody else changes them.
pub(super) struct Locked {
    members: Vec<Member>,
    book: Arc<RoleBook>,
}

impl Locked {
    /// Locks them, by roles and groups that stay as they are until the transaction ends.
    pub(super) async fn new(tx: &mut TenantTx, ids: &[AccountId]) -> Result<Self, Error> {
        Ok(Self { members: sql::lock(tx, ids).await?, book: tx.book().await? })
    }

    /// The rows.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(super) fn find(&self, id: AccountId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// The member, if the wish is allowed.
    pub(super) fn judge(&self, actor: AccountId, target: AccountId, wish: Wish) -> Result<Member, Problem> {
        let actor = self.find(actor).filter(|actor| actor.status == MemberStatus::Active).ok_or(Problem::NotFound)?;
        let target = self.find(target).ok_or(Problem::NotFound)?;
        let held = actor.permissions;
        // A role or a group that is to be given was deleted, or is none.
        let (allowed, exists) = match wish {
            Wish::Join(id) | Wish::Leave(id) => (
                held.allow(Permission::ManageGroups) && held.cover(self.book.carried(id)),
                self.book.group(id).is_some(),
            ),
            Wish::Role(id) => {
                let given = self.book.role(id);
                (manages(held, target) && held.cover(given.permissions()), given.exists())
            }
            Wish::Status(_) | Wish::EndSessions | Wish::EndAccess | Wish::Remove | Wish::Factors => {
                (manages(held, target), true)
            }
        };
        if !allowed {
            return Err(Problem::Forbidden);
        }
        if !exists {
            return Err(Problem::Changed);
        }
        if actor.id == target.id && !matches!(wish, Wish::Role(_)) {
            return Err(Problem::Yourself);
        }
        self.keep_an_owner(target, wish.leaves_owner())
    }

    /// The member, if the wish is allowed to whoever responds to an alert about them: they keep anybody out, and take
    /// anybody's keys back, but owners'.
    pub(super) fn judge_response(&self, actor: AccountId, target: AccountId, wish: Wish) -> Result<Member, Problem> {
        let actor = self.find(actor).filter(|actor| actor.status == MemberStatus::Active).ok_or(Problem::NotFound)?;
        let target = self.find(target).ok_or(Problem::NotFound)?;
        let is_above = target.role == Role::Owner && wish != Wish::EndSessions && !manages(actor.permissions, target);
        if is_above || !actor.permissions.allow(Permission::RespondToAlerts) {
            return Err(Problem::Forbidden);
        }
        if actor.id == target.id {
            return Err(Problem::Yourself);
        }
        self.keep_an_owner(target, wish.leaves_owner())
    }

    /// What holds for whoever is judged after a wish came true.
    pub(super) fn apply(&mut self, id: AccountId, wish: Wish) {
        if wish == Wish::Remove {
            self.members.retain(|member| member.id != id);
        }
        for member in self.members.iter_mut().filter(|member| member.id == id) {
            match wish {
                Wish::Role(role) => member.role = self.book.role(role),
                Wish::Join(group) => member.groups.push(group),
                Wish::Leave(group) => member.groups.retain(|id| *id != group),
                Wish::Status(status) => member.status = status,
                Wish::EndSessions | Wish::EndAccess | Wish::Remove | Wish::Factors => {}
            }
            member.permissions = self.book.effective(member.role.id(), &member.groups);
        }
    }

    /// All that a group's roles hold, if there is such a group.
    pub(super) fn carried(&self, id: GroupId) -> Option<Permissions> {
        self.book.group(id).map(|group| self.book.carried(group.id))
    }

    /// What a group is called.
    pub(super) fn group_name(&self, id: GroupId) -> String {
        self.book.group(id).map(|group| group.name.to_string()).unwrap_or_default()
    }

    /// What a role holds.
    pub(super) fn role(&self, id: RoleId) -> GrantedRole {
        self.book.role(id)
    }

    /// The member, if they may leave.
    pub(super) fn leaving(&self, who: AccountId) -> Result<Member, Problem> {
        self.keep_an_owner(self.find(who).ok_or(Problem::NotFound)?, false)
    }

    /// An organization has an active owner, always.
    fn keep_an_owner(&self, target: &Member, stays_owner: bool) -> Result<Member, Problem> {
        let others = self.members.iter().filter(|member| is_active_owner(member) && member.id != target.id).count();
        if is_active_owner(target) && !stays_owner && others == 0 {
            return Err(Problem::LastOwner);
        }
        Ok(target.clone())
    }
}

/// Whether somebody who holds this may change a member at all.
fn manages(held: Permissions, target: &Member) -> bool {
    held.allow(Permission::ManageMembers) && held.cover(target.permissions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::factors::Factors;
    use domain::members::Source;
    use time::macros::datetime;
    use uuid::Uuid;

    fn member(id: u128, role: Role, status: MemberStatus) -> Member {
        Member {
            id: AccountId(Uuid::from_u128(id)),
            name: format!("Person {id}"),
            email: format!("p{id}@acme.example"),
            role: role.into(),
            groups: Vec::new(),
            permissions: role.permissions(),
            status,
            joined_at: datetime!(2026-01-01 00:00 UTC),
            source: Source::Invitation,
            last_seen_at: None,
            factors: Factors::default(),
            access_ended_at: None,
        }
    }

    fn locked(members: Vec<Member>) -> Locked {
        Locked { members, book: Arc::default() }
    }

    fn id(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    fn wishes() -> Vec<Wish> {
        let roles = Role::ALL.iter().map(|role| Wish::Role((*role).into()));
        let states = MemberStatus::ALL.iter().map(|status| Wish::Status(*status));
        roles.chain(states).chain([Wish::EndSessions, Wish::EndAccess, Wish::Remove, Wish::Factors]).collect()
    }

    #[test]
    fn an_admin_touches_no_owner_in_any_way() {
        for wish in wishes() {
            let locked = locked(vec![
                member(1, Role::Owner, MemberStatus::Active),
                member(2, Role::Owner, MemberStatus::Suspended),
                member(3, Role::Admin, MemberStatus::Active),
            ]);
            assert_eq!(locked.judge(id(3), id(1), wish), Err(Problem::Forbidden), "{wish:?}");
            assert_eq!(locked.judge(id(3), id(2), wish), Err(Problem::Forbidden), "{wish:?}");
        }
    }

    #[test]
    fn an_officer_responds_to_alerts_about_anybody_and_keeps_no_owner_out() {
        let locked = locked(vec![
            member(1, Role::Owner, MemberStatus::Active),
            member(2, Role::Owner, MemberStatus::Active),
            member(3, Role::Admin, MemberStatus::Active),
            member(4, Role::SecurityOfficer, MemberStatus::Active),
            member(5, Role::Auditor, MemberStatus::Active),
        ]);
        let suspend = Wish::Status(MemberStatus::Suspended);
        assert!(locked.judge_response(id(4), id(3), suspend).is_ok());
        assert!(locked.judge_response(id(4), id(1), Wish::EndSessions).is_ok());
        assert!(locked.judge_response(id(4), id(3), Wish::EndAccess).is_ok());
        assert_eq!(locked.judge_response(id(4), id(1), Wish::EndAccess), Err(Problem::Forbidden));
        assert!(locked.judge_response(id(1), id(2), suspend).is_ok());
        assert_eq!(locked.judge_response(id(4), id(1), suspend), Err(Problem::Forbidden));
        assert_eq!(locked.judge_response(id(3), id(1), suspend), Err(Problem::Forbidden));
        assert_eq!(locked.judge_response(id(4), id(4), suspend), Err(Problem::Yourself));
        assert_eq!(locked.judge_response(id(5), id(3), suspend), Err(Problem::Forbidden));
        assert_eq!(locked.judge_response(id(4), id(9), suspend), Err(Problem::NotFound));
        assert_eq!(locked.judge(id(4), id(3), suspend), Err(Problem::Forbidden), "without an alert they do not");
    }

    #[test]
    fn nobody_makes_an_owner_who_is_none() {
        let locked =
            locked(vec![member(1, Role::Owner, MemberStatus::Active), member(3, Role::Admin, MemberStatus::Active)]);
        assert_eq!(locked.judge(id(3), id(3), Wish::Role(Role::Owner.into())), Err(Problem::Forbidden));
    }

    #[test]
    fn an_active_owner_is_left_whatever_is_wished() {
        for wish in wishes() {
            for other in [MemberStatus::Active, MemberStatus::Suspended] {
                let before = vec![member(1, Role::Owner, MemberStatus::Active), member(2, Role::Owner, other)];
                for target in [1, 2] {
                    if locked(before.clone()).judge(id(1), id(target), wish).is_ok() {
                        let mut after = before.clone();
                        match wish {
                            Wish::Join(_) | Wish::Leave(_) | Wish::EndSessions | Wish::EndAccess | Wish::Factors => {}
                            Wish::Remove => after.retain(|member| member.id != id(target)),
                            Wish::Role(role) => {
                                after
                                    .iter_mut()
                                    .filter(|m| m.id == id(target))
                                    .for_each(|m| m.role = RoleBook::default().role(role));
                            }
                            Wish::Status(status) => {
                                after.iter_mut().filter(|m| m.id == id(target)).for_each(|m| m.status = status);
                            }
                        }
                        assert!(
                            after.iter().any(|m| m.role == Role::Owner && m.status == MemberStatus::Active),
                            "{wish:?} {other:?} {target}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_owner_does_not_leave() {
        let locked =
            locked(vec![member(1, Role::Owner, MemberStatus::Active), member(2, Role::Admin, MemberStatus::Active)]);
        assert_eq!(locked.leaving(id(1)), Err(Problem::LastOwner));
        assert!(locked.leaving(id(2)).is_ok());
    }

    #[test]
    fn who_was_demoted_meanwhile_changes_nothing() {
        let locked =
            locked(vec![member(1, Role::Member, MemberStatus::Active), member(2, Role::Member, MemberStatus::Active)]);
        assert_eq!(locked.judge(id(1), id(2), Wish::Remove), Err(Problem::Forbidden));
    }
}
