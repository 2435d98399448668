//! Signing in with a password, and choosing a new one.

use std::net::IpAddr;

use domain::audit::{LogId, Outcome};
use domain::fields::FieldProblem;
use domain::problem::Problem;
use futures::future::join_all;
use server::testing::{JournalEntry, PASSWORD, TestPortal};
use server::{accounts, sign_in, sign_up};
use time::Duration;

use crate::support::{field, names, refused};

const NEXT: &str = "a password to come";

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answers() {
    TestPortal::run(async |t| {
        t.world().await;
        let answer = async |email: &str, password: &str| {
            format!("{:?}", sign_in::sign_in(&t.request(), email, password).await.map(|_| ()))
        };
        let (known, unknown) = ("mia@acme.example", "nobody@acme.example");
        for password in ["wrong password", " ", "x", &"x".repeat(2000), "a\0b", "correct horse batter"] {
            assert_eq!(answer(known, password).await, answer(unknown, password).await);
        }
        assert_eq!(answer(known, "").await, answer(unknown, "").await);
        let reset = async |email: &str| format!("{:?}", sign_in::request_reset(&t.request(), email).await);
        assert_eq!(reset(known).await, reset(unknown).await);
        for _ in 0..10 {
            assert_eq!(reset(known).await, reset(unknown).await);
            assert_eq!(answer(known, "wrong").await, answer(unknown, "wrong").await);
        }
        assert!(answer(unknown, PASSWORD).await.contains("TooMany"));
        assert!(t.mail_to(unknown).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn addresses_are_taken_in_any_case_and_nonsense_is_said_at_the_field() {
    TestPortal::run(async |t| {
        t.world().await;
        assert!(sign_in::sign_in(&t.request(), "  MIA@Acme.Example ", PASSWORD).await.is_ok());
        for email in [
            "",
            "mia",
            "mia@",
            "@acme.example",
            "a\0@acme.example",
            "mia@acme.example' OR '1'='1",
            &format!("{}@acme.example", "x".repeat(300)),
        ] {
            field(sign_in::sign_in(&t.request(), email, PASSWORD).await, "email");
            field(sign_in::request_reset(&t.request(), email).await, "email");
        }
        assert_eq!(
            field(sign_in::sign_in(&t.request(), "mia@acme.example", "").await, "password"),
            FieldProblem::Required
        );
    })
    .await;
}

#[tokio::test]
async fn ten_wrong_passwords_close_an_account_for_a_quarter_of_an_hour() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for round in 0..10_u8 {
            // From everywhere: the account is what counts.
            let request = t.request_from([198, 51, 100, round].into());
            assert_eq!(
                field(sign_in::sign_in(&request, &world.mia.email, "wrong").await, "password"),
                FieldProblem::WrongCredentials
            );
        }
        assert_eq!(refused(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await), Problem::TooMany);
        let change = accounts::change_password(&t.request(), &world.mia.visitor, PASSWORD, NEXT).await;
        assert_eq!(refused(change), Problem::TooMany, "the profile is no way around it");
        assert!(sign_in::sign_in(&t.request(), &world.ada.email, PASSWORD).await.is_ok());
        t.pass(Duration::minutes(15));
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_ok());
    })
    .await;
}

/// Entries about tries that were refused.
fn limited(entries: &[JournalEntry]) -> Vec<(&str, Outcome)> {
    names(entries).into_iter().filter(|(action, _)| action.ends_with(".limited")).collect()
}

#[tokio::test]
async fn a_flood_of_guesses_leaves_one_entry_more_than_the_limit() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for email in [world.mia.email.as_str(), "nobody@acme.example"] {
            for _ in 0..2 {
                let journal = t.journal().await;
                for _ in 0..30 {
                    let _wrong_or_too_many = sign_in::sign_in(&t.request(), email, "wrong").await;
                }
                let entries = t.journal().await.since(&journal);
                assert!(entries.iter().all(|entry| entry.log == LogId::Platform));
                assert_eq!(names(&entries)[..10], [("session.started", Outcome::Failed); 10]);
                assert_eq!(names(&entries)[10..], [("sign_in.limited", Outcome::Denied)]);
                // The next window has a first refusal of its own.
                t.pass(Duration::minutes(15));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_door_that_closes_says_so_once() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        t.pass(Duration::hours(1));
        let journal = t.journal().await;
        for _ in 0..12 {
            let _wrong_or_too_many = accounts::change_password(&t.request(), &world.mia.visitor, "wrong", NEXT).await;
            let _wrong_or_too_many = sign_in::sign_in(&t.request(), &world.mia.email, "wrong").await;
            let _sent_or_too_many = sign_in::request_reset(&t.request(), &world.gus.email).await;
        }
        let denied = Outcome::Denied;
        assert_eq!(
            limited(&t.journal().await.since(&journal)),
            [("sign_in.limited", denied), ("mail.limited", denied)]
        );

        let journal = t.journal().await;
        for number in 0..70 {
            let name = format!("Organization {number}");
            let _made_or_too_many = sign_up::create_organization(&t.request(), &world.gus.visitor, &name).await;
        }
        assert_eq!(limited(&t.journal().await.since(&journal)), [("sign_up.limited", denied)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_time_are_counted_before_they_are_judged() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let journal = t.journal().await;
        let guesses = (0..60).map(|_| {
            let (request, email) = (t.request(), world.mia.email.clone());
            tokio::spawn(async move { sign_in::sign_in(&request, &email, "a guess").await })
        });
        let answers: Vec<_> = join_all(guesses).await.into_iter().map(Result::unwrap).collect();
        let judged = answers.iter().filter(|answer| matches!(answer, Err(server::Error::Invalid(_)))).count();
        assert_eq!(judged, 10);
        assert_eq!(limited(&t.journal().await.since(&journal)), [("sign_in.limited", Outcome::Denied)]);
    })
    .await;
}

#[tokio::test]
async fn a_network_that_guesses_is_stopped_and_one_person_has_all_of_a_64() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let from = |host: u16| t.request_from(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]));
        for guess in 0..100_u16 {
            let answer = sign_in::sign_in(&from(guess), &format!("person{guess}@acme.example"), "a guess").await;
            assert_eq!(field(answer, "password"), FieldProblem::WrongCredentials);
        }
        let journal = t.journal().await;
        for guess in 101..110 {
            assert_eq!(refused(sign_in::sign_in(&from(guess), &world.mia.email, PASSWORD).await), Problem::TooMany);
        }
        assert_eq!(names(&t.journal().await.since(&journal)), [("sign_in.limited", Outcome::Denied)]);
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_ok(), "elsewhere it goes on");
    })
    .await;
}

#[tokio::test]
async fn right_passwords_are_never_too_many() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for _ in 0..120 {
            assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_ok());
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let elsewhere = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        assert!(t.visitor(&elsewhere).await.is_some());
        assert_eq!(
            field(accounts::change_password(&t.request(), &world.mia.visitor, "wrong", NEXT).await, "current"),
            FieldProblem::WrongPassword
        );
        for bad in ["", "short", &"x".repeat(257), "with a \0 in it"] {
            field(accounts::change_password(&t.request(), &world.mia.visitor, PASSWORD, bad).await, "password");
        }
        assert!(t.visitor(&elsewhere).await.is_some());
        let grant = accounts::change_password(&t.request(), &world.mia.visitor, PASSWORD, NEXT).await.unwrap();
        assert!(t.visitor(&elsewhere).await.is_none());
        let here = t.carry(grant).await;
        assert_eq!(t.visitor(&here).await.unwrap().account.id, world.mia.account);
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_err());
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_session_of_an_earlier_epoch_is_over() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let session = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        t.sql(&format!("UPDATE platform.accounts SET epoch = epoch + 1 WHERE id = '{}'", world.mia.account)).await;
        assert!(t.visitor(&session).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_reset_ends_all_sessions_and_works_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let session = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let (first, second) = (t.secret_for(&world.mia.email).await, t.secret_for(&world.mia.email).await);
        assert_eq!(field(sign_in::reset(&t.request(), &first, "short").await, "password"), FieldProblem::TooShort(10));
        sign_in::check_reset(&t.request(), &first).await.unwrap();
        sign_in::reset(&t.request(), &first, NEXT).await.unwrap();
        assert!(t.visitor(&session).await.is_none());
        for used in [&first, &second] {
            assert_eq!(refused(sign_in::check_reset(&t.request(), used).await), Problem::LinkUsed);
            assert_eq!(refused(sign_in::reset(&t.request(), used, "an attacker's one").await), Problem::LinkUsed);
        }
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_resets_by_one_link_one_is_done() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let secret = t.secret_for(&world.mia.email).await;
        let tries = (0..20).map(|number| {
            let (request, secret) = (t.request(), secret.clone());
            tokio::spawn(
                async move { (number, sign_in::reset(&request, &secret, &format!("new password {number}")).await) },
            )
        });
        let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        let done: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(number, _)| number).collect();
        assert_eq!(done.len(), 1);
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, &format!("new password {}", done[0])).await.is_ok());
        answers
            .into_iter()
            .filter(|(_, answer)| answer.is_err())
            .for_each(|(_, answer)| assert_eq!(refused(answer), Problem::LinkUsed));
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_ends_after_an_hour_and_with_a_new_password() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let secret = t.secret_for(&world.mia.email).await;
        t.pass(Duration::hours(1));
        assert_eq!(refused(sign_in::reset(&t.request(), &secret, NEXT).await), Problem::LinkExpired);
        let secret = t.secret_for(&world.mia.email).await;
        let _grant = accounts::change_password(&t.request(), &world.mia.visitor, PASSWORD, NEXT).await.unwrap();
        assert_eq!(refused(sign_in::reset(&t.request(), &secret, "an attacker's one").await), Problem::LinkUsed);
    })
    .await;
}

#[tokio::test]
async fn a_reset_proves_the_address() {
    TestPortal::run(async |t| {
        let (sam, _) = t.sign_up("Sam Sign-up", "sam@initech.example", "Initech").await;
        assert!(!sam.visitor.account.email_proven);
        sign_in::request_reset(&t.request(), &sam.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&sam.email).await, PASSWORD).await.unwrap();
        assert!(t.sign_in(&sam.email).await.visitor.account.email_proven);
    })
    .await;
}
