//! Whatever people without everything do with roles, groups and invitations, in whatever order: together they never come
//! to hold what none of them held, and nothing of it reaches another organization.

use domain::roles::{GroupForm, Permission, Permissions, Role, RoleForm};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use server::roles::{self, Joining};
use server::testing::TestPortal;
use server::{Access, members};

/// How many steps each sequence has. Most are refused: that is what they are for.
const STEPS: usize = 60;

fn some_permissions(rng: &mut StdRng) -> Vec<String> {
    Permission::ALL.iter().filter(|_| rng.random_bool(0.3)).map(|it| it.code().to_owned()).collect()
}

fn some_roles(access: &Access, rng: &mut StdRng) -> Vec<String> {
    access.book().all().filter(|_| rng.random_bool(0.3)).map(|role| role.code()).collect()
}

/// One thing that somebody might try. Refusals are as good as successes.
async fn step(access: &Access, people: &[domain::ids::AccountId], number: usize, rng: &mut StdRng) {
    let book = access.book().clone();
    let role = book.all().collect::<Vec<_>>().choose(rng).expect("built-in roles at least").id();
    let own = book.custom().collect::<Vec<_>>().choose(rng).map(|role| (role.id, role.revision.to_string()));
    let group = book.groups().collect::<Vec<_>>().choose(rng).map(|group| (group.id, group.revision.to_string()));
    let whom = *people.choose(rng).expect("people");
    let role_form = RoleForm {
        name: format!("Role {number}"),
        permissions: some_permissions(rng),
        parents: some_roles(access, rng),
        ..RoleForm::default()
    };
    let group_form =
        GroupForm { name: format!("Group {number}"), roles: some_roles(access, rng), ..GroupForm::default() };
    let _outcome = match (rng.random_range(0..9), own, group) {
        (0, ..) => roles::create(access, &role_form).await.map(drop),
        (1, Some((id, revision)), _) => roles::save(access, id, &RoleForm { revision, ..role_form }).await.map(drop),
        (2, Some((id, _)), _) => roles::delete(access, id).await.map(drop),
        (3, ..) => roles::create_group(access, &group_form).await.map(drop),
        (4, _, Some((id, revision))) => {
            roles::save_group(access, id, &GroupForm { revision, ..group_form }).await.map(drop)
        }
        (5, _, Some((id, _))) => roles::add_member(access, id, Joining::Id(whom)).await.map(drop),
        (6, _, Some((id, _))) => roles::remove_member(access, id, whom).await.map(drop),
        _ => members::change_role(access, whom, role).await.map(drop),
    };
}

#[tokio::test]
async fn no_sequence_of_steps_leads_beyond_what_somebody_held() {
    for seed in 0..4 {
        TestPortal::run(async |t| {
            let mut rng = StdRng::seed_from_u64(seed);
            let w = t.world().await;
            let ada = t.enter(&w.ada, &w.acme).await;
            let keeper = RoleForm {
                name: "Keeper".into(),
                permissions: ["roles.manage", "groups.manage", "members.manage", "members.invite"]
                    .map(Into::into)
                    .to_vec(),
                parents: vec!["member".into()],
                ..RoleForm::default()
            };
            let keeper = roles::create(&ada, &keeper).await.expect("a role");
            // What the owner has made, and none of the others may use.
            let strong =
                RoleForm { name: "Strong".into(), permissions: vec!["policy.manage".into()], ..RoleForm::default() };
            let strong = roles::create(&ada, &strong).await.expect("a role");
            let officers =
                GroupForm { name: "Officers".into(), roles: vec![strong.to_string()], ..GroupForm::default() };
            roles::create_group(&ada, &officers).await.expect("a group");
            members::change_role(&ada, w.mia.account, keeper).await.expect("a change");
            members::change_role(&ada, w.ben.account, keeper).await.expect("a change");

            let before = t.enter(&w.mia, &w.acme).await.permissions();
            let people = [w.mia.account, w.ben.account, w.ada.account, w.gus.account];
            for number in 0..STEPS {
                let actor = if rng.random_bool(0.5) { &w.mia } else { &w.ben };
                let access = t.enter(actor, &w.acme).await;
                step(&access, &people, number, &mut rng).await;
                let ada = t.enter(&w.ada, &w.acme).await;
                assert_eq!(*ada.role(), Role::Owner, "seed {seed}, step {number}");
                for person in [&w.mia, &w.ben] {
                    let held = t.enter(person, &w.acme).await.permissions();
                    assert!(before.cover(held), "seed {seed}, step {number}: {:?}", held.without(before).codes());
                }
            }
            let gus = t.enter(&w.gus, &w.globex).await;
            assert!(gus.book().is_empty());
            assert_eq!(gus.permissions(), Permissions::of(Permission::ALL));
        })
        .await;
    }
}
