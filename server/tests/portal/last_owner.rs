//! An organization has an active owner, whatever its owners do to each other at the same time.

use domain::members::MemberStatus;
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::{Organization, Person, TestPortal, World};
use server::{Access, Error, members};

use crate::support::{active_owners, assert_sound, refused};

const ROUNDS: usize = 20;

/// Two owners of Acme.
async fn owners(t: &TestPortal) -> (World, Person) {
    let world = t.world().await;
    let ada = t.enter(&world.ada, &world.acme).await;
    let zoe = t.join(&ada, "Zoe Zenith", "zoe@acme.example", Role::Owner).await;
    (world, zoe)
}

/// Makes both of them active owners again.
async fn restore(t: &TestPortal, acme: &Organization, people: [&Person; 2]) {
    for person in people {
        let (schema, id, name, email) = (acme.schema(), person.account, &person.name, &person.email);
        t.sql(&format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
             VALUES ('{id}', '{name}', '{email}', 'owner', 'invitation', 'active', now())
             ON CONFLICT (account_id) DO UPDATE SET role = 'owner', status = 'active';
             INSERT INTO platform.memberships VALUES ('{id}', '{}', now()) ON CONFLICT DO NOTHING",
            acme.id
        ))
        .await;
    }
}

/// Lets two owners act at the same time, many times, and looks at what is left.
async fn race(
    one_does: impl AsyncFn(Access, &Person) -> Result<(), Error>,
    other_does: impl AsyncFn(Access, &Person) -> Result<(), Error>,
) {
    TestPortal::run(async |t| {
        let (world, zoe) = owners(&t).await;
        for round in 0..ROUNDS {
            restore(&t, &world.acme, [&world.ada, &zoe]).await;
            let (one, other) = (t.enter(&world.ada, &world.acme).await, t.enter(&zoe, &world.acme).await);
            let (one, other) = if round % 2 == 0 {
                tokio::join!(one_does(one, &zoe), other_does(other, &world.ada))
            } else {
                let (other, one) = tokio::join!(other_does(other, &world.ada), one_does(one, &zoe));
                (one, other)
            };
            for answer in [one, other] {
                assert!(matches!(answer, Ok(()) | Err(Error::Refused(_))), "round {round}: {answer:?}");
            }
            assert!(active_owners(&t, &world.acme).await >= 1, "round {round}");
            assert_sound(&t, &world.acme).await;
        }
    })
    .await;
}

async fn demote(access: Access, whom: &Person) -> Result<(), Error> {
    members::change_role(&access, whom.account, Role::Member).await.map(|_| ())
}

async fn remove(access: Access, whom: &Person) -> Result<(), Error> {
    members::remove(&access, whom.account, |_| Ok(())).await.map(|_| ())
}

async fn suspend(access: Access, whom: &Person) -> Result<(), Error> {
    members::suspend(&access, whom.account).await.map(|_| ())
}

async fn leave(access: Access, _: &Person) -> Result<(), Error> {
    members::leave(&access).await
}

async fn step_down(access: Access, _: &Person) -> Result<(), Error> {
    members::change_role(&access, access.account(), Role::Auditor).await.map(|_| ())
}

#[tokio::test]
async fn two_owners_demote_each_other_and_one_is_left() {
    race(demote, demote).await;
}

#[tokio::test]
async fn two_owners_remove_each_other_and_one_is_left() {
    race(remove, remove).await;
}

#[tokio::test]
async fn two_owners_suspend_each_other_and_one_is_left() {
    race(suspend, suspend).await;
}

#[tokio::test]
async fn two_owners_leave_at_once_and_one_is_left() {
    race(leave, leave).await;
}

#[tokio::test]
async fn an_owner_leaves_while_the_other_steps_down_and_one_is_left() {
    race(leave, step_down).await;
}

#[tokio::test]
async fn an_owner_steps_down_while_the_other_removes_them_and_one_is_left() {
    race(step_down, remove).await;
}

#[tokio::test]
async fn an_owner_leaves_while_the_other_suspends_them_and_one_is_left() {
    race(leave, suspend).await;
}

#[tokio::test]
async fn a_suspended_owner_does_not_count() {
    TestPortal::run(async |t| {
        let (world, zoe) = owners(&t).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        members::suspend(&ada, zoe.account).await.unwrap();
        assert_eq!(refused(members::leave(&ada).await), Problem::LastOwner);
        assert_eq!(refused(members::change_role(&ada, world.ada.account, Role::Admin).await), Problem::LastOwner);
        assert_eq!(refused(members::suspend(&ada, world.ada.account).await), Problem::Yourself);
        assert_eq!(refused(members::remove(&ada, world.ada.account, |_| Ok(())).await), Problem::Yourself);
        assert_eq!(refused(t.try_enter(&zoe, &world.acme.slug).await), Problem::MembershipSuspended);

        members::resume(&ada, zoe.account).await.unwrap();
        members::leave(&ada).await.unwrap();
        let zoe = t.enter(&zoe, &world.acme).await;
        assert_eq!(refused(members::leave(&zoe).await), Problem::LastOwner);
        assert_eq!(members::lookup(&zoe, zoe.account()).await.unwrap().status, MemberStatus::Active);
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn ten_owners_leave_at_once_and_one_is_left() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let mut owners = vec![ada.clone()];
        for number in 0..9 {
            let owner = t.join(&ada, "One of many", &format!("owner{number}@acme.example"), Role::Owner).await;
            owners.push(t.enter(&owner, &world.acme).await);
        }
        let leaving = owners.into_iter().map(|access| tokio::spawn(async move { members::leave(&access).await }));
        let answers = futures::future::join_all(leaving).await.into_iter().map(Result::unwrap);
        let refusals: Vec<_> = answers.filter(Result::is_err).map(refused).collect();
        assert_eq!(refusals, [Problem::LastOwner]);
        assert_eq!(active_owners(&t, &world.acme).await, 1);
        assert_sound(&t, &world.acme).await;
    })
    .await;
}
