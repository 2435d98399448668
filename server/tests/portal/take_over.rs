//! Somebody proves an address whose account is somebody else's word, and is cut short on the way.

use domain::fields::FieldProblem;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::sign_in::sign_in;
use server::testing::{Organization, PASSWORD, TestPortal, secret_of};
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

/// Taking over and joining are two transactions. What a cut between them leaves is an account that is its person's
/// own, and an invitation that is as good as before.
#[tokio::test]
async fn taking_over_an_account_can_be_finished_wherever_it_was_cut() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut begun, mut between, mut done) = (0, 0, 0);
        for point in 1.. {
            t.pass(Duration::minutes(15));
            let email = format!("n{point}@person.example");
            let (ada, gus) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.gus, &world.globex).await);
            let copied = t.invite(&gus, &email, Role::Member).await;
            let copied = invitations::copy_link(&gus, copied).await.unwrap();
            let squatter = Joiner::New { name: "Squatter", password: PASSWORD };
            invitations::accept(&t.request(), secret_of(&copied.link), squatter).await.unwrap();
            t.invite(&ada, &email, Role::Member).await;
            let secret = t.secret_for(&email).await;
            let joiner = || Joiner::New { name: "The real one", password: OWN };

            let request = t.request();
            let cut = cancelled(point, true, invitations::accept(&request, &secret, joiner())).await;
            t.settle().await;
            match progress(&t, &world.acme, &email).await {
                (false, false) => {
                    begun += 1;
                    assert!(sign_in(&t.request(), &email, PASSWORD).await.is_ok(), "nothing was done");
                    invitations::accept(&t.request(), &secret, joiner()).await.unwrap();
                }
                (true, false) => {
                    between += 1;
                    assert!(invitations::lookup(&t.request(), &secret).await.unwrap().has_account);
                    let own = t.person(sign_in(&t.request(), &email, OWN).await.unwrap()).await;
                    invitations::accept(&t.request(), &secret, Joiner::Known(&own.visitor)).await.unwrap();
                }
                (proven, true) => {
                    assert!(proven);
                    done += usize::from(cut.is_some());
                }
            }
            assert_eq!(progress(&t, &world.acme, &email).await, (true, true));
            assert_eq!(t.person(sign_in(&t.request(), &email, OWN).await.unwrap()).await.name, "The real one");
            assert_eq!(
                field(sign_in(&t.request(), &email, PASSWORD).await, "password"),
                FieldProblem::WrongCredentials
            );
            assert_sound(&t, &world.acme).await;
            if done == 2 {
                break;
            }
        }
        assert!(begun > 0 && between > 0, "{begun} were cut before and {between} between");
    })
    .await;
}
