//! Who may change whom: judged by the rows as they are under the lock, and pure.

use domain::ids::AccountId;
use domain::members::{Member, MemberStatus};
use domain::problem::Problem;
use domain::roles::{Permission, Role};

/// What is to become of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Another role.
    Role(Role),
    /// Suspended or active.
    Status(MemberStatus),
    /// Without the sessions of now.
    EndAccess,
    /// Out.
    Remove,
    /// Without what they prove themselves with besides the password.
    Factors,
}

/// The rows that a change may depend on: every active owner, whoever asks, and whom it is about.
/// While they are locked, nobody else changes them.
pub(super) struct Locked(pub(super) Vec<Member>);

impl Locked {
    fn find(&self, id: AccountId) -> Option<&Member> {
        self.0.iter().find(|member| member.id == id)
    }

    /// The member, if the wish is allowed.
    pub(super) fn judge(&self, actor: AccountId, target: AccountId, wish: Wish) -> Result<Member, Problem> {
        let actor = self.find(actor).filter(|actor| actor.status == MemberStatus::Active).ok_or(Problem::NotFound)?;
        let target = self.find(target).ok_or(Problem::NotFound)?;
        let held = actor.role.permissions();
        let given = match wish {
            Wish::Role(role) => role,
            Wish::Status(_) | Wish::EndAccess | Wish::Remove | Wish::Factors => target.role,
        };
        let allowed = held.allow(Permission::ManageMembers)
            && held.cover(target.role.permissions())
            && held.cover(given.permissions());
        if !allowed {
            return Err(Problem::Forbidden);
        }
        if actor.id == target.id && !matches!(wish, Wish::Role(_)) {
            return Err(Problem::Yourself);
        }
        let stays_owner = match wish {
            Wish::Role(role) => role == Role::Owner,
            Wish::Status(status) => status == MemberStatus::Active,
            Wish::EndAccess | Wish::Factors => true,
            Wish::Remove => false,
        };
        self.keep_an_owner(target, stays_owner)
    }

    /// The member, if they may leave.
    pub(super) fn leaving(&self, who: AccountId) -> Result<Member, Problem> {
        self.keep_an_owner(self.find(who).ok_or(Problem::NotFound)?, false)
    }

    /// An organization has an active owner, always.
    fn keep_an_owner(&self, target: &Member, stays_owner: bool) -> Result<Member, Problem> {
        let is_active_owner = |member: &&Member| member.role == Role::Owner && member.status == MemberStatus::Active;
        let others = self.0.iter().filter(is_active_owner).filter(|member| member.id != target.id).count();
        if is_active_owner(&target) && !stays_owner && others == 0 {
            return Err(Problem::LastOwner);
        }
        Ok(target.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::factors::Factors;
    use time::macros::datetime;
    use uuid::Uuid;

    fn member(id: u128, role: Role, status: MemberStatus) -> Member {
        Member {
            id: AccountId(Uuid::from_u128(id)),
            name: format!("Person {id}"),
            email: format!("p{id}@acme.example"),
            role,
            status,
            joined_at: datetime!(2026-01-01 00:00 UTC),
            last_seen_at: None,
            factors: Factors::default(),
            access_ended_at: None,
        }
    }

    fn id(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    fn wishes() -> Vec<Wish> {
        let roles = Role::ALL.iter().map(|role| Wish::Role(*role));
        let states = MemberStatus::ALL.iter().map(|status| Wish::Status(*status));
        roles.chain(states).chain([Wish::EndAccess, Wish::Remove, Wish::Factors]).collect()
    }

    #[test]
    fn an_admin_touches_no_owner_in_any_way() {
        for wish in wishes() {
            let locked = Locked(vec![
                member(1, Role::Owner, MemberStatus::Active),
                member(2, Role::Owner, MemberStatus::Suspended),
                member(3, Role::Admin, MemberStatus::Active),
            ]);
            assert_eq!(locked.judge(id(3), id(1), wish), Err(Problem::Forbidden), "{wish:?}");
            assert_eq!(locked.judge(id(3), id(2), wish), Err(Problem::Forbidden), "{wish:?}");
        }
    }

    #[test]
    fn nobody_makes_an_owner_who_is_none() {
        let locked =
            Locked(vec![member(1, Role::Owner, MemberStatus::Active), member(3, Role::Admin, MemberStatus::Active)]);
        assert_eq!(locked.judge(id(3), id(3), Wish::Role(Role::Owner)), Err(Problem::Forbidden));
    }

    #[test]
    fn an_active_owner_is_left_whatever_is_wished() {
        for wish in wishes() {
            for other in [MemberStatus::Active, MemberStatus::Suspended] {
                let before = vec![member(1, Role::Owner, MemberStatus::Active), member(2, Role::Owner, other)];
                for target in [1, 2] {
                    if Locked(before.clone()).judge(id(1), id(target), wish).is_ok() {
                        let mut after = before.clone();
                        match wish {
                            Wish::EndAccess | Wish::Factors => {}
                            Wish::Remove => after.retain(|member| member.id != id(target)),
                            Wish::Role(role) => {
                                after.iter_mut().filter(|m| m.id == id(target)).for_each(|m| m.role = role);
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
            Locked(vec![member(1, Role::Owner, MemberStatus::Active), member(2, Role::Admin, MemberStatus::Active)]);
        assert_eq!(locked.leaving(id(1)), Err(Problem::LastOwner));
        assert!(locked.leaving(id(2)).is_ok());
    }

    #[test]
    fn who_was_demoted_meanwhile_changes_nothing() {
        let locked =
            Locked(vec![member(1, Role::Member, MemberStatus::Active), member(2, Role::Member, MemberStatus::Active)]);
        assert_eq!(locked.judge(id(1), id(2), Wish::Remove), Err(Problem::Forbidden));
    }
}
