//! What the server tells the editor's scripts.

use domain::roles::{CustomRole, Permission, Role};
use server::policy::Editing;

use crate::context::Organization;
use crate::policy_live::{Known, KnownRole};
use crate::ui::SelectOption;

/// What the page does not show; `typed` says whether its form shows what was typed, and not what is saved.
pub(super) fn known(org: &Organization, editing: &Editing, typed: bool) -> Known {
    let (access, now) = (&org.access, org.page.request.now);
    let role = |role: &CustomRole| KnownRole {
        id: role.id,
        name: role.name.as_str().to_owned(),
        parents: role.parents.clone(),
    };
    Known {
        key: format!("policy {} {}", access.tenant(), access.account()),
        base: editing.base.to_string(),
        newest: editing.newest,
        typed,
        draft: editing.is_draft.then(|| editing.policy.clone()),
        enforced: editing.enforced.clone(),
        mfa_since: access.policy().mfa.map(|mfa| mfa.since.unix_timestamp()),
        roles: if sees_roles(org) { access.book().custom().map(role).collect() } else { Vec::new() },
        region: editing.region.clone(),
        now: now.unix_timestamp(),
        offset: org.page.zone().offset(now),
    }
}

/// The roles that somebody may have who is asked about.
pub(super) fn roles(org: &Organization) -> Vec<SelectOption> {
    let own = sees_roles(org).then(|| org.access.book().custom()).into_iter().flatten();
    let own = own.map(|role| SelectOption::new(role.id.to_string(), role.name.as_str()));
    Role::ALL.iter().map(|role| SelectOption::new(role.code(), role.name())).chain(own).collect()
}

/// Whether whoever edits may know which roles there are.
fn sees_roles(org: &Organization) -> bool {
    org.access.may(Permission::ViewOrganization)
}
