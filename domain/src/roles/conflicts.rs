//! Permissions that one person should not hold together: segregation of duties.
//!
//! A rule forbids nothing. Whoever grants a combination that a rule names is told of it, and decides.

use super::{Permission, Permissions};

/// Two permissions that belong to two people.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The name under which the rule is cited.
    pub code: &'static str,
    /// What one does.
    pub first: Permission,
    /// What another should do.
    pub second: Permission,
    /// Why, in one sentence.
    pub why: &'static str,
}

/// The rules.
pub const CONFLICTS: &[Conflict] = &[
    Conflict {
        code: "SD-1",
        first: Permission::ManageRoles,
        second: Permission::ExportAudit,
        why: "Whoever decides what others may do should not be the one who reviews what was done.",
    },
    Conflict {
        code: "SD-2",
        first: Permission::ManagePolicy,
        second: Permission::ExportAudit,
        why: "Whoever sets the security policy should not be the one who reviews how it is kept.",
    },
];

/// The rules that somebody breaks who holds this.
pub fn conflicts(held: Permissions) -> impl Iterator<Item = &'static Conflict> {
    CONFLICTS.iter().filter(move |rule| held.allow(rule.first) && held.allow(rule.second))
}

/// The rules that somebody breaks by a change, and did not before.
pub fn new_conflicts(before: Permissions, after: Permissions) -> impl Iterator<Item = &'static Conflict> {
    conflicts(after).filter(move |rule| !(before.allow(rule.first) && before.allow(rule.second)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::Role;

    #[test]
    fn only_what_a_change_brings_is_told() {
        let officer = Role::SecurityOfficer.permissions();
        let more = officer | Permissions::of(&[Permission::ManagePolicy]);
        assert_eq!(conflicts(officer).count(), 0);
        assert_eq!(new_conflicts(officer, more).map(|rule| rule.code).collect::<Vec<_>>(), ["SD-2"]);
        assert_eq!(
            new_conflicts(more, more | Role::Admin.permissions()).map(|rule| rule.code).collect::<Vec<_>>(),
            ["SD-1"]
        );
        assert_eq!(new_conflicts(more, more).count(), 0);
    }

    #[test]
    fn a_rule_names_two_that_can_be_given_apart() {
        for rule in CONFLICTS {
            assert!(rule.first != rule.second && rule.first.is_grantable() && rule.second.is_grantable());
        }
    }
}
