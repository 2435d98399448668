//! What roles cost without a database: working out a book, and what one member may do by it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::ids::{CustomRoleId, GroupId};
use domain::roles::{CustomRole, Group, Permission, Permissions, Role, RoleBook, RoleId};
use domain::text::{GroupName, RoleName};
use uuid::Uuid;

/// As many roles as an organization may have, each of which inherits from up to two others, and some groups.
fn parts() -> (Vec<CustomRole>, Vec<Group>) {
    let id = |number: u128| CustomRoleId(Uuid::from_u128(number + 1));
    let roles = (0..100_u128).map(|number| CustomRole {
        id: id(number),
        name: RoleName::stored(format!("Role {number}")),
        description: String::new(),
        permissions: Permissions::of(&[Permission::ALL[usize::try_from(number).unwrap_or(0) % Permission::ALL.len()]]),
        parents: match number % 4 {
            0 => vec![Role::Member.into()],
            level => vec![id(number - 1).into(), id(number - level).into()],
        },
        revision: 1,
    });
    let groups = (0..50_u128).map(|number| Group {
        id: GroupId(Uuid::from_u128(number + 1)),
        name: GroupName::stored(format!("Group {number}")),
        description: String::new(),
        roles: vec![id(number).into(), id(99 - number).into()],
        revision: 1,
    });
    (roles.collect(), groups.collect())
}

fn roles(criterion: &mut Criterion) {
    let (roles, groups) = parts();
    let book = RoleBook::new(roles.clone(), groups.clone()).expect("roles that make sense");
    let member = RoleId::Custom(roles[7].id);
    let in_groups: Vec<_> = groups.iter().take(10).map(|group| group.id).collect();
    criterion.bench_function("roles/a book of 100 roles and 50 groups", |bench| {
        bench.iter(|| RoleBook::new(black_box(roles.clone()), black_box(groups.clone())));
    });
    criterion.bench_function("roles/what a member of 10 groups may do", |bench| {
        bench.iter(|| book.effective(black_box(member), black_box(&in_groups)));
    });
    criterion.bench_function("roles/why", |bench| {
        bench.iter(|| book.why(black_box(member), black_box(&in_groups), Permission::ViewMembers));
    });
}

criterion_group!(benches, roles);
criterion_main!(benches);
