//! Who may change which role or group: pure.

use domain::ids::CustomRoleId;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions, RoleBook};

/// Goes on if whoever asks holds all that these roles, and those that inherit from them, hold before and after.
pub(super) fn judge_roles(
    held: Permissions,
    before: &RoleBook,
    after: &RoleBook,
    changed: &[CustomRoleId],
) -> Result<(), Problem> {
    let covers = |book: &RoleBook| {
        let affected = changed.iter().flat_map(|id| book.affected(*id));
        affected.into_iter().all(|id| held.cover(book.role(id.into()).permissions()))
    };
    let allowed = held.allow(Permission::ManageRoles) && covers(before) && covers(after);
    if allowed { Ok(()) } else { Err(Problem::Forbidden) }
}

/// Goes on if whoever asks holds all that a group's roles hold, before and after.
pub(super) fn judge_group(held: Permissions, before: Permissions, after: Permissions) -> Result<(), Problem> {
    let allowed = held.allow(Permission::ManageGroups) && held.cover(before) && held.cover(after);
    if allowed { Ok(()) } else { Err(Problem::Forbidden) }
}
