//! How old, unused and many a person's sessions may be for an organization, and an end to them there alone.

use domain::audit::Outcome;
use domain::policy::{SecurityPolicy, Staleness};
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::{PASSWORD, Person, TestPortal, World};
use server::{access, accounts, factors, invitations, members, sessions, step_up};
use time::Duration;

use crate::factors::App;
use crate::support::{names, put_policy, refused};

/// Makes Mia a member of Globex, too.
pub async fn in_both(t: &TestPortal, world: &World) {
    let gus = t.enter(&world.gus, &world.globex).await;
    t.invite(&gus, &world.mia.email, Role::Member).await;
    let invitation = invitations::list_mine(&t.request(), &world.mia.visitor).await.unwrap()[0].offer.invitation;
    invitations::accept_listed(&t.request(), &world.mia.visitor, world.globex.id, invitation).await.unwrap();
}

async fn ask(t: &TestPortal, world: &World, policy: SecurityPolicy) {
    put_policy(&t.enter(&world.ada, &world.acme).await, &policy).await.unwrap();
}

/// Comes by with a session, as a request does: it counts as used from then on.
pub async fn comes(t: &TestPortal, person: &Person, slug: &str) -> Result<(), Problem> {
    let visitor = t.visitor(&person.session).await.expect("a session that is alive");
    let request = t.request();
    sessions::seen(&request, &visitor).await.unwrap();
    match access::enter(&request, &visitor, slug, access::Purpose::Read).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<()>(Err(error))),
    }
}

/// Shows once more who somebody is.
pub async fn prove(t: &TestPortal, person: &Person) -> Person {
    let visitor = t.visitor(&person.session).await.expect("a session that is alive");
    t.person(step_up::by_password(&t.request(), &visitor, PASSWORD).await.unwrap()).await
}

#[tokio::test]
async fn a_session_that_was_left_alone_needs_a_proof_whoever_uses_it_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        in_both(&t, &world).await;
        ask(&t, &world, SecurityPolicy { idle_minutes: 15, ..SecurityPolicy::default() }).await;
        for _ in 0..4 {
            t.pass(Duration::minutes(14));
            assert_eq!(comes(&t, &world.mia, "acme").await, Ok(()));
        }
        t.pass(Duration::minutes(15));
        for _ in 0..3 {
            assert_eq!(comes(&t, &world.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Idle)));
            assert_eq!(comes(&t, &world.mia, "globex").await, Ok(()));
        }
        let mia = prove(&t, &world.mia).await;
        assert_eq!(comes(&t, &mia, "acme").await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_session_in_use_needs_a_proof_in_the_end() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        in_both(&t, &world).await;
        ask(&t, &world, SecurityPolicy { absolute_minutes: 60, idle_minutes: 60, ..SecurityPolicy::default() }).await;
        let mia = t.sign_in(&world.mia.email).await;
        for _ in 0..6 {
            assert_eq!(comes(&t, &mia, "acme").await, Ok(()));
            t.pass(Duration::minutes(10));
        }
        assert_eq!(comes(&t, &mia, "acme").await, Err(Problem::SignInAgain(Staleness::Age)));
        assert_eq!(comes(&t, &mia, "globex").await, Ok(()));
        let mia = prove(&t, &mia).await;
        assert_eq!(comes(&t, &mia, "acme").await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn only_the_newest_sessions_come_in() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        in_both(&t, &world).await;
        ask(&t, &world, SecurityPolicy { sessions_per_person: Some(2), ..SecurityPolicy::default() }).await;
        let first = &world.mia;
        let (second, third) = (t.sign_in(&first.email).await, t.sign_in(&first.email).await);
        let displaced = Err(Problem::SignInAgain(Staleness::Displaced));
        assert_eq!(comes(&t, first, "acme").await, displaced);
        assert_eq!(comes(&t, first, "globex").await, Ok(()));
        assert_eq!((comes(&t, &second, "acme").await, comes(&t, &third, "acme").await), (Ok(()), Ok(())));
        let first = prove(&t, first).await;
        assert_eq!((comes(&t, &first, "acme").await, comes(&t, &second, "acme").await), (Ok(()), displaced));
        // Another person's sessions are none of hers.
        t.sign_in(&world.ben.email).await;
        assert_eq!(comes(&t, &third, "acme").await, Ok(()));
        let mia = t.visitor(&first.session).await.unwrap();
        sessions::end(&t.request(), &mia, third.visitor.session).await.unwrap();
        assert_eq!(comes(&t, &second, "acme").await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn access_ends_here_and_now_and_nowhere_else() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        in_both(&t, &world).await;
        let other = t.sign_in(&world.mia.email).await;
        let ben = t.enter(&world.ben, &world.acme).await;
        let journal = t.journal().await;
        members::end_access(&ben, world.mia.account).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("member.access_ended", Outcome::Done)]);
        assert_eq!(entries[0].log, world.acme.log());
        for session in [&world.mia, &other] {
            assert_eq!(comes(&t, session, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
            assert_eq!(comes(&t, session, "globex").await, Ok(()));
        }
        assert_eq!(comes(&t, &prove(&t, &other).await, "acme").await, Ok(()));
        assert_eq!(comes(&t, &t.sign_in(&world.mia.email).await, "acme").await, Ok(()));
        assert_eq!(comes(&t, &world.mia, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
    })
    .await;
}

#[tokio::test]
async fn an_owners_access_is_ended_by_no_admin_and_nobody_ends_their_own() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ben = t.enter(&world.ben, &world.acme).await;
        assert_eq!(refused(members::end_access(&ben, world.ada.account).await), Problem::Forbidden);
        assert_eq!(refused(members::end_access(&ben, world.ben.account).await), Problem::Yourself);
        assert_eq!(refused(members::end_access(&ben, world.gus.account).await), Problem::NotFound);
        let mia = t.enter(&world.mia, &world.acme).await;
        assert_eq!(refused(members::end_access(&mia, world.ben.account).await), Problem::Forbidden);
        assert_eq!(comes(&t, &world.ada, "acme").await, Ok(()));
        let ada = t.enter(&world.ada, &world.acme).await;
        members::end_access(&ada, world.ben.account).await.unwrap();
        assert_eq!(comes(&t, &world.ben, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
    })
    .await;
}

#[tokio::test]
async fn who_changes_what_they_sign_in_with_has_not_shown_who_they_are() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ben = t.enter(&world.ben, &world.acme).await;
        members::end_access(&ben, world.mia.account).await.unwrap();
        let session = |visitor: &sessions::Visitor| (visitor.session, visitor.authenticated_at);
        let mia = &world.mia.visitor;
        let id = factors::begin(&t.request(), mia).await.unwrap();
        let app = App::with(&factors::enrolment(&t.request(), mia, id).await.unwrap().secret);
        t.pass(Duration::minutes(9));
        let mia = t.person(factors::confirm(&t.request(), mia, id, "", &app.code(&t)).await.unwrap()).await;
        let expires = "SELECT to_char(expires_at, 'YYYY-MM-DD') FROM platform.sessions WHERE id = ";
        let expires = t.text(&format!("{expires}'{}'", mia.visitor.session)).await;
        assert_eq!((session(&mia.visitor), expires.as_str()), (session(&world.mia.visitor), "2026-02-04"));
        assert_eq!(comes(&t, &mia, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));

        // It counts as a fresh proof for what a session is asked for itself, and a removal does not.
        t.pass(Duration::minutes(9));
        let next = "seven odd hats in a row";
        let mia = t.visitor(&mia.session).await.unwrap();
        let mia = t.person(accounts::change_password(&t.request(), &mia, PASSWORD, next).await.unwrap()).await;
        let mia = t.person(factors::remove(&t.request(), &mia.visitor, id).await.unwrap()).await;
        assert_eq!(session(&mia.visitor), session(&world.mia.visitor));
        assert_eq!(comes(&t, &mia, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
        t.pass(Duration::minutes(2));
        assert_eq!(refused(mia.visitor.require_fresh(&t.request())), Problem::StepUpFirst);
    })
    .await;
}
