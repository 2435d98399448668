//! Passkeys: a signature is good once, where it was asked for, and for its own account.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use futures::future::join_all;
use server::factors::passkeys;
use server::sessions::{self, Arrival, Halfway, Stage, Visitor};
use server::testing::{BASE_URL, PASSWORD, Person, TestPortal};
use server::{factors, sign_in, step_up};
use time::Duration;

use crate::device::{Device, RECOGNIZED, encode};
use crate::support::{field, names, refused};

/// Adds a passkey, as somebody who has just signed in.
async fn enrol(t: &TestPortal, person: &Person) -> (Device, Visitor) {
    let visitor = t.sign_in(&person.email).await.visitor;
    let device = Device::new(person.account);
    let options = passkeys::begin(&t.request(), &visitor).await.expect("a challenge");
    let grant = passkeys::add(&t.request(), &visitor, "Laptop", &device.make(&options)).await.expect("a passkey");
    let session = t.carry(grant).await;
    (device, t.visitor(&session).await.expect("the session goes on"))
}

/// Gives the right password.
async fn halfway(t: &TestPortal, person: &Person) -> Halfway {
    let grant = sign_in::sign_in(&t.request(), &person.email, PASSWORD).await.expect("the first step");
    assert_eq!(grant.stage, Stage::Password);
    let session = t.carry(grant).await;
    match sessions::arrival(&t.cookie(session.id())).await.expect("the database answers") {
        Arrival::Halfway(halfway) => halfway,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_each_signature_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, mia) = enrol(&t, &world.mia).await;
        let listed = passkeys::list(&t.request(), &mia).await.unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str(), listed[0].last_used_at), (1, "Laptop", None));
        let journal = t.journal().await;
        let challenge = sign_in::begin_by_passkey(&t.request()).await.unwrap();
        let answer = device.sign(&challenge.options);
        let grant = sign_in::by_passkey(&t.request(), Some(challenge.id), &answer).await.unwrap();
        assert_eq!((grant.stage, grant.account), (Stage::Full, world.mia.account));
        let again = sign_in::by_passkey(&t.request(), Some(challenge.id), &answer).await;
        assert_eq!(field(again, "passkey"), FieldProblem::WrongCode);
        assert_eq!(
            names(&t.journal().await.since(&journal)),
            [("session.started", Outcome::Done), ("session.started", Outcome::Failed)]
        );
        assert!(passkeys::list(&t.request(), &mia).await.unwrap()[0].last_used_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn whatever_is_wrong_with_an_answer_it_opens_nothing_and_is_on_record_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, _) = enrol(&t, &world.mia).await;
        let (mut adas, _) = enrol(&t, &world.ada).await;
        let mut stranger = Device::new(world.mia.account);
        let other = sign_in::begin_by_passkey(&t.request()).await.unwrap();
        for (what, kept) in [
            ("another browser's challenge", Some(other.id)),
            ("no challenge", None),
            ("old", None),
            ("unknown key", None),
            ("another's account", None),
            ("another site", None),
            ("not recognized", None),
            ("changed", None),
            ("no JSON", None),
            ("oversized", None),
        ] {
            let challenge = sign_in::begin_by_passkey(&t.request()).await.unwrap();
            let options = &challenge.options;
            let answer = match what {
                "unknown key" => stranger.sign(options),
                "another's account" => {
                    adas.account = world.mia.account;
                    adas.sign(options)
                }
                "another site" => {
                    device.origin = "https://evil.example";
                    let answer = device.sign(options);
                    device.origin = BASE_URL;
                    answer
                }
                "not recognized" => device.sign_with(options, 1),
                "changed" => device.sign(options).replace("\"signature\":\"ME", "\"signature\":\"MF"),
                "no JSON" => "\u{0}{[".to_owned(),
                "oversized" => device.sign(options) + &" ".repeat(20_000),
                _ => device.sign(options),
            };
            if what == "old" {
                t.pass(Duration::minutes(5));
            }
            let kept = if what == "no challenge" { None } else { kept.or(Some(challenge.id)) };
            let journal = t.journal().await;
            let judged = sign_in::by_passkey(&t.request(), kept, &answer).await;
            assert_eq!(field(judged, "passkey"), FieldProblem::WrongCode, "{what}");
            let entries = t.journal().await.since(&journal);
            assert_eq!(names(&entries), [("session.started", Outcome::Failed)], "{what}");
        }
        let journal = t.journal().await;
        assert_eq!(field(sign_in::by_passkey(&t.request(), None, "").await, "passkey"), FieldProblem::Required);
        assert!(t.journal().await.since(&journal).is_empty(), "who sends nothing has not tried");
    })
    .await;
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_on_record() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, mia) = enrol(&t, &world.mia).await;
        device.counter = 7;
        let options = step_up::begin_by_passkey(&t.request(), &mia).await.unwrap();
        let mia =
            t.person(step_up::by_passkey(&t.request(), &mia, &device.sign(&options)).await.unwrap()).await.visitor;
        let journal = t.journal().await;
        for counter in [8, 3] {
            device.counter = counter;
            let options = step_up::begin_by_passkey(&t.request(), &mia).await.unwrap();
            let answer = step_up::by_passkey(&t.request(), &mia, &device.sign_with(&options, RECOGNIZED)).await;
            assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode, "{counter}");
        }
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("session.elevated", Outcome::Failed), ("session.elevated", Outcome::Failed)]);
        let told = "SELECT count(*) FROM platform.audit_entries WHERE canonical LIKE '%went_back%'";
        assert_eq!(t.number(told).await, 2);
    })
    .await;
}

#[tokio::test]
async fn an_answer_belongs_to_its_session_and_its_purpose() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, mia) = enrol(&t, &world.mia).await;
        let somebody = halfway(&t, &world.mia).await;
        let request = t.request();
        // Asked for at the second step, and brought to a step-up; then the other way round.
        let options = sign_in::begin_second_by_passkey(&request, &somebody).await.unwrap();
        let answer = step_up::by_passkey(&request, &mia, &device.sign(&options)).await;
        assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode);
        let options = step_up::begin_by_passkey(&request, &mia).await.unwrap();
        let answer = sign_in::finish_by_passkey(&request, &somebody, &device.sign(&options)).await;
        assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode);
        // Another session of the same person's.
        let challenge = sign_in::begin_by_passkey(&request).await.unwrap();
        let grant = sign_in::by_passkey(&request, Some(challenge.id), &device.sign(&challenge.options)).await.unwrap();
        let elsewhere = t.person(grant).await.visitor;
        let options = step_up::begin_by_passkey(&request, &elsewhere).await.unwrap();
        let answer = step_up::by_passkey(&request, &mia, &device.sign(&options)).await;
        assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode);
        // Somebody else's passkey, at the right place.
        let (mut adas, _) = enrol(&t, &world.ada).await;
        let options = step_up::begin_by_passkey(&request, &mia).await.unwrap();
        let answer = step_up::by_passkey(&request, &mia, &adas.sign(&options)).await;
        assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode);

        let options = sign_in::begin_second_by_passkey(&request, &somebody).await.unwrap();
        assert!(options.contains(&encode(device.id)), "the person's own are asked for");
        let grant = sign_in::finish_by_passkey(&request, &somebody, &device.sign(&options)).await.unwrap();
        assert_eq!((grant.stage, grant.account), (Stage::Full, world.mia.account));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_use_a_signature_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, _) = enrol(&t, &world.mia).await;
        let challenge = sign_in::begin_by_passkey(&t.request()).await.unwrap();
        let answer = device.sign(&challenge.options);
        let tries = (0..50).map(|_| {
            let (request, answer, id) = (t.request(), answer.clone(), challenge.id);
            tokio::spawn(async move { sign_in::by_passkey(&request, Some(id), &answer).await })
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_has_used_up_the_codes_gets_in_by_passkey() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, _) = enrol(&t, &world.mia).await;
        let somebody = halfway(&t, &world.mia).await;
        for _ in 0..5 {
            let wrong = sign_in::finish_by_code(&t.request(), &somebody, "000000").await;
            assert_eq!(field(wrong, "code"), FieldProblem::WrongCode);
        }
        let limited = sign_in::finish_by_code(&t.request(), &somebody, "000000").await;
        assert_eq!(refused(limited), Problem::TooMany { minutes: 15 });
        let options = sign_in::begin_second_by_passkey(&t.request(), &somebody).await.unwrap();
        let grant = sign_in::finish_by_passkey(&t.request(), &somebody, &device.sign(&options)).await.unwrap();
        assert_eq!(grant.stage, Stage::Full);
    })
    .await;
}

#[tokio::test]
async fn a_passkey_is_added_for_oneself_with_a_fresh_proof_and_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let elsewhere = t.sign_in(&world.mia.email).await;
        let (device, mia) = enrol(&t, &world.mia).await;
        assert!(t.visitor(&elsewhere.session).await.is_none(), "every other session has ended");
        let gus = t.sign_in(&world.gus.email).await.visitor;
        let request = t.request();
        // Mia's challenge, brought by Gus; and Mia's key, which has its owner.
        let options = passkeys::begin(&request, &mia).await.unwrap();
        let own = Device::new(world.gus.account);
        assert_eq!(
            field(passkeys::add(&request, &gus, "", &own.make(&options)).await, "passkey"),
            FieldProblem::WrongCode
        );
        let options = passkeys::begin(&request, &gus).await.unwrap();
        let taken = passkeys::add(&request, &gus, "", &device.make(&options)).await;
        assert_eq!(field(taken, "passkey"), FieldProblem::WrongCode);
        assert!(passkeys::list(&request, &gus).await.unwrap().is_empty());
        // A name that is none, and no answer.
        assert_eq!(field(passkeys::add(&request, &gus, "<b>", "").await, "name"), FieldProblem::Markup);
        let mias = passkeys::list(&request, &mia).await.unwrap().remove(0).id;
        assert_eq!(refused(passkeys::remove(&request, &gus, mias).await), Problem::NotFound);
        t.pass(Duration::minutes(10));
        let request = t.request();
        assert_eq!(refused(passkeys::begin(&request, &mia).await), Problem::StepUpFirst);
        assert_eq!(refused(passkeys::add(&request, &mia, "", "x").await), Problem::StepUpFirst);
        assert_eq!(refused(passkeys::remove(&request, &mia, mias).await), Problem::StepUpFirst);
        assert_eq!(refused(step_up::by_password(&request, &mia, PASSWORD).await), Problem::Changed);
    })
    .await;
}

#[tokio::test]
async fn a_passkey_is_removed_with_every_other_session_and_the_last_with_the_recovery_codes() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, mia) = enrol(&t, &world.mia).await;
        factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        let challenge = sign_in::begin_by_passkey(&t.request()).await.unwrap();
        let answer = device.sign(&challenge.options);
        let id = passkeys::list(&t.request(), &mia).await.unwrap().remove(0).id;
        let journal = t.journal().await;
        let grant = passkeys::remove(&t.request(), &mia, id).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("passkey.removed", Outcome::Done)]);
        assert!(t.visitor(&t.carry(grant).await).await.is_some());
        let gone = sign_in::by_passkey(&t.request(), Some(challenge.id), &answer).await;
        assert_eq!(field(gone, "passkey"), FieldProblem::WrongCode);
        assert_eq!(t.number("SELECT count(*) FROM platform.recovery_codes").await, 0);
        assert_eq!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap().stage, Stage::Full);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_ends_anywhere_is_a_wrong_one() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (mut device, _) = enrol(&t, &world.mia).await;
        let gus = t.sign_in(&world.gus.email).await.visitor;
        let mut his = Device::new(world.gus.account);
        for cut in 0..40_u8 {
            let request = t.request_from(std::net::IpAddr::from([10, 0, 0, cut]));
            device.cut = usize::from(cut).min(36);
            let challenge = sign_in::begin_by_passkey(&request).await.unwrap();
            let answer = sign_in::by_passkey(&request, Some(challenge.id), &device.sign(&challenge.options)).await;
            assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode, "{cut}");
            his.cut = 4 * usize::from(cut);
            let options = passkeys::begin(&request, &gus).await.unwrap();
            let answer = passkeys::add(&request, &gus, "", &his.make(&options)).await;
            assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode, "{cut}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_proves_an_address_is_free_of_the_squatters_passkey() {
    TestPortal::run(async |t| {
        let (squatter, _) = t.sign_up("Squatter", "owner@victim.example", "Squat").await;
        let (mut device, _) = enrol(&t, &squatter).await;
        sign_in::request_reset(&t.request(), &squatter.email).await.unwrap();
        let secret = t.secret_for(&squatter.email).await;
        sign_in::reset(&t.request(), &secret, "the owner's own 77").await.unwrap();
        let challenge = sign_in::begin_by_passkey(&t.request()).await.unwrap();
        let answer = sign_in::by_passkey(&t.request(), Some(challenge.id), &device.sign(&challenge.options)).await;
        assert_eq!(field(answer, "passkey"), FieldProblem::WrongCode);
        assert_eq!(t.number("SELECT count(*) FROM platform.passkeys").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_wrong_answers_ends_at_a_limit() {
    TestPortal::run(async |t| {
        t.world().await;
        let request = t.request_from(std::net::IpAddr::from([10, 0, 0, 1]));
        for _ in 0..100 {
            assert_eq!(field(sign_in::by_passkey(&request, None, "x").await, "passkey"), FieldProblem::WrongCode);
        }
        assert!(matches!(refused(sign_in::by_passkey(&request, None, "x").await), Problem::TooMany { .. }));
    })
    .await;
}

#[tokio::test]
async fn challenges_that_nobody_answered_are_taken_away() {
    TestPortal::run(async |t| {
        t.world().await;
        sign_in::begin_by_passkey(&t.request()).await.unwrap();
        let sweep = async || server::housekeeping::Housekeeping::new(t.portal()).sweep().await.unwrap().challenges;
        assert_eq!(sweep().await, 0);
        t.pass(Duration::minutes(5));
        assert_eq!(sweep().await, 1);
    })
    .await;
}
