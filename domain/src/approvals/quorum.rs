//! How many have to approve.

use time::Duration;

use crate::codes::codes;
use crate::policy::{Difference, Section};
use crate::roles::{Permission, Permissions};

/// For how many hours the only owner waits.
pub const DELAY_HOURS: i64 = 24;

codes! {
    /// What a change may do to the organization, from the least.
    Risk {
        /// It asks for more, and keeps nobody out by itself.
        Low = "low" => "Low",
        /// It may keep people out, lets somebody or a program administer, or takes the audit trail along.
        Medium = "medium" => "Medium",
        /// It takes protection away, makes an owner, or ends the organization.
        High = "high" => "High",
    }
}

impl Risk {
    /// That of a policy that differs so from the one in force.
    pub fn of_policy(changes: &[Difference]) -> Self {
        let keeps_out =
            |section| matches!(section, Section::SignIn | Section::Sessions | Section::Networks | Section::Approvals);
        if changes.iter().any(|change| !change.is_stricter) {
            Self::High
        } else if changes.iter().any(|change| keeps_out(change.setting.section)) {
            Self::Medium
        } else {
            Self::Low
        }
    }

    /// That of somebody's coming to do more.
    pub fn of_role(before: Permissions, after: Permissions) -> Self {
        if after.without(before).allow(Permission::ManageOwners) { Self::High } else { Self::Medium }
    }
}

/// What has to happen before something is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// So many owners approve it, besides whoever asks.
    Approvals(u8),
    /// There are no two owners: time passes, in which it can be cancelled. Nobody else has looked at it.
    Delay(Duration),
}

/// What has to happen where there are so many owners: besides one who asks, two of them approve what is of a high risk,
/// where there are two more, and one of them anything else. Whoever asks and is no owner needs one owner more, so that in
/// each case as many owners have said yes: an account more of a lone owner's makes them no two.
pub const fn quorum(risk: Risk, owners: usize, asks_as_owner: bool) -> Quorum {
    match (risk, owners, asks_as_owner) {
        (_, 0 | 1, _) => Quorum::Delay(Duration::hours(DELAY_HOURS)),
        (Risk::High, 3.., false) => Quorum::Approvals(3),
        (Risk::High, 3.., true) | (_, _, false) => Quorum::Approvals(2),
        _ => Quorum::Approvals(1),
    }
}

impl Quorum {
    /// What asks for all that two ask for. Where there is another owner by now, time alone is not enough; where there is
    /// none any more, it does not take the place of those who were to approve.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Approvals(a), Self::Approvals(b)) => Self::Approvals(a.max(b)),
            (Self::Delay(a), Self::Delay(b)) => Self::Delay(a.max(b)),
            (approvals @ Self::Approvals(_), Self::Delay(_)) | (Self::Delay(_), approvals @ Self::Approvals(_)) => {
                approvals
            }
        }
    }

    /// Whether so many approvals are enough. Of a delay none are.
    pub const fn is_met(self, approvals: usize) -> bool {
        match self {
            Self::Approvals(needed) => approvals >= needed as usize,
            Self::Delay(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::SecurityPolicy;
    use crate::roles::Role;

    fn risk() -> impl Strategy<Value = Risk> {
        proptest::sample::select(Risk::ALL)
    }

    proptest! {
        #[test]
        fn nobody_is_asked_for_more_owners_than_there_are(risk in risk(), owners in 2..50_usize, is_owner in any::<bool>()) {
            let Quorum::Approvals(needed) = quorum(risk, owners, is_owner) else { panic!("there is somebody to ask") };
            let others = owners - usize::from(is_owner);
            prop_assert!(needed >= 1 && usize::from(needed) <= others);
        }

        #[test]
        fn as_many_owners_say_yes_whoever_asks(risk in risk(), owners in 2..50_usize) {
            let [own, other] = [true, false].map(|is_owner| quorum(risk, owners, is_owner));
            prop_assert!((0..4).all(|given| own.is_met(given) == other.is_met(given + 1)));
        }

        #[test]
        fn only_a_lone_owners_organization_waits(risk in risk(), owners in 1..50_usize, is_owner in any::<bool>()) {
            prop_assert_eq!(matches!(quorum(risk, owners, is_owner), Quorum::Delay(_)), owners == 1);
        }

        #[test]
        fn a_higher_risk_never_asks_for_less(a in risk(), b in risk(), owners in 1..50_usize, is_owner in any::<bool>()) {
            let (low, high) = (a.min(b), a.max(b));
            let [low, high] = [low, high].map(|risk| quorum(risk, owners, is_owner));
            prop_assert_eq!(low.stricter(high), high);
        }

        #[test]
        fn no_owner_who_comes_or_goes_makes_it_easier(risk in risk(), then in 1..6_usize, now in 1..6_usize, given in 0..5_usize) {
            let [then, now] = [then, now].map(|owners| quorum(risk, owners, true));
            let both = then.stricter(now);
            prop_assert_eq!(both, now.stricter(then));
            if both.is_met(given) {
                for one in [then, now] {
                    prop_assert!(one.is_met(given) || matches!(one, Quorum::Delay(_)));
                }
            }
        }

        #[test]
        fn without_an_approval_nothing_is_met(risk in risk(), owners in 0..50_usize, is_owner in any::<bool>()) {
            prop_assert!(!quorum(risk, owners, is_owner).is_met(0));
        }
    }

    #[test]
    fn what_takes_protection_away_is_of_a_high_risk() {
        let before = SecurityPolicy { sessions_per_person: Some(3), ..SecurityPolicy::default() };
        let risk = |after: &SecurityPolicy| Risk::of_policy(&after.changes_since(&before));
        assert_eq!(risk(&SecurityPolicy { log_reads: true, ..before.clone() }), Risk::Low);
        assert_eq!(risk(&SecurityPolicy { sessions_per_person: Some(2), ..before.clone() }), Risk::Medium);
        let mixed = SecurityPolicy { sessions_per_person: None, log_reads: true, ..before.clone() };
        assert_eq!(risk(&mixed), Risk::High);
        let [member, admin, owner] = [Role::Member, Role::Admin, Role::Owner].map(Role::permissions);
        assert_eq!((Risk::of_role(member, admin), Risk::of_role(admin, owner)), (Risk::Medium, Risk::High));
    }

    #[test]
    fn two_of_three_owners_approve_what_is_of_a_high_risk() {
        assert_eq!([2, 3, 9].map(|owners| quorum(Risk::High, owners, true)), [1, 2, 2].map(Quorum::Approvals));
        assert_eq!([2, 3, 9].map(|owners| quorum(Risk::Medium, owners, true)), [1, 1, 1].map(Quorum::Approvals));
    }

    #[test]
    fn a_second_account_of_a_lone_owners_makes_them_no_two() {
        for risk in Risk::ALL.iter().copied() {
            assert_eq!(quorum(risk, 1, false), Quorum::Delay(Duration::hours(DELAY_HOURS)));
            assert_eq!(quorum(risk, 2, false), Quorum::Approvals(2));
        }
        assert_eq!(quorum(Risk::High, 3, false), Quorum::Approvals(3));
    }
}
