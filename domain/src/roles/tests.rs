//! What roles and groups come to, whatever they are.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::{CustomRoleId, GroupId};
use crate::text::{GroupName, RoleName};

fn id(number: usize) -> CustomRoleId {
    CustomRoleId(Uuid::from_u128(number as u128 + 1))
}

fn role(number: usize, permissions: &[Permission], parents: &[RoleId]) -> CustomRole {
    CustomRole {
        id: id(number),
        name: RoleName::stored(format!("Role {number}")),
        description: String::new(),
        permissions: Permissions::of(permissions),
        parents: parents.to_vec(),
        revision: 1,
    }
}

fn group(number: usize, roles: &[RoleId]) -> Group {
    Group {
        id: GroupId(Uuid::from_u128(number as u128 + 1)),
        name: GroupName::stored(format!("Group {number}")),
        description: String::new(),
        roles: roles.to_vec(),
        revision: 1,
    }
}

/// Roles of which each inherits from some before it, over as few levels as are allowed.
fn roles() -> impl Strategy<Value = Vec<CustomRole>> {
    let one = (0_u32..1 << Permission::ALL.len(), prop::collection::vec(any::<prop::sample::Index>(), 0..3));
    prop::collection::vec(one, 0..12).prop_map(|list| {
        let mut levels: Vec<usize> = Vec::new();
        let mut roles = Vec::new();
        for (number, (bits, wishes)) in list.into_iter().enumerate() {
            let held = Permission::ALL.iter().enumerate().filter(|(bit, _)| bits & 1 << bit != 0);
            let held: Vec<_> = held.map(|(_, permission)| *permission).filter(|p| p.is_grantable()).collect();
            let mut parents: Vec<RoleId> = Vec::new();
            let mut level = 1;
            for wish in wishes {
                let choice = wish.index(number + Role::ALL.len());
                let (parent, above) = match choice.checked_sub(Role::ALL.len()) {
                    None if Role::ALL[choice] == Role::Owner => continue,
                    None => (Role::ALL[choice].into(), 1),
                    Some(number) => (id(number).into(), levels[number]),
                };
                if above < DEPTH_MAX {
                    parents.push(parent);
                    level = level.max(above + 1);
                }
            }
            levels.push(level);
            roles.push(role(number, &held, &parents));
        }
        roles
    })
}

proptest! {
    #[test]
    fn a_role_holds_what_its_parts_hold_and_nothing_else(roles in roles()) {
        let book = RoleBook::new(roles.clone(), Vec::new()).unwrap();
        for role in &roles {
            let parts = role.parents.iter().map(|parent| book.role(*parent).permissions());
            let sum: Permissions = parts.chain([role.permissions]).collect();
            prop_assert_eq!(book.role(role.id.into()).permissions(), sum);
            prop_assert!(!sum.allow(Permission::ManageOwners));
        }
    }

    #[test]
    fn holding_more_never_takes_anything_away(roles in roles(), which in any::<prop::sample::Index>(), more in 0..Permission::ALL.len()) {
        prop_assume!(!roles.is_empty());
        let before = RoleBook::new(roles.clone(), Vec::new()).unwrap();
        let mut grown = roles.clone();
        let grown_one = &mut grown[which.index(roles.len())];
        grown_one.permissions = grown_one.permissions | Permissions::of(&[Permission::ALL[more]]).grantable();
        let after = RoleBook::new(grown, Vec::new()).unwrap();
        for role in &roles {
            prop_assert!(after.role(role.id.into()).permissions().cover(before.role(role.id.into()).permissions()));
        }
    }

    #[test]
    fn only_roles_that_inherit_from_a_role_change_with_it(roles in roles(), which in any::<prop::sample::Index>()) {
        prop_assume!(!roles.is_empty());
        let before = RoleBook::new(roles.clone(), Vec::new()).unwrap();
        let mut emptied = roles[which.index(roles.len())].clone();
        emptied.permissions = Permissions::default();
        emptied.parents.clear();
        let affected = before.affected(emptied.id);
        let after = before.with_role(emptied).unwrap();
        for role in roles.iter().filter(|role| !affected.contains(&role.id)) {
            prop_assert_eq!(before.role(role.id.into()), after.role(role.id.into()));
        }
    }

    #[test]
    fn what_somebody_may_do_has_a_reason_and_nothing_else_has(
        roles in roles(),
        own in any::<prop::sample::Index>(),
        carried in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let plain = RoleBook::new(roles.clone(), Vec::new()).unwrap();
        let all: Vec<RoleId> = plain.all().map(|role| role.id()).collect();
        let groups: Vec<_> = carried.iter().enumerate().filter_map(|(number, index)| {
            let role = all[index.index(all.len())];
            (role != RoleId::Builtin(Role::Owner)).then(|| group(number, &[role]))
        }).collect();
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        let book = RoleBook::new(roles, groups).unwrap();
        let own = all[own.index(all.len())];
        let effective = book.effective(own, &ids);
        for permission in Permission::ALL {
            let reasons = book.why(own, &ids, *permission);
            prop_assert_eq!(!reasons.is_empty(), effective.allow(*permission));
            let (who, groups) = book.who_can(*permission);
            let found = who.contains(&own) || ids.iter().any(|id| groups.contains(id));
            prop_assert_eq!(found, effective.allow(*permission));
            for reason in reasons {
                let last = reason.roles.last().unwrap();
                let itself = match last.id() {
                    RoleId::Builtin(role) => role.permissions(),
                    RoleId::Custom(id) => book.lookup(id).unwrap().permissions,
                };
                prop_assert!(itself.allow(*permission));
            }
        }
    }
}

#[test]
fn whatever_the_pattern_says_is_a_role() {
    let codes = proptest::string::string_regex(RoleId::pattern().trim_matches(['^', '$'])).unwrap();
    let read = proptest::test_runner::TestRunner::deterministic().run(&codes, |code| {
        prop_assert!(RoleId::from_code(&code).is_some(), "{}", code);
        Ok(())
    });
    read.unwrap();
}

#[test]
fn no_role_inherits_from_itself() {
    let one = |parent: usize, number| role(number, &[], &[id(parent).into()]);
    assert_eq!(RoleBook::new(vec![one(0, 0)], Vec::new()).unwrap_err(), BookProblem::Cycle);
    assert_eq!(RoleBook::new(vec![one(1, 0), one(2, 1), one(0, 2)], Vec::new()).unwrap_err(), BookProblem::Cycle);
    let book = RoleBook::new(vec![role(0, &[], &[]), one(0, 1), one(1, 2)], Vec::new()).unwrap();
    assert_eq!(book.with_role(one(2, 0)).unwrap_err(), BookProblem::Cycle);
}

#[test]
fn roles_inherit_over_a_few_levels() {
    let chain = |length: usize| {
        let first = role(0, &[], &[Role::Member.into()]);
        let others = (1..length).map(|number| role(number, &[], &[id(number - 1).into()]));
        RoleBook::new([first].into_iter().chain(others).collect(), Vec::new())
    };
    assert!(chain(DEPTH_MAX - 1).is_ok());
    assert_eq!(chain(DEPTH_MAX).unwrap_err(), BookProblem::TooDeep);
    assert_eq!(chain(10_000).unwrap_err(), BookProblem::TooDeep);
}

#[test]
fn nobody_becomes_an_owner_by_inheritance_or_by_a_group() {
    let owner = RoleId::Builtin(Role::Owner);
    assert_eq!(RoleBook::new(vec![role(0, &[], &[owner])], Vec::new()).unwrap_err(), BookProblem::Owner);
    assert_eq!(RoleBook::new(Vec::new(), vec![group(0, &[owner])]).unwrap_err(), BookProblem::Owner);
    let claims = RoleBook::new(vec![role(0, &[Permission::ManageOwners], &[])], Vec::new()).unwrap();
    assert!(claims.role(id(0).into()).permissions().is_empty());
}

#[test]
fn what_is_not_there_holds_nothing() {
    assert_eq!(RoleBook::new(vec![role(0, &[], &[id(7).into()])], Vec::new()).unwrap_err(), BookProblem::Unknown);
    assert_eq!(RoleBook::new(Vec::new(), vec![group(0, &[id(7).into()])]).unwrap_err(), BookProblem::Unknown);
    let book = RoleBook::default();
    let gone = book.role(id(7).into());
    assert!(!gone.exists() && gone.permissions().is_empty());
    assert!(book.effective(id(7).into(), &[GroupId(Uuid::from_u128(7))]).is_empty());
    assert_eq!(book.by_code(&id(7).to_string()), None);
}

#[test]
fn a_form_names_only_what_there_is() {
    let form = RoleForm { name: "Support".into(), permissions: vec!["members.view".into()], ..RoleForm::default() };
    assert_eq!(form.parse().unwrap().permissions, Permissions::of(&[Permission::ViewMembers]));
    for codes in [&["owners.manage"][..], &["members.view", "everything"], &[""]] {
        let form = RoleForm { permissions: codes.iter().map(|code| (*code).to_owned()).collect(), ..form.clone() };
        assert!(form.parse().unwrap_err().of("permission").is_some(), "{codes:?}");
    }
    for code in ["king", "", "0192", "{67e55044-10b1-426f-9247-bb680e5fe0c8}", "67E55044-10B1-426F-9247-BB680E5FE0C8"] {
        let form = RoleForm { parents: vec![code.into()], ..form.clone() };
        assert!(form.parse().unwrap_err().of("parent").is_some(), "{code}");
    }
}
