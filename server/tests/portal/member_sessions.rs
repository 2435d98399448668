//! What an organization sees of its members' sessions, and the end of one of them there alone.

use domain::audit::Outcome;
use domain::members::{MemberQuery, Source};
use domain::policy::Staleness;
use domain::problem::Problem;
use domain::roles::Role;
use server::jobs::Worker;
use server::members::import;
use server::testing::{Person, TestPortal};
use server::{Access, members, sessions};
use time::Duration;

use crate::session_limits::{comes, in_both, prove};
use crate::support::{names, refused};

/// The sessions of somebody that an organization sees, the most recent first.
async fn seen(access: &Access, of: &Person) -> Vec<domain::ids::SessionId> {
    members::list_sessions(access, of.account).await.expect("sessions").into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn an_organization_sees_the_sessions_that_come_to_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        in_both(&t, &w).await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        comes(&t, &w.mia, "acme").await.unwrap();
        t.pass(Duration::minutes(10));
        let (other, elsewhere) = (t.sign_in(&w.mia.email).await, t.sign_in(&w.mia.email).await);
        comes(&t, &other, "acme").await.unwrap();
        comes(&t, &elsewhere, "globex").await.unwrap();
        assert_eq!(seen(&ada, &w.mia).await, [other.visitor.session, w.mia.visitor.session]);
        assert_eq!(seen(&gus, &w.mia).await, [elsewhere.visitor.session]);
        assert_eq!(seen(&ada, &w.gus).await, []);
        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(members::list_sessions(&mia, w.ada.account).await), Problem::Forbidden);

        // What has ended is gone, and so is what nobody has used for long.
        let visitor = t.visitor(&w.mia.session).await.unwrap();
        sessions::end(&t.request(), &visitor, other.visitor.session).await.unwrap();
        assert_eq!(seen(&t.enter(&w.ada, &w.acme).await, &w.mia).await, [w.mia.visitor.session]);
        t.pass(Duration::days(91));
        let latest = t.sign_in(&w.mia.email).await;
        comes(&t, &latest, "acme").await.unwrap();
        let kept =
            format!("SELECT count(*) FROM {}.member_sessions WHERE account_id = '{}'", w.acme.schema(), w.mia.account);
        assert_eq!(t.number(&kept).await, 1);
    })
    .await;
}

#[tokio::test]
async fn one_session_is_ended_here_and_the_others_go_on() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        in_both(&t, &w).await;
        let other = t.sign_in(&w.mia.email).await;
        for person in [&w.mia, &other] {
            for slug in ["acme", "globex"] {
                comes(&t, person, slug).await.unwrap();
            }
        }
        let ben = t.enter(&w.ben, &w.acme).await;
        let journal = t.journal().await;
        members::end_session(&ben, w.mia.account, other.visitor.session).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("member.session_ended", Outcome::Done)]);
        assert_eq!(entries[0].log, w.acme.log());
        assert_eq!(comes(&t, &other, "acme").await, Err(Problem::SignInAgain(Staleness::Ended)));
        assert_eq!(comes(&t, &other, "globex").await, Ok(()));
        assert_eq!(comes(&t, &w.mia, "acme").await, Ok(()));
        assert_eq!(seen(&t.enter(&w.ben, &w.acme).await, &w.mia).await, [w.mia.visitor.session]);
        assert_eq!(comes(&t, &prove(&t, &other).await, "acme").await, Ok(()));

        // Nobody above, not oneself, and nobody's elsewhere.
        let ben = t.enter(&w.ben, &w.acme).await;
        for (whom, session, problem) in [
            (w.ada.account, w.ada.visitor.session, Problem::Forbidden),
            (w.ben.account, w.ben.visitor.session, Problem::Yourself),
            (w.gus.account, w.gus.visitor.session, Problem::NotFound),
            (w.mia.account, w.ben.visitor.session, Problem::NotFound),
        ] {
            assert_eq!(refused(members::end_session(&ben, whom, session).await), problem);
        }
        let gus = t.enter(&w.gus, &w.globex).await;
        let foreign = members::end_session(&gus, w.ben.account, w.ben.visitor.session).await;
        assert_eq!(refused(foreign), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn it_is_known_how_somebody_came_to_be_a_member() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let file = b"email,name,role\nzoe@acme.example,Zoe,member\n";
        let id = import::check(&ada, file).await.unwrap();
        import::start(&ada, id, false).await.unwrap();
        let worker = Worker::new(t.portal());
        while worker.work_next().await.unwrap() {}
        let secret = t.secret_for("zoe@acme.example").await;
        let joiner = server::invitations::Joiner::New { name: "Zoe", password: server::testing::PASSWORD };
        server::invitations::accept(&t.request(), &secret, joiner).await.unwrap();
        t.join(&ada, "Amy", "amy@acme.example", Role::Auditor).await;
        for (source, expected) in [
            (Source::Founder, vec!["ada@acme.example"]),
            (Source::Invitation, vec!["amy@acme.example", "ben@acme.example", "mia@acme.example"]),
            (Source::Import, vec!["zoe@acme.example"]),
        ] {
            let query = MemberQuery { source: Some(source), ..MemberQuery::default() };
            let list = members::list(&ada, &query).await.unwrap();
            assert_eq!(list.total, expected.len() as u64);
            assert!(list.rows.iter().all(|member| member.source == source));
            assert_eq!(list.rows.into_iter().map(|member| member.email).collect::<Vec<_>>(), expected);
        }
    })
    .await;
}
