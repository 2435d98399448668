//! Of what the approval is needed: what an organization has set.

use serde::{Deserialize, Serialize};

use crate::roles::{Permission, Permissions};

/// What comes about only when other owners approve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not")]
pub struct ApprovalNeeded {
    /// Putting a policy into force, or an earlier one back.
    pub policy: bool,
    /// Giving somebody a role by which they say who may do what, and who comes in. It is needed wherever anything else is.
    pub roles: bool,
    /// Deleting the organization.
    pub deletion: bool,
    /// Exporting the audit trail.
    pub exports: bool,
    /// Making a key with sensitive scopes, or widening one.
    pub keys: bool,
}

impl ApprovalNeeded {
    /// Whether it is needed for anything.
    pub const fn any(self) -> bool {
        self.policy || self.roles || self.deletion || self.exports || self.keys
    }

    /// Whether those who approve are not made at will: where it is needed for anything, it is needed for roles.
    pub const fn is_sound(self) -> bool {
        self.roles || !self.any()
    }

    /// Whether it is needed for all that it is needed for by another.
    pub const fn cover(self, other: Self) -> bool {
        (self.policy || !other.policy)
            && (self.roles || !other.roles)
            && (self.deletion || !other.deletion)
            && (self.exports || !other.exports)
            && (self.keys || !other.keys)
    }

    /// Whether it is needed to put a policy into force that asks for it so: also where the policy itself is free, nobody
    /// takes it away alone from something else.
    pub const fn for_policy(self, after: Self) -> bool {
        self.policy || !after.cover(self)
    }

    /// Whether it is needed to give somebody who may do the one the other.
    pub fn for_role(self, before: Permissions, after: Permissions) -> bool {
        self.roles && administers(before, after)
    }

    /// Whether it is needed to give a key these of its scopes.
    pub fn for_key(self, given: Permissions) -> bool {
        self.keys && !sensitive(given).is_empty()
    }
}

/// By which somebody says who may do what, who comes in and how, or who the owners are.
const ADMINISTERING: Permissions = Permissions::of(&[
    Permission::ManageOwners,
    Permission::ManageRoles,
    Permission::ManageMembers,
    Permission::ManageGroups,
    Permission::ManagePolicy,
]);

/// Whether somebody comes to say who may do what, who comes in and how, or who the owners are, who did not before.
pub fn administers(before: Permissions, after: Permissions) -> bool {
    !after.without(before).within(ADMINISTERING).is_empty()
}

/// What of scopes is sensitive: what administers, shuts people out, or has what happened leave the organization for good.
#[must_use]
pub fn sensitive(scopes: Permissions) -> Permissions {
    const BESIDES: Permissions =
        Permissions::of(&[Permission::RespondToAlerts, Permission::ExportAudit, Permission::ManageWebhooks]);
    scopes.within(ADMINISTERING | BESIDES).for_keys()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::Role;

    const ALL: ApprovalNeeded = ApprovalNeeded { policy: true, roles: true, deletion: true, exports: true, keys: true };

    #[test]
    fn nobody_takes_it_away_alone() {
        let none = ApprovalNeeded::default();
        let roles = ApprovalNeeded { roles: true, ..none };
        for (before, after, needed) in [
            (none, none, false),
            (none, ALL, false),
            (roles, ALL, false),
            (roles, roles, false),
            (roles, none, true),
            (roles, ApprovalNeeded { deletion: true, ..none }, true),
            (ApprovalNeeded { exports: true, ..roles }, roles, true),
            (ApprovalNeeded { keys: true, ..roles }, roles, true),
            (roles, ApprovalNeeded { exports: true, keys: true, ..roles }, false),
            (ALL, ALL, true),
        ] {
            assert_eq!(before.for_policy(after), needed, "{before:?} {after:?}");
        }
    }

    #[test]
    fn who_approves_is_not_made_at_will() {
        let none = ApprovalNeeded::default();
        let roles = ApprovalNeeded { roles: true, ..none };
        for (needed, is_sound) in [
            (none, true),
            (roles, true),
            (ALL, true),
            (ApprovalNeeded { policy: true, ..roles }, true),
            (ApprovalNeeded { policy: true, ..none }, false),
            (ApprovalNeeded { deletion: true, ..none }, false),
            (ApprovalNeeded { exports: true, ..none }, false),
            (ApprovalNeeded { keys: true, ..none }, false),
        ] {
            assert_eq!(needed.is_sound(), is_sound, "{needed:?}");
        }
    }

    #[test]
    fn one_permission_that_administers_is_enough() {
        let member = Role::Member.permissions();
        for permission in Permission::ALL.iter().copied() {
            use Permission as P;
            let needed = matches!(
                permission,
                P::ManageOwners | P::ManageRoles | P::ManageMembers | P::ManageGroups | P::ManagePolicy
            );
            assert_eq!(ALL.for_role(member, member | Permissions::of(&[permission])), needed, "{permission:?}");
        }
    }

    #[test]
    fn roles_that_administer_are_those_by_which_somebody_says_who_may_do_what() {
        for (before, after, needed) in [
            (Role::Member, Role::Admin, true),
            (Role::Admin, Role::Owner, true),
            (Role::Member, Role::Auditor, false),
            (Role::Auditor, Role::SecurityOfficer, false),
            (Role::Owner, Role::Admin, false),
            (Role::Admin, Role::Admin, false),
        ] {
            let (before, after) = (before.permissions(), after.permissions());
            assert_eq!(ALL.for_role(before, after), needed);
            assert!(!ApprovalNeeded::default().for_role(before, after));
        }
    }

    #[test]
    fn one_sensitive_scope_is_enough() {
        for scope in Permission::ALL.iter().copied() {
            use Permission as P;
            let needed = matches!(
                scope,
                P::ManageRoles
                    | P::ManageMembers
                    | P::ManageGroups
                    | P::ManagePolicy
                    | P::RespondToAlerts
                    | P::ExportAudit
                    | P::ManageWebhooks
            );
            let given = Permissions::of(&[P::ViewMembers, scope]);
            assert_eq!(ALL.for_key(given), needed, "{scope:?}");
            assert!(!ApprovalNeeded { keys: false, ..ALL }.for_key(given));
        }
    }
}
