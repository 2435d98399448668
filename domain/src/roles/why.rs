//! Why somebody may do something: every way that leads from them to a permission.

use super::{GrantedRole, Permission, Permissions, RoleBook, RoleId};
use crate::ids::GroupId;

/// How somebody has come to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is their own.
    Direct,
    /// A group of theirs carries it.
    Group(GroupId),
}

/// One way from somebody to a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Where it begins.
    pub source: Source,
    /// The role that is theirs, what it inherits from, and so on to the one that holds the permission itself.
    pub roles: Vec<GrantedRole>,
}

impl RoleBook {
    /// Every way that gives a permission to somebody who has this role and is in these groups: their own role's first.
    pub fn why(&self, role: RoleId, groups: &[GroupId], permission: Permission) -> Vec<Reason> {
        let own = [(Source::Direct, role)];
        let carried = groups.iter().filter_map(|id| self.group(*id)).flat_map(|group| {
            let source = Source::Group(group.id);
            group.roles.iter().map(move |role| (source.clone(), *role))
        });
        let starts = own.into_iter().chain(carried);
        starts
            .flat_map(|(source, role)| {
                let chains = self.chains(role, permission);
                chains.into_iter().map(move |roles| Reason { source: source.clone(), roles })
            })
            .collect()
    }

    /// The ways up from a role to those that hold the permission themselves.
    fn chains(&self, id: RoleId, permission: Permission) -> Vec<Vec<GrantedRole>> {
        let role = self.role(id);
        if !role.permissions().allow(permission) {
            return Vec::new();
        }
        let Some(custom) = id.custom().and_then(|id| self.lookup(id)) else { return vec![vec![role]] };
        let mut chains = Vec::new();
        if custom.permissions.allow(permission) {
            chains.push(vec![role.clone()]);
        }
        for parent in &custom.parents {
            chains.extend(self.chains(*parent, permission).into_iter().map(|above| {
                let mut chain = vec![role.clone()];
                chain.extend(above);
                chain
            }));
        }
        chains
    }

    /// The roles that hold a permission, and the groups that carry one of them: whoever has such a role, or is in such a
    /// group, and nobody else, may do it.
    pub fn who_can(&self, permission: Permission) -> (Vec<RoleId>, Vec<GroupId>) {
        self.who_can_any(&[permission])
    }

    /// As [`RoleBook::who_can`], for whoever may do at least one of these.
    pub fn who_can_any(&self, permissions: &[Permission]) -> (Vec<RoleId>, Vec<GroupId>) {
        let any = |held: Permissions| permissions.iter().any(|permission| held.allow(*permission));
        let roles = self.all().filter(|role| any(role.permissions())).map(|role| role.id());
        let groups = self.groups().map(|group| group.id).filter(|id| any(self.carried(*id)));
        (roles.collect(), groups.collect())
    }
}
