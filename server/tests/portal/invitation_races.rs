//! Whatever comes of an invitation, it comes once, however many try at the same time.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use domain::invitations::InviteForm;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::invitations::{self, Accepted, Joiner};
use server::testing::{Organization, PASSWORD, TestPortal};
use server::{Error, members};

use crate::support::{NEW, accept_as_new, assert_sound, field, names, refused};

const AT_ONCE: usize = 50;
/// Lets many accept at once; exactly one does.
async fn one_of_many<F>(t: &TestPortal, acme: &Organization, accept: impl Fn(usize) -> F) -> AccountId
where
    F: Future<Output = Result<Accepted, Error>> + Send + 'static,
{
    let journal = t.journal().await;
    let tries = (0..AT_ONCE).map(|number| tokio::spawn(accept(number)));
    let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    let (done, refusals): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for problem in refusals.into_iter().map(refused) {
        assert!(
            matches!(problem, Problem::LinkUsed | Problem::SignInFirst | Problem::NotFound | Problem::Changed),
            "{problem:?}"
        );
    }
    let entries = t.journal().await.since(&journal);
    assert_eq!(names(&entries), [("invitation.accepted", Outcome::Done)]);
    let schema = acme.schema();
    assert_eq!(t.number(&format!("SELECT count(*) FROM {schema}.members WHERE email = '{NEW}'")).await, 1);
    assert_eq!(t.number(&format!("SELECT count(*) FROM platform.accounts WHERE email = '{NEW}'")).await, 1);
    assert_sound(t, acme).await;
    done.into_iter().next().unwrap().unwrap().account
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_parallel_acceptances_make_one_new_member() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.invite(&ada, NEW, Role::Admin).await;
        let secret = t.secret_for(NEW).await;
        let account = one_of_many(&t, &world.acme, |_| {
            let (t, secret) = (t.clone(), secret.clone());
            async move { accept_as_new(&t, &secret).await }
        })
        .await;
        assert_eq!(members::lookup(&ada, account).await.unwrap().role, Role::Admin);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_parallel_acceptances_by_different_links_make_one_new_member() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let mut secrets = Vec::new();
        for number in 0..AT_ONCE {
            secrets.push(if number % 2 == 0 {
                t.secret_for(NEW).await
            } else {
                let link = invitations::copy_link(&ada, invitation).await.unwrap().link;
                server::testing::secret_of(&link).to_owned()
            });
        }
        one_of_many(&t, &world.acme, |number| {
            let (t, secret) = (t.clone(), secrets[number].clone());
            async move { accept_as_new(&t, &secret).await }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_parallel_acceptances_make_one_member_of_somebody_who_is_signed_in() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let person = t.join(&gus, "New Person", NEW, Role::Member).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Auditor).await;
        let secret = t.secret_for(NEW).await;
        // Half of them by the link, half by the person's own list.
        let account = one_of_many(&t, &world.acme, |number| {
            let (t, secret, visitor, tenant) = (t.clone(), secret.clone(), person.visitor.clone(), world.acme.id);
            async move {
                if number % 2 == 0 {
                    invitations::accept(&t.request(), &secret, Joiner::Known(&visitor)).await
                } else {
                    invitations::accept_listed(&t.request(), &visitor, tenant, invitation).await
                }
            }
        })
        .await;
        assert_eq!(account, person.account);
        assert_eq!(t.enter(&person, &world.acme).await.visitor().organizations().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepting_and_declining_and_revoking_at_once_has_one_outcome() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        for round in 0..10 {
            let email = format!("round{round}@person.example");
            let invitation = t.invite(&ada, &email, Role::Member).await;
            let secret = t.secret_for(&email).await;
            let journal = t.journal().await;
            let (request, declining) = (t.request(), t.request());
            let joiner = Joiner::New { name: "New Person", password: PASSWORD };
            let (accepted, declined, revoked) = tokio::join!(
                invitations::accept(&request, &secret, joiner),
                invitations::decline(&declining, &secret),
                invitations::revoke(&ada, invitation),
            );
            let outcomes = [accepted.map(|_| ()), declined.map(|_| ()), revoked.map(|_| ())];
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
            outcomes.into_iter().filter(Result::is_err).for_each(|outcome| {
                refused(outcome);
            });
            assert_eq!(t.journal().await.since(&journal).len(), 1);
            assert_sound(&t, &world.acme).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_invited_once_however_many_try_at_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let tries = (0..10).map(|_| {
            let ada = ada.clone();
            let form = InviteForm { email: NEW.to_owned(), role: "member".to_owned() };
            tokio::spawn(async move { invitations::invite(&ada, &form).await })
        });
        let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for answer in answers.into_iter().filter(Result::is_err) {
            assert_eq!(field(answer, "email"), FieldProblem::AlreadyInvited);
        }
    })
    .await;
}
