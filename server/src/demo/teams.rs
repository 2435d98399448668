//! How the people of a story are organized: roles of their own, and groups that carry roles.

use domain::audit::{Draft, Public};
use domain::ids::{CustomRoleId, GroupId};
use domain::roles::{CustomRole, Group, Permission, Permissions, Role, RoleId, codes};
use domain::text::{GroupName, RoleName};
use time::OffsetDateTime;

use super::story::{Story, uuid};
use crate::roles;

/// Roles, groups, and who is in them by their number in the cast.
#[derive(Default)]
pub(super) struct Teams {
    pub(super) roles: Vec<CustomRole>,
    pub(super) groups: Vec<Group>,
    pub(super) inside: Vec<(usize, GroupId)>,
}

impl Story {
    /// The founder makes roles and groups, and puts everybody who is there into theirs.
    pub(super) fn organize(&mut self, at: OffsetDateTime) {
        let desk = self.role(
            at,
            "Help desk",
            "Lets people in, and nobody out",
            &[Permission::InviteMembers],
            &[Role::Member.into()],
        );
        let lead = self.role(at, "Team lead", "Looks after a team", &[Permission::ManageGroups], &[desk]);
        self.group(at, "Engineering", "Builds and runs the product", &[]);
        self.group(at, "On call", "Whoever is woken at night", &[desk]);
        self.group(at, "Finance", "Answers to the accountants", &[Role::Auditor.into()]);
        self.group(at, "Leads", "One of each team", &[lead]);
        for who in 1..self.cast.len() {
            self.assign(at, who);
        }
    }

    fn role(
        &mut self,
        at: OffsetDateTime,
        name: &str,
        description: &str,
        permissions: &[Permission],
        parents: &[RoleId],
    ) -> RoleId {
        let role = CustomRole {
            id: CustomRoleId(uuid(&mut self.rng, at)),
            name: RoleName::stored(name.to_owned()),
            description: description.to_owned(),
            permissions: Permissions::of(permissions),
            parents: parents.to_vec(),
            revision: 1,
        };
        let entry = Draft::done(roles::CREATED, self.actor(0))
            .target("role", role.id, Public(name.to_owned()))
            .added("permissions", Public(role.permissions.codes().join(" ")))
            .added("parents", Public(codes(parents).join(" ")));
        self.tell(at, 0, entry);
        let id = role.id.into();
        self.teams.roles.push(role);
        id
    }

    fn group(&mut self, at: OffsetDateTime, name: &str, description: &str, carried: &[RoleId]) {
        let group = Group {
            id: GroupId(uuid(&mut self.rng, at)),
            name: GroupName::stored(name.to_owned()),
            description: description.to_owned(),
            roles: carried.to_vec(),
            revision: 1,
        };
        let entry = Draft::done(roles::GROUP_CREATED, self.actor(0))
            .target("group", group.id, Public(name.to_owned()))
            .added("roles", Public(codes(carried).join(" ")));
        self.tell(at, 0, entry);
        self.teams.groups.push(group);
    }

    /// Puts somebody into the groups that suit their number, once there are groups.
    pub(super) fn assign(&mut self, at: OffsetDateTime, who: usize) {
        if !self.cast[who].is_member() {
            return;
        }
        let suits = [who % 2 == 1, who % 8 == 3, who % 5 == 4, who % 12 == 5];
        let groups: Vec<_> = self.teams.groups.iter().map(|group| group.id).zip(suits).collect();
        for (group, _) in groups.into_iter().filter(|(_, suits)| *suits) {
            let entry = self.about_member(roles::MEMBER_ADDED, 0, who).added("group", Public(group.to_string()));
            self.tell(at, 0, entry);
            self.teams.inside.push((who, group));
        }
    }

    /// Takes somebody out of all groups, and tells out of which.
    pub(super) fn unassign(&mut self, who: usize) -> String {
        let (gone, inside) = std::mem::take(&mut self.teams.inside).into_iter().partition(|(of, _)| *of == who);
        self.teams.inside = inside;
        let gone: Vec<(usize, GroupId)> = gone;
        gone.iter().map(|(_, group)| group.to_string()).collect::<Vec<_>>().join(" ")
    }
}
