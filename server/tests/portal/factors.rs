//! Authenticator apps: a code is good once, for one account, and nobody guesses one.

use std::collections::HashMap;

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::edges::Clock as _;
use server::invitations::{self, Joiner};
use server::sessions::{self, Arrival, Halfway, Stage, Visitor};
use server::testing::{PASSWORD, Person, TestPortal, secret_of};
use server::{Error, factors, sign_in, step_up};
use time::Duration;
use totp_rs::{Builder, Secret, Totp};

use crate::support::{field, names, refused};

/// An app as somebody has it on their phone.
pub struct App(Totp);

impl App {
    pub fn with(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("Base32");
        Self(Builder::new().with_secret(secret).build().expect("an app"))
    }

    /// What it shows now.
    pub fn code(&self, t: &TestPortal) -> String {
        self.0.generate(t.clock().now().unix_timestamp().unsigned_abs()).to_string()
    }

    /// A code that it does not show for a minute around now.
    pub fn wrong(&self, t: &TestPortal) -> String {
        let now = t.clock().now().unix_timestamp().unsigned_abs();
        let near = [now - 30, now, now + 30].map(|at| self.0.generate(at).to_string());
        (0..4).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).expect("four are not three")
    }
}

/// Sets an app up, as somebody who has just signed in.
pub async fn enrol(t: &TestPortal, person: &Person) -> (App, Visitor) {
    let visitor = t.sign_in(&person.email).await.visitor;
    let id = factors::begin(&t.request(), &visitor).await.expect("an enrolment");
    let app = App::with(&factors::enrolment(&t.request(), &visitor, id).await.expect("a secret").secret);
    let grant = factors::confirm(&t.request(), &visitor, id, "Phone", &app.code(t)).await.expect("an app");
    let session = t.carry(grant).await;
    // Its first code is spent.
    t.pass(Duration::seconds(30));
    (app, t.visitor(&session).await.expect("the session goes on"))
}

/// Gives the right password.
pub async fn halfway(t: &TestPortal, person: &Person) -> Halfway {
    let grant = sign_in::sign_in(&t.request(), &person.email, PASSWORD).await.expect("the first step");
    assert_eq!(grant.stage, Stage::Password);
    let session = t.carry(grant).await;
    assert!(t.visitor(&session).await.is_none(), "the password alone is nobody's session");
    match sessions::arrival(&t.cookie(session.id())).await.expect("the database answers") {
        Arrival::Halfway(halfway) => halfway,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sign_in_asks_for_a_code_and_takes_each_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, _) = enrol(&t, &world.mia).await;
        let journal = t.journal().await;
        let first = halfway(&t, &world.mia).await;
        let wrong = sign_in::finish_by_code(&t.request(), &first, &app.wrong(&t)).await;
        assert_eq!(field(wrong, "code"), FieldProblem::WrongCode);
        let code = app.code(&t);
        let grant = sign_in::finish_by_code(&t.request(), &first, &code).await.unwrap();
        assert_eq!((grant.stage, grant.account), (Stage::Full, world.mia.account));
        let again = halfway(&t, &world.mia).await;
        assert_eq!(field(sign_in::finish_by_code(&t.request(), &again, &code).await, "code"), FieldProblem::WrongCode);
        assert_eq!(
            names(&t.journal().await.since(&journal)),
            [
                ("session.password_accepted", Outcome::Done),
                ("session.started", Outcome::Failed),
                ("session.started", Outcome::Done),
                ("session.password_accepted", Outcome::Done),
                ("session.started", Outcome::Failed),
            ]
        );
        // Ada has none, and signs in as before.
        assert_eq!(sign_in::sign_in(&t.request(), &world.ada.email, PASSWORD).await.unwrap().stage, Stage::Full);
    })
    .await;
}

#[tokio::test]
async fn a_clock_may_be_a_step_off_and_no_more() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, _) = enrol(&t, &world.mia).await;
        t.pass(Duration::minutes(5));
        for (seconds, taken) in [(-60_i64, false), (-30, true), (30, true), (60, false)] {
            let at = (t.clock().now().unix_timestamp() + seconds).unsigned_abs();
            let somebody = halfway(&t, &world.mia).await;
            let answer = sign_in::finish_by_code(&t.request(), &somebody, &app.0.generate(at).to_string()).await;
            assert_eq!(answer.is_ok(), taken, "{seconds} seconds");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_use_a_code_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, _) = enrol(&t, &world.mia).await;
        let (code, somebody) = (app.code(&t), halfway(&t, &world.mia).await);
        let tries = (0..50).map(|_| {
            let (request, somebody, code) = (t.request(), somebody.clone(), code.clone());
            tokio::spawn(async move { sign_in::finish_by_code(&request, &somebody, &code).await })
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_guesses_at_all_doors_from_fifty_addresses_are_five() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, visitor) = enrol(&t, &world.mia).await;
        let open = factors::begin(&t.request(), &visitor).await.unwrap();
        let (somebody, wrong) = (halfway(&t, &world.mia).await, app.wrong(&t));
        for (window, evaluated) in [(Duration::ZERO, 5), (Duration::minutes(15), 5), (Duration::minutes(15), 5)] {
            t.pass(window);
            // What was begun to be set up is over by then.
            let doors = if window.is_zero() { 4 } else { 3 };
            let journal = t.journal().await;
            let guesses = (0..1000_u32).map(|guess| {
                let request = t.request_from(std::net::IpAddr::from([10, 0, 0, u8::try_from(guess % 50).unwrap()]));
                let (somebody, visitor, wrong) = (somebody.clone(), visitor.clone(), wrong.clone());
                async move {
                    match guess % doors {
                        2 => sign_in::finish_by_recovery_code(&request, &somebody, "0000-0000-0000-0000")
                            .await
                            .map(|_| ()),
                        0 => sign_in::finish_by_code(&request, &somebody, &wrong).await.map(|_| ()),
                        1 => step_up::by_code(&request, &visitor, &wrong).await.map(|_| ()),
                        _ => factors::confirm(&request, &visitor, open, "", &wrong).await.map(|_| ()),
                    }
                }
            });
            let mut answers = HashMap::new();
            for answer in join_all(guesses).await {
                let kind = match answer {
                    Err(Error::Invalid(_)) => "evaluated",
                    Err(Error::Refused(Problem::TooMany { minutes: 15 })) => "refused",
                    other => panic!("{other:?}"),
                };
                *answers.entry(kind).or_insert(0) += 1;
            }
            assert_eq!(answers, HashMap::from([("evaluated", evaluated), ("refused", 1000 - evaluated)]));
            let entries = t.journal().await.since(&journal);
            let denied = entries.iter().filter(|entry| entry.outcome == Outcome::Denied).count();
            assert_eq!((entries.len(), denied), (6, 1), "each wrong one and the first refusal are on record");
        }
        let right = sign_in::finish_by_code(&t.request(), &somebody, &app.code(&t)).await;
        assert_eq!(refused(right), Problem::TooMany { minutes: 15 }, "not even a right one is looked at");
        t.pass(Duration::minutes(15));
        let visitor = t.sign_in(&world.gus.email).await.visitor;
        assert!(step_up::by_password(&t.request(), &visitor, PASSWORD).await.is_ok(), "others go on");
    })
    .await;
}

#[tokio::test]
async fn a_day_has_twenty_wrong_codes() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, visitor) = enrol(&t, &world.mia).await;
        let mut evaluated = 0;
        for _ in 0..12 {
            t.pass(Duration::minutes(16));
            for _ in 0..6 {
                match step_up::by_code(&t.request(), &visitor, &app.wrong(&t)).await {
                    Err(Error::Invalid(_)) => evaluated += 1,
                    other => assert!(matches!(refused(other), Problem::TooMany { .. })),
                }
            }
        }
        assert_eq!(evaluated, 20);
        let answer = step_up::by_code(&t.request(), &visitor, &app.code(&t)).await;
        let Problem::TooMany { minutes } = refused(answer) else { panic!("it is a limit") };
        assert!((15..1440).contains(&minutes), "{minutes} minutes are left of the day");
        t.pass(Duration::DAY);
        assert!(step_up::by_code(&t.request(), &visitor, &app.code(&t)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_secret_opens_in_its_own_row_only() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mias, _) = enrol(&t, &world.mia).await;
        let (_, ada) = enrol(&t, &world.ada).await;
        let swap = |from, to| {
            format!(
                "UPDATE platform.authenticators a SET secret = b.secret FROM platform.authenticators b
                 WHERE a.account_id = '{to}' AND b.account_id = '{from}'"
            )
        };
        t.sql(&swap(world.mia.account, world.ada.account)).await;
        let answer = step_up::by_code(&t.request(), &ada, &mias.code(&t)).await;
        assert!(matches!(answer, Err(Error::Internal(_))), "{answer:?}");
        t.sql("UPDATE platform.authenticators SET secret = set_byte(secret, 20, get_byte(secret, 20) # 1)").await;
        let somebody = halfway(&t, &world.mia).await;
        let answer = sign_in::finish_by_code(&t.request(), &somebody, &mias.code(&t)).await;
        assert!(matches!(answer, Err(Error::Internal(_))), "{answer:?}");
        let stored = t.text("SELECT string_agg(encode(secret, 'hex'), '') FROM platform.authenticators").await;
        assert!(!stored.contains(&hex::encode(mias.0.secret().as_ref())));
    })
    .await;
}

#[tokio::test]
async fn nobody_touches_somebody_elses_app() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        let mias = factors::list(&t.request(), &mia).await.unwrap().remove(0).id;
        let begun = factors::begin(&t.request(), &mia).await.unwrap();
        let gus = t.sign_in(&world.gus.email).await.visitor;
        assert_eq!(refused(factors::remove(&t.request(), &gus, mias).await), Problem::NotFound);
        assert_eq!(refused(factors::enrolment(&t.request(), &gus, begun).await), Problem::NotFound);
        assert_eq!(refused(factors::confirm(&t.request(), &gus, begun, "", "123456").await), Problem::NotFound);
        assert!(factors::list(&t.request(), &gus).await.unwrap().is_empty());
        assert_eq!(factors::list(&t.request(), &mia).await.unwrap().len(), 1);
        // What was begun is over after a while.
        t.pass(Duration::minutes(15));
        let grant = step_up::by_code(&t.request(), &mia, &app.code(&t)).await.unwrap();
        let mia = t.person(grant).await.visitor;
        assert_eq!(refused(factors::enrolment(&t.request(), &mia, begun).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_factors_ends_every_other_session_at_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let elsewhere = t.sign_in(&world.mia.email).await;
        let (app, mia) = enrol(&t, &world.mia).await;
        assert!(t.visitor(&elsewhere.session).await.is_none());
        let somebody = halfway(&t, &world.mia).await;
        let id = factors::list(&t.request(), &mia).await.unwrap().remove(0).id;
        let journal = t.journal().await;
        let grant = factors::remove(&t.request(), &mia, id).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("authenticator.removed", Outcome::Done)]);
        assert!(t.visitor(&t.carry(grant).await).await.is_some());
        let answer = sign_in::finish_by_code(&t.request(), &somebody, &app.code(&t)).await;
        assert_eq!(field(answer, "code"), FieldProblem::WrongCode, "the app is gone");
    })
    .await;
}

#[tokio::test]
async fn who_changes_the_password_ends_a_sign_in_that_was_halfway() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        let somebody = halfway(&t, &world.mia).await;
        let _grant =
            server::accounts::change_password(&t.request(), &mia, PASSWORD, "quite another one 7").await.unwrap();
        let answer = sign_in::finish_by_code(&t.request(), &somebody, &app.code(&t)).await;
        assert_eq!(refused(answer), Problem::Changed);
    })
    .await;
}

#[tokio::test]
async fn a_fresh_proof_is_asked_for_after_ten_minutes() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.sign_in(&world.gus.email).await;
        t.pass(Duration::minutes(10));
        assert_eq!(refused(factors::begin(&t.request(), &gus.visitor).await), Problem::StepUpFirst);
        assert_eq!(
            field(step_up::by_password(&t.request(), &gus.visitor, "wrong").await, "password"),
            FieldProblem::WrongPassword
        );
        let journal = t.journal().await;
        let grant = step_up::by_password(&t.request(), &gus.visitor, PASSWORD).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("session.elevated", Outcome::Done)]);
        let session = t.carry(grant).await;
        assert!(t.visitor(&gus.session).await.is_none(), "the secret of before is of no use");
        let again = t.visitor(&session).await.unwrap();
        assert_eq!(again.session, gus.visitor.session);
        factors::begin(&t.request(), &again).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_has_an_app_steps_up_by_its_code_and_not_by_the_password() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        t.pass(Duration::minutes(10));
        assert_eq!(refused(step_up::by_password(&t.request(), &mia, PASSWORD).await), Problem::Changed);
        let session = t.carry(step_up::by_code(&t.request(), &mia, &app.code(&t)).await.unwrap()).await;
        t.visitor(&session).await.unwrap().require_fresh(&t.request()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_password_by_mail_leaves_the_second_step_where_it_was() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        enrol(&t, &world.mia).await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let secret = t.secret_for(&world.mia.email).await;
        sign_in::reset(&t.request(), &secret, "chosen by mail 77").await.unwrap();
        let grant = sign_in::sign_in(&t.request(), &world.mia.email, "chosen by mail 77").await.unwrap();
        assert_eq!(grant.stage, Stage::Password);
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_an_account_over_by_an_invitation_is_free_of_the_squatters_app() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (ada, gus) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.gus, &world.globex).await);
        let (victim, password) = ("owner@victim.example", "the owner's own 77");
        let copied = t.invite(&gus, victim, Role::Member).await;
        let link = invitations::copy_link(&gus, copied).await.unwrap().link;
        let squatter = Joiner::New { name: "Squatter", password: PASSWORD };
        invitations::accept(&t.request(), secret_of(&link), squatter).await.unwrap();
        let squatter = t.sign_in(victim).await;
        let (app, _) = enrol(&t, &squatter).await;
        let somebody = halfway(&t, &squatter).await;
        let _wrong = sign_in::finish_by_code(&t.request(), &somebody, &app.wrong(&t)).await;
        t.invite(&ada, victim, Role::Member).await;
        let owner = Joiner::New { name: "Owner", password };
        invitations::accept(&t.request(), &t.secret_for(victim).await, owner).await.unwrap();
        assert_eq!(sign_in::sign_in(&t.request(), victim, password).await.unwrap().stage, Stage::Full);
        for table in ["authenticators", "code_tries"] {
            assert_eq!(t.number(&format!("SELECT count(*) FROM platform.{table}")).await, 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_password_alone_changes_nothing_of_who_has_an_app() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        let begun = factors::begin(&t.request(), &mia).await.unwrap();
        t.pass(Duration::minutes(10));
        let next = "quite another one 7";
        let asked = server::accounts::change_password(&t.request(), &mia, PASSWORD, next).await;
        assert_eq!(refused(asked), Problem::StepUpFirst, "a session that begins anew would be a fresh proof");
        // What was begun in time neither shows its secret any more nor can be finished.
        assert_eq!(refused(factors::enrolment(&t.request(), &mia, begun).await), Problem::StepUpFirst);
        assert_eq!(refused(factors::confirm(&t.request(), &mia, begun, "", "123456").await), Problem::StepUpFirst);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_was_ended_meanwhile_changes_nothing_and_begins_none() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        let begun = factors::begin(&t.request(), &mia).await.unwrap();
        let mias = factors::list(&t.request(), &mia).await.unwrap().remove(0).id;
        t.sql(&format!("DELETE FROM platform.sessions WHERE account_id = '{}'", mia.account.id)).await;
        let request = t.request();
        let changed = server::accounts::change_password(&request, &mia, PASSWORD, "quite another one 7").await;
        assert_eq!(refused(changed), Problem::Changed);
        assert_eq!(refused(factors::begin(&request, &mia).await), Problem::Changed);
        assert_eq!(refused(factors::confirm(&request, &mia, begun, "", &app.code(&t)).await), Problem::Changed);
        assert_eq!(refused(factors::remove(&request, &mia, mias).await), Problem::Changed);
        assert_eq!(refused(factors::generate_recovery_codes(&request, &mia).await), Problem::Changed);
        assert!(sign_in::sign_in(&request, &world.mia.email, PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn sign_ins_that_are_halfway_are_no_sessions_and_one_at_most() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        let former = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        halfway(&t, &world.mia).await;
        assert!(matches!(sessions::arrival(&t.cookie(former.id())).await.unwrap(), Arrival::Nobody));
        assert_eq!(sessions::list(&t.request(), &mia).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_is_halfway_ends_with_all_others() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        let somebody = halfway(&t, &world.mia).await;
        assert_eq!(sessions::end_others(&t.request(), &mia).await.unwrap(), 1);
        let answer = sign_in::finish_by_code(&t.request(), &somebody, &app.code(&t)).await;
        assert_eq!(refused(answer), Problem::Changed);
        let somebody = halfway(&t, &world.mia).await;
        let _grant = sign_in::finish_by_code(&t.request(), &somebody, &app.code(&t)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_proves_an_address_is_free_of_the_squatters_app() {
    TestPortal::run(async |t| {
        let (squatter, _) = t.sign_up("Squatter", "owner@victim.example", "Squat").await;
        enrol(&t, &squatter).await;
        sign_in::request_reset(&t.request(), &squatter.email).await.unwrap();
        let secret = t.secret_for(&squatter.email).await;
        sign_in::reset(&t.request(), &secret, "the owner's own 77").await.unwrap();
        let grant = sign_in::sign_in(&t.request(), &squatter.email, "the owner's own 77").await.unwrap();
        assert_eq!(grant.stage, Stage::Full);
        assert_eq!(t.number("SELECT count(*) FROM platform.authenticators").await, 0);
    })
    .await;
}

#[tokio::test]
async fn tries_are_kept_for_a_day() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        let _wrong = step_up::by_code(&t.request(), &mia, &app.wrong(&t)).await;
        let sweep = async || server::housekeeping::Housekeeping::new(t.portal()).sweep().await.unwrap().tries;
        assert_eq!(sweep().await, 0);
        t.pass(Duration::DAY);
        assert_eq!(sweep().await, 1);
    })
    .await;
}
