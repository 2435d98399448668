//! How often somebody may try, and what is on record of those who tried too often.

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

/// Entries about tries that were refused.
fn limited(entries: &[JournalEntry]) -> Vec<(&str, Outcome)> {
    names(entries).into_iter().filter(|(action, _)| action.ends_with(".limited")).collect()
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
        assert_eq!(
            refused(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await),
            Problem::TooMany { minutes: 15 }
        );
        assert!(sign_in::sign_in(&t.request(), &world.ada.email, PASSWORD).await.is_ok());
        t.pass(Duration::minutes(15));
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn strangers_who_guess_do_not_keep_the_owner_from_another_password() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for _ in 0..20 {
            let _wrong_or_too_many = sign_in::sign_in(&t.request(), &world.mia.email, "wrong").await;
        }
        let grant = accounts::change_password(&t.request(), &world.mia.visitor, PASSWORD, NEXT).await.unwrap();
        let mia = t.person(grant).await.visitor;
        // Whoever found the browser open has as many tries, and no more.
        for _ in 0..10 {
            let wrong = accounts::change_password(&t.request(), &mia, "wrong", NEXT).await;
            assert_eq!(field(wrong, "current"), FieldProblem::WrongPassword);
        }
        let right = accounts::change_password(&t.request(), &mia, NEXT, PASSWORD).await;
        assert_eq!(refused(right), Problem::TooMany { minutes: 15 });
    })
    .await;
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
            [("mail.limited", denied), ("password.limited", denied), ("sign_in.limited", denied)]
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
            assert_eq!(
                refused(sign_in::sign_in(&from(guess), &world.mia.email, PASSWORD).await),
                Problem::TooMany { minutes: 15 }
            );
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
async fn a_new_password_opens_an_account_that_guesses_have_closed() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        for _ in 0..11 {
            let _wrong_or_too_many = sign_in::sign_in(&t.request(), &world.mia.email, "wrong").await;
        }
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&world.mia.email).await, NEXT).await.unwrap();
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_network_that_asks_for_links_to_many_addresses_is_stopped() {
    TestPortal::run_with_mail(async |t| {
        let from = t.request_from([198, 51, 100, 7].into());
        for number in 0..60 {
            sign_in::request_reset(&from, &format!("person{number}@acme.example")).await.unwrap();
        }
        let journal = t.journal().await;
        for number in 60..65 {
            let answer = sign_in::request_reset(&from, &format!("person{number}@acme.example")).await;
            assert_eq!(refused(answer), Problem::TooMany { minutes: 60 });
        }
        assert_eq!(names(&t.journal().await.since(&journal)), [("mail.limited", Outcome::Denied)]);
        let elsewhere = t.request_from([198, 51, 100, 8].into());
        sign_in::request_reset(&elsewhere, "person60@acme.example").await.unwrap();
    })
    .await;
}
