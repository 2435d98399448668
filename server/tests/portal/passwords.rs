//! Signing in with a password, and choosing a new one.

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use domain::accounts::SignUpForm;
use domain::fields::FieldProblem;
use domain::password::Weakness;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::invitations::{self, Joiner};
use server::passwords::{self, About, Strength};
use server::testing::{PASSWORD, Person, TestPortal};
use server::{Error, accounts, sign_in, sign_up};
use time::Duration;

use crate::support::{field, refused};

const NEXT: &str = "seven odd hats in a row";

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
            tokio::spawn(async move {
                (number, sign_in::reset(&request, &secret, &format!("odd hats, take {number}")).await)
            })
        });
        let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
        let done: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(number, _)| number).collect();
        assert_eq!(done.len(), 1);
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, &format!("odd hats, take {}", done[0])).await.is_ok());
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

/// What is wrong, field by field.
#[track_caller]
fn problems(answer: &Result<(), Error>) -> Vec<(&str, FieldProblem)> {
    match answer {
        Err(Error::Invalid(errors)) => errors.iter().collect(),
        other => panic!("not wrong fields but: {other:?}"),
    }
}

#[tokio::test]
async fn a_breached_password_is_refused_wherever_one_is_chosen() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let form = |password: &str| SignUpForm {
            name: "Sam Sign-up".to_owned(),
            email: "sam@initech.example".to_owned(),
            password: password.to_owned(),
            organization: "Initech".to_owned(),
        };
        t.invite(&ada, "noa@person.example", Role::Member).await;
        let invitation = t.secret_for("noa@person.example").await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let reset = t.secret_for(&world.mia.email).await;
        let before = t.dump("platform", "").await;
        for breached in ["passwordpassword", "PasswordPassword", "1q2w3e4r5t"] {
            let (request, new) = (t.request(), Joiner::New { name: "Noa New", password: breached });
            let answers = [
                field(sign_up::sign_up(&request, &form(breached)).await, "password"),
                field(sign_up::provision(&request, &form(breached)).await, "password"),
                field(invitations::accept(&request, &invitation, new).await, "password"),
                field(sign_in::reset(&request, &reset, breached).await, "password"),
                field(accounts::change_password(&request, &world.mia.visitor, PASSWORD, breached).await, "password"),
            ];
            assert_eq!(answers, [FieldProblem::Breached; 5], "{breached}");
        }
        assert_eq!(t.dump("platform", "").await, before);
        // What was refused has used up nothing.
        let new = Joiner::New { name: "Noa New", password: NEXT };
        invitations::accept(&t.request(), &invitation, new).await.unwrap();
        sign_in::reset(&t.request(), &reset, NEXT).await.unwrap();
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.is_ok());
        assert!(sign_up::sign_up(&t.request(), &form(NEXT)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_guessed_soon_is_refused_wherever_one_is_chosen() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let form = |password: &str| SignUpForm {
            name: "Wilhelmina Featherstone".to_owned(),
            email: "w.featherstone@grindelwald.example".to_owned(),
            password: password.to_owned(),
            organization: "Grindelwald Works".to_owned(),
        };
        t.invite(&ada, "featherstone@person.example", Role::Member).await;
        let invitation = t.secret_for("featherstone@person.example").await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let reset = t.secret_for(&world.mia.email).await;
        let before = t.dump("platform", "").await;
        let request = t.request();
        let new = |password| Joiner::New { name: "Wilhelmina", password };
        let answers = [
            field(sign_up::sign_up(&request, &form("Featherstone1")).await, "password"),
            field(sign_up::provision(&request, &form("grindelwaldworks")).await, "password"),
            field(invitations::accept(&request, &invitation, new("Wilhelmina2")).await, "password"),
            field(invitations::accept(&request, &invitation, new("featherstone")).await, "password"),
            field(sign_in::reset(&request, &reset, "mia@acme.example").await, "password"),
            field(
                accounts::change_password(&request, &world.mia.visitor, PASSWORD, "MiaMember.Acme").await,
                "password",
            ),
        ];
        assert_eq!(answers, [FieldProblem::Guessable(Weakness::Yours); 6]);
        let common = FieldProblem::Guessable(Weakness::Repeats);
        assert_eq!(field(sign_in::reset(&request, &reset, "hallohallohallo").await, "password"), common);
        assert_eq!(t.dump("platform", "").await, before);
        sign_in::reset(&request, &reset, NEXT).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_strength_of_a_password_is_what_a_form_says_of_it() {
    TestPortal::run(async |t| {
        let about = About::of(["Mia Member", "mia@acme.example"]);
        let request = t.request();
        let before = t.dump("platform", "").await;
        for (password, verdict) in [
            (NEXT, Ok(Strength::Strong)),
            ("short", Err(FieldProblem::TooShort(10))),
            ("passwordpassword", Err(FieldProblem::Breached)),
            ("miamember1", Err(FieldProblem::Guessable(Weakness::Yours))),
        ] {
            assert_eq!(passwords::strength(&request, password, &about).await.unwrap(), verdict, "{password}");
        }
        assert_eq!(t.dump("platform", "").await, before);
        for _ in 4..1200 {
            let _ = passwords::strength(&request, "short", &about).await.unwrap();
        }
        assert!(matches!(refused(passwords::strength(&request, "short", &about).await), Problem::TooMany { .. }));
        assert!(passwords::strength(&t.request_from([198, 51, 100, 9].into()), "short", &about).await.is_ok());
    })
    .await;
}

/// The stored hash of somebody's password.
async fn stored(t: &TestPortal, person: &Person) -> String {
    t.text(&format!("SELECT hash FROM platform.passwords WHERE account_id = '{}'", person.account)).await
}

#[tokio::test]
async fn a_hash_of_other_parameters_is_renewed_by_a_right_password() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let today = stored(&t, &world.mia).await;
        t.sign_in(&world.mia.email).await;
        assert_eq!(stored(&t, &world.mia).await, today, "nothing is renewed that is as it should be");

        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(16, 1, 1, None).unwrap());
        let old = weaker.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string();
        t.sql(&format!("UPDATE platform.passwords SET hash = '{old}' WHERE account_id = '{}'", world.mia.account))
            .await;
        sign_in::sign_in(&t.request(), &world.mia.email, "wrong").await.unwrap_err();
        assert_eq!(stored(&t, &world.mia).await, old);
        t.sign_in(&world.mia.email).await;
        let renewed = stored(&t, &world.mia).await;
        assert_ne!(renewed, old);
        let way = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(way(&renewed), way(&today));
        t.sign_in(&world.mia.email).await;
    })
    .await;
}

#[tokio::test]
async fn a_breached_password_is_said_with_all_else_that_is_wrong() {
    const BREACHED: &str = "passwordpassword";
    TestPortal::run(async |t| {
        let world = t.world().await;
        let form = SignUpForm {
            name: String::new(),
            email: "sam@initech.example".to_owned(),
            password: BREACHED.to_owned(),
            organization: "<b>".to_owned(),
        };
        let name = ("name", FieldProblem::Required);
        let password = ("password", FieldProblem::Breached);
        let organization = ("organization", FieldProblem::Markup);
        let answer = sign_up::sign_up(&t.request(), &form).await.map(|_| ());
        assert_eq!(problems(&answer), [name, password, organization]);
        let answer = sign_up::provision(&t.request(), &form).await.map(|_| ());
        assert_eq!(problems(&answer), [name, password, organization]);

        t.invite(&t.enter(&world.ada, &world.acme).await, "noa@person.example", Role::Member).await;
        let invitation = t.secret_for("noa@person.example").await;
        let joiner = Joiner::New { name: "", password: BREACHED };
        let answer = invitations::accept(&t.request(), &invitation, joiner).await.map(|_| ());
        assert_eq!(problems(&answer), [name, password]);

        let request = t.request();
        let change = |current| accounts::change_password(&request, &world.mia.visitor, current, BREACHED);
        assert_eq!(problems(&change("wrong").await.map(|_| ())), [("current", FieldProblem::WrongPassword), password]);
        assert_eq!(problems(&change("").await.map(|_| ())), [("current", FieldProblem::Required), password]);
    })
    .await;
}
