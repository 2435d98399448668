//! The roles and groups of one organization, and what each comes to.

use std::collections::{HashMap, HashSet};
use std::fmt;

use thiserror::Error;

use super::{CustomRole, GrantedRole, Group, Permissions, Role, RoleId};
use crate::ids::{CustomRoleId, GroupId};

/// How many roles may stand above one another, the lowest and a built-in one at the top included.
pub const DEPTH_MAX: usize = 5;

/// Why roles do not make sense together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BookProblem {
    /// A role would inherit from itself.
    #[error("a role inherits from itself")]
    Cycle,
    /// More than [`DEPTH_MAX`] roles stand above one another.
    #[error("roles inherit over too many levels")]
    TooDeep,
    /// A role or a group names a role that there is not.
    #[error("a role that does not exist is named")]
    Unknown,
    /// Owners are appointed one by one: no role inherits from theirs, and no group carries it.
    #[error("the owners’ role is inherited or carried by a group")]
    Owner,
}

/// All roles and groups of an organization, with what each comes to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RoleBook {
    roles: Vec<(CustomRole, GrantedRole)>,
    by_id: HashMap<CustomRoleId, usize>,
    groups: Vec<(Group, Permissions)>,
    by_group: HashMap<GroupId, usize>,
}

impl fmt::Debug for RoleBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleBook")
            .field("roles", &self.roles.len())
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}

impl RoleBook {
    /// Works out what every role and group comes to.
    ///
    /// # Errors
    /// Roles that inherit from themselves, over too many levels, from what there is not, or from owners.
    pub fn new(mut roles: Vec<CustomRole>, mut groups: Vec<Group>) -> Result<Self, BookProblem> {
        roles.sort_by_cached_key(|role| (role.name.as_str().to_lowercase(), role.id));
        groups.sort_by_cached_key(|group| (group.name.as_str().to_lowercase(), group.id));
        let by_id: HashMap<_, _> = roles.iter().enumerate().map(|(index, role)| (role.id, index)).collect();
        let mut sums = Sums { roles: &roles, by_id: &by_id, known: HashMap::new(), open: HashSet::new() };
        let granted = roles.iter().map(|role| sums.of(role.id.into(), 1).map(|(_, permissions)| permissions));
        let granted = granted.collect::<Result<Vec<_>, _>>()?;
        let roles = roles.into_iter().zip(granted).map(|(role, permissions)| {
            let granted = GrantedRole::custom(&role, permissions);
            (role, granted)
        });
        let mut book = Self { roles: roles.collect(), by_id, ..Self::default() };
        book.by_group = groups.iter().enumerate().map(|(index, group)| (group.id, index)).collect();
        book.groups = groups
            .into_iter()
            .map(|group| {
                let sum = book.sum(&group.roles)?;
                Ok((group, sum))
            })
            .collect::<Result<_, _>>()?;
        Ok(book)
    }

    /// A role and all that it inherits from.
    pub fn ancestry(&self, role: RoleId) -> Vec<RoleId> {
        let mut found = vec![role];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            let parents = id.custom().and_then(|id| self.lookup(id)).map_or(&[][..], |role| &role.parents);
            let fresh: Vec<_> = parents.iter().copied().filter(|parent| !found.contains(parent)).collect();
            found.extend(fresh);
            next += 1;
        }
        found
    }

    /// What roles that a group carries come to together.
    ///
    /// # Errors
    /// The owners' role, and one that there is not.
    pub fn sum(&self, roles: &[RoleId]) -> Result<Permissions, BookProblem> {
        let each = roles.iter().map(|id| match id {
            RoleId::Builtin(Role::Owner) => Err(BookProblem::Owner),
            id => Some(self.role(*id)).filter(GrantedRole::exists).ok_or(BookProblem::Unknown),
        });
        each.map(|role| role.map(|role| role.permissions())).collect()
    }

    /// A role as it is granted. One that the organization does not have any more holds nothing.
    pub fn role(&self, id: RoleId) -> GrantedRole {
        match id {
            RoleId::Builtin(role) => role.into(),
            RoleId::Custom(custom) => match self.by_id.get(&custom) {
                Some(index) => self.roles[*index].1.clone(),
                None => GrantedRole::gone(id),
            },
        }
    }

    /// The role of this code, if the organization has it.
    pub fn by_code(&self, code: &str) -> Option<GrantedRole> {
        RoleId::from_code(code).map(|id| self.role(id)).filter(GrantedRole::exists)
    }

    /// Everything, from the most powerful built-in role to the organization's own, these by name.
    pub fn all(&self) -> impl Iterator<Item = GrantedRole> {
        Role::ALL.iter().map(|role| (*role).into()).chain(self.roles.iter().map(|(_, granted)| granted.clone()))
    }

    /// The organization's own roles, by name.
    pub fn custom(&self) -> impl Iterator<Item = &CustomRole> {
        self.roles.iter().map(|(role, _)| role)
    }

    /// One of the organization's own roles.
    pub fn lookup(&self, id: CustomRoleId) -> Option<&CustomRole> {
        self.by_id.get(&id).map(|index| &self.roles[*index].0)
    }

    /// The groups, by name.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().map(|(group, _)| group)
    }

    /// One of the groups.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.by_group.get(&id).map(|index| &self.groups[*index].0)
    }

    /// What a group's roles hold together; nothing for one that there is not.
    pub fn carried(&self, id: GroupId) -> Permissions {
        self.by_group.get(&id).map_or(Permissions::default(), |index| self.groups[*index].1)
    }

    /// What somebody may do who has this role and is in these groups.
    pub fn effective(&self, role: RoleId, groups: &[GroupId]) -> Permissions {
        let own = match role {
            RoleId::Builtin(role) => role.permissions(),
            RoleId::Custom(id) => {
                self.by_id.get(&id).map_or(Permissions::default(), |index| self.roles[*index].1.permissions())
            }
        };
        groups.iter().fold(own, |sum, group| sum | self.carried(*group))
    }

    /// The organization's own roles that inherit from one, over any number of levels, and itself.
    pub fn affected(&self, id: CustomRoleId) -> Vec<CustomRoleId> {
        let mut found = vec![id];
        let mut index = 0;
        while let Some(at) = found.get(index).copied() {
            let children = self.custom().filter(|role| role.parents.contains(&at.into())).map(|role| role.id);
            let new: Vec<_> = children.filter(|child| !found.contains(child)).collect();
            found.extend(new);
            index += 1;
        }
        found
    }

    /// The book with a role added or in place of the one with its id.
    ///
    /// # Errors
    /// As [`RoleBook::new`].
    pub fn with_role(&self, role: CustomRole) -> Result<Self, BookProblem> {
        self.with_roles(&[role])
    }

    /// As [`RoleBook::with_role`], for several at once.
    ///
    /// # Errors
    /// As [`RoleBook::new`].
    pub fn with_roles(&self, roles: &[CustomRole]) -> Result<Self, BookProblem> {
        let others = self.custom().filter(|other| roles.iter().all(|role| role.id != other.id));
        Self::new(others.chain(roles).cloned().collect(), self.groups().cloned().collect())
    }

    /// Whether the organization has roles or groups of its own.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.groups.is_empty()
    }
}

/// What roles come to, worked out once each.
struct Sums<'a> {
    roles: &'a [CustomRole],
    by_id: &'a HashMap<CustomRoleId, usize>,
    known: HashMap<CustomRoleId, (usize, Permissions)>,
    open: HashSet<CustomRoleId>,
}

impl Sums<'_> {
    /// How many levels a role has, itself included, and all that it holds. `depth` is how far the way to it has come.
    fn of(&mut self, id: RoleId, depth: usize) -> Result<(usize, Permissions), BookProblem> {
        let id = match id {
            RoleId::Builtin(Role::Owner) => return Err(BookProblem::Owner),
            RoleId::Builtin(role) => return Ok((1, role.permissions())),
            RoleId::Custom(id) => id,
        };
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        if !self.open.insert(id) {
            return Err(BookProblem::Cycle);
        }
        // However long a chain is that is asked about: the way down ends.
        if depth > DEPTH_MAX {
            return Err(BookProblem::TooDeep);
        }
        let role = self.by_id.get(&id).map(|index| &self.roles[*index]).ok_or(BookProblem::Unknown)?;
        let (mut levels, mut sum) = (1, role.permissions.grantable());
        for parent in &role.parents {
            let (above, inherited) = self.of(*parent, depth + 1)?;
            levels = levels.max(above + 1);
            sum = sum | inherited;
        }
        if levels > DEPTH_MAX {
            return Err(BookProblem::TooDeep);
        }
        self.open.remove(&id);
        self.known.insert(id, (levels, sum));
        Ok((levels, sum))
    }
}
