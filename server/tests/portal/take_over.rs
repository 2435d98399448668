//! Somebody proves an address whose account is somebody else's word, and is cut short on the way.

use domain::fields::FieldProblem;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::sign_in::sign_in;
use server::testing::{Organization, PASSWORD, TestPortal, World, secret_of};
use time::Duration;

use crate::support::{assert_sound, cancelled, field};

/// What the right person chooses.
const OWN: &str = "another long password";

/// Whether the account of an address is the right person's by now, and whether they are a member.
async fn progress(t: &TestPortal, organization: &Organization, email: &str) -> (bool, bool) {
    let proven =
        format!("SELECT count(*) FROM platform.accounts WHERE email = '{email}' AND email_proven_at IS NOT NULL");
    let member = format!("SELECT count(*) FROM {}.members WHERE email = '{email}'", organization.schema());
    (t.number(&proven).await == 1, t.number(&member).await == 1)
}

/// Somebody who was let into an account that is somebody else's word, invited with a mail; gives their address and the
/// secret in the mail.
async fn squatted(t: &TestPortal, world: &World, number: usize) -> (String, String) {
    let email = format!("n{number}@person.example");
    let (ada, gus) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.gus, &world.globex).await);
    let copied = t.invite(&gus, &email, Role::Member).await;
    let copied = invitations::copy_link(&gus, copied).await.unwrap();
    let squatter = Joiner::New { name: "Squatter", password: PASSWORD };
    invitations::accept(&t.request(), secret_of(&copied.link), squatter).await.unwrap();
    t.invite(&ada, &email, Role::Member).await;
    let secret = t.secret_for(&email).await;
    (email, secret)
}

fn joiner() -> Joiner<'static> {
    Joiner::New { name: "The real one", password: OWN }
}

/// The account is the right person's, in whatever way they got there, and the squatter is out.
async fn assert_taken_over(t: &TestPortal, world: &World, email: &str) {
    assert_eq!(progress(t, &world.acme, email).await, (true, true));
    assert_eq!(t.person(sign_in(&t.request(), email, OWN).await.unwrap()).await.name, "The real one");
    assert_eq!(field(sign_in(&t.request(), email, PASSWORD).await, "password"), FieldProblem::WrongCredentials);
    assert_sound(t, &world.acme).await;
}

/// Taking over and joining are two transactions. What a cut between them leaves is an account that is its person's
/// own, and an invitation that is as good as before.
async fn finish(t: &TestPortal, world: &World, email: &str, secret: &str) {
    match progress(t, &world.acme, email).await {
        (false, false) => {
            assert!(sign_in(&t.request(), email, PASSWORD).await.is_ok(), "nothing was done");
            invitations::accept(&t.request(), secret, joiner()).await.unwrap();
        }
        (true, false) => {
            assert!(invitations::lookup(&t.request(), secret).await.unwrap().has_account);
            let own = t.person(sign_in(&t.request(), email, OWN).await.unwrap()).await;
            invitations::accept(&t.request(), secret, Joiner::Known(&own.visitor)).await.unwrap();
        }
        (proven, true) => assert!(proven),
    }
    assert_taken_over(t, world, email).await;
}

#[tokio::test]
async fn taking_over_an_account_can_be_finished_wherever_it_was_cut() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for point in 1..=40 {
            t.pass(Duration::minutes(15));
            let (email, secret) = squatted(&t, &world, point).await;
            let request = t.request();
            let cut = cancelled(point, point % 2 == 0, invitations::accept(&request, &secret, joiner())).await;
            t.settle().await;
            finish(&t, &world, &email, &secret).await;
            if cut.is_some() {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn taking_over_an_account_can_be_finished_when_it_was_cut_before_joining() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (email, secret) = squatted(&t, &world, 0).await;
        // Nobody joins while this lock is held, so that what happens is cut just there.
        t.sql(&format!("BEGIN; LOCK TABLE {}.members IN SHARE MODE", world.acme.schema())).await;
        let request = t.request();
        let taken_over = async {
            while !progress(&t, &world.acme, &email).await.0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = invitations::accept(&request, &secret, joiner()) => panic!("{:?}", answer.map(|_| ())),
            () = taken_over => {}
        }
        t.sql("ROLLBACK").await;
        t.settle().await;
        assert_eq!(progress(&t, &world.acme, &email).await, (true, false));
        finish(&t, &world, &email, &secret).await;
    })
    .await;
}
