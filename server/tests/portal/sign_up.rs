//! Signing up, with mail and without.

use domain::accounts::SignUpForm;
use domain::audit::{ActorKind, Outcome};
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::roles::Role;
use server::sign_up::{self, SignedUp};
use server::testing::{PASSWORD, TestPortal, first_link, secret_of};
use server::{audit, organizations, sign_in};
use time::Duration;

use crate::support::{assert_sound, field, names, refused};

fn form(email: &str, password: &str) -> SignUpForm {
    SignUpForm {
        name: "Sam Sign-up".to_owned(),
        email: email.to_owned(),
        password: password.to_owned(),
        organization: "Initech".to_owned(),
    }
}

const SAM: &str = "sam@initech.example";

#[tokio::test]
async fn without_mail_a_sign_up_lands_in_the_organization() {
    TestPortal::run(async |t| {
        let (sam, initech) = t.sign_up("Sam Sign-up", SAM, "Initech").await;
        let access = t.enter(&sam, &initech).await;
        assert_eq!((access.slug(), access.organization()), ("initech", "Initech"));
        assert_eq!(*access.role(), Role::Owner);
        assert!(!sam.visitor.account.email_proven);
        assert_eq!(
            organizations::start_of(&t.request(), &t.returning(&sam).await).await.unwrap(),
            organizations::Start::Inside("initech".into())
        );
        let schemas = t.schemas().await;
        assert_eq!(field(sign_up::sign_up(&t.request(), &form(SAM, PASSWORD)).await, "email"), FieldProblem::Taken);
        t.settle().await;
        assert_eq!(t.schemas().await, schemas);
        assert_sound(&t, &initech).await;
    })
    .await;
}

#[tokio::test]
async fn with_mail_a_sign_up_waits_for_its_confirmation() {
    TestPortal::run_with_mail(async |t| {
        let answer = sign_up::sign_up(&t.request(), &form(SAM, PASSWORD)).await.unwrap();
        assert!(matches!(answer, SignedUp::CheckMail));
        assert!(sign_in::sign_in(&t.request(), SAM, PASSWORD).await.is_err());
        assert_eq!(t.schemas().await, ["platform"]);

        let mail = t.mail_to(SAM).await.unwrap();
        let link = first_link(&mail.text).to_owned();
        assert!(link.starts_with(&format!("{}/verify/", server::testing::BASE_URL)));
        let secret = secret_of(&link);
        // Looking at the page changes nothing, however often a scanner does.
        for _ in 0..3 {
            assert_eq!(sign_up::lookup(&t.request(), secret).await.unwrap().email, SAM);
        }
        let welcome = sign_up::confirm(&t.request(), secret).await.unwrap();
        assert_eq!(welcome.slug.as_str(), "initech");
        assert!(t.person(welcome.grant).await.visitor.account.email_proven);
        for used in [secret] {
            assert_eq!(refused(sign_up::confirm(&t.request(), used).await), Problem::LinkUsed);
            assert_eq!(refused(sign_up::lookup(&t.request(), used).await), Problem::LinkUsed);
        }
        assert_eq!(t.number("SELECT count(*) FROM platform.registrations").await, 0);
    })
    .await;
}

#[tokio::test]
async fn with_mail_a_known_address_gets_the_same_answer_and_another_mail() {
    TestPortal::run_with_mail(async |t| {
        let (sam, _) = t.sign_up("Sam Sign-up", SAM, "Initech").await;
        t.sql("DELETE FROM platform.outbox").await;
        let schemas = t.schemas().await;
        let known = sign_up::sign_up(&t.request(), &form(SAM, "an attacker's one")).await;
        let unknown = sign_up::sign_up(&t.request(), &form("new@person.example", "an attacker's one")).await;
        assert_eq!(format!("{known:?}"), format!("{unknown:?}"));
        let mail = t.mail_to(SAM).await.unwrap();
        assert!(mail.text.contains("/sign-in") && !mail.text.contains("/verify/"));
        assert_eq!(t.schemas().await, schemas);
        assert!(t.sign_in(SAM).await.account == sam.account, "the password is as it was");
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_by_somebody_else_is_recognized_and_discarded() {
    TestPortal::run_with_mail(async |t| {
        let journal = t.journal().await;
        let request = server::RequestContext::new(
            t.portal(),
            Some([203, 0, 113, 9].into()),
            Some("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"),
            None,
        );
        sign_up::sign_up(&request, &form(SAM, "an attacker's one")).await.unwrap();
        let mail = t.mail_to(SAM).await.unwrap();
        assert!(mail.text.contains("with Firefox on Linux"), "{}", mail.text);
        assert!(mail.text.contains("This was not me"), "{}", mail.text);
        let (first, second) = (t.secret_for(SAM).await, t.secret_for(SAM).await);
        let shown = sign_up::lookup(&t.request(), &first).await.unwrap();
        assert_eq!((shown.name.as_str(), shown.organization.as_str()), ("Sam Sign-up", "Initech"));
        assert_eq!((shown.ip.as_deref(), shown.created_at), (Some("203.0.113.9"), request.now));
        assert!(shown.device.is_some_and(|device| device.contains("Firefox/150.0")));

        sign_up::discard(&t.request(), &first).await.unwrap();
        for secret in [&first, &second] {
            assert_eq!(refused(sign_up::discard(&t.request(), secret).await), Problem::LinkUsed);
            assert_eq!(refused(sign_up::confirm(&t.request(), secret).await), Problem::LinkUsed);
            assert_eq!(refused(sign_up::lookup(&t.request(), secret).await), Problem::LinkUsed);
        }
        assert!(t.mail_to(SAM).await.is_none(), "a mail about it still waits");
        assert_eq!(t.number("SELECT count(*) FROM platform.registrations").await, 0);
        assert_eq!(t.number("SELECT count(*) FROM platform.accounts").await, 0);
        let entries = t.journal().await.since(&journal);
        let done = [("registration.requested", Outcome::Done), ("registration.discarded", Outcome::Done)];
        assert_eq!(names(&entries), done);
        assert_eq!(refused(sign_up::discard(&t.request(), "no such secret").await), Problem::NotFound);

        // The address is free for whoever it belongs to.
        sign_up::sign_up(&t.request(), &form(SAM, PASSWORD)).await.unwrap();
        let confirmed = t.secret_for(SAM).await;
        sign_up::confirm(&t.request(), &confirmed).await.unwrap();
        assert_eq!(refused(sign_up::discard(&t.request(), &confirmed).await), Problem::LinkUsed);
        t.sign_in(SAM).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_confirming_and_discarding_one_is_done() {
    TestPortal::run_with_mail(async |t| {
        for round in 0..8 {
            let email = format!("round{round}@person.example");
            sign_up::sign_up(&t.request(), &form(&email, PASSWORD)).await.unwrap();
            let (one, other) = (t.secret_for(&email).await, t.secret_for(&email).await);
            let (first, second) = (t.request(), t.request());
            let (confirmed, discarded) =
                tokio::join!(sign_up::confirm(&first, &one), sign_up::discard(&second, &other));
            assert!(confirmed.is_ok() != discarded.is_ok(), "{confirmed:?} {discarded:?}");
            let accounts = format!("SELECT count(*) FROM platform.accounts WHERE email = '{email}'");
            assert_eq!(t.number(&accounts).await, i64::from(confirmed.is_ok()));
            let problem = if confirmed.is_ok() { refused(discarded) } else { refused(confirmed) };
            assert_eq!(problem, Problem::LinkUsed);
        }
    })
    .await;
}

#[tokio::test]
async fn a_device_that_calls_itself_strangely_is_not_quoted_in_mail() {
    TestPortal::run_with_mail(async |t| {
        let request = server::RequestContext::new(t.portal(), None, Some("call https://evil.example"), None);
        sign_up::sign_up(&request, &form(SAM, PASSWORD)).await.unwrap();
        assert!(!t.mail_to(SAM).await.unwrap().text.contains("evil"));
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_is_late_after_a_day() {
    TestPortal::run_with_mail(async |t| {
        sign_up::sign_up(&t.request(), &form(SAM, PASSWORD)).await.unwrap();
        let secret = t.secret_for(SAM).await;
        t.pass(Duration::DAY);
        assert_eq!(refused(sign_up::lookup(&t.request(), &secret).await), Problem::LinkExpired);
        assert_eq!(refused(sign_up::confirm(&t.request(), &secret).await), Problem::LinkExpired);
        assert_eq!(t.schemas().await, ["platform"]);
    })
    .await;
}

#[tokio::test]
async fn who_proves_an_address_takes_over_an_unproven_account_of_it() {
    TestPortal::run(async |t| {
        let (squatter, organization) = t.sign_up("Squatter", SAM, "Squat").await;
        let session = t.carry(sign_in::sign_in(&t.request(), SAM, PASSWORD).await.unwrap()).await;
        let with_mail = t.another(TestPortal::settings(true)).await;
        let request = server::RequestContext::new(&with_mail, None, None, None);
        sign_up::sign_up(&request, &form(SAM, "the owner's password")).await.unwrap();
        let welcome = sign_up::confirm(&request, &t.secret_for(SAM).await).await.unwrap();
        let sam = t.person(welcome.grant).await;
        assert_eq!(sam.account, squatter.account);
        assert_ne!(sam.visitor.account.name, "Squatter");
        assert!(sam.visitor.account.email_proven);
        assert!(t.visitor(&session).await.is_none(), "the squatter's session is dead");
        assert!(sign_in::sign_in(&t.request(), SAM, PASSWORD).await.is_err(), "and the password");
        assert!(sign_in::sign_in(&t.request(), SAM, "the owner's password").await.is_ok());
        assert_sound(&t, &organization).await;
        with_mail.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sign_ups_of_one_address_the_first_confirmed_counts() {
    TestPortal::run_with_mail(async |t| {
        for round in 0..5 {
            let email = format!("round{round}@person.example");
            let mut secrets = Vec::new();
            for _ in 0..2 {
                sign_up::sign_up(&t.request(), &form(&email, PASSWORD)).await.unwrap();
                secrets.push(t.secret_for(&email).await);
                t.sql("DELETE FROM platform.outbox").await;
            }
            let (one, other) = (t.request(), t.request());
            let (one, other) = tokio::join!(sign_up::confirm(&one, &secrets[0]), sign_up::confirm(&other, &secrets[1]));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            assert_eq!(refused(if one.is_err() { one } else { other }), Problem::SignInFirst);
            assert_eq!(t.number(&format!("SELECT count(*) FROM platform.memberships m JOIN platform.accounts a ON a.id = m.account_id WHERE a.email = '{email}'")).await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_confirmations_by_one_link_one_is_done() {
    TestPortal::run_with_mail(async |t| {
        sign_up::sign_up(&t.request(), &form(SAM, PASSWORD)).await.unwrap();
        let secret = t.secret_for(SAM).await;
        let tries = (0..20).map(|_| {
            let (request, secret) = (t.request(), secret.clone());
            tokio::spawn(async move { sign_up::confirm(&request, &secret).await })
        });
        let answers: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for problem in answers.into_iter().filter(Result::is_err).map(refused) {
            assert!(matches!(problem, Problem::LinkUsed | Problem::SignInFirst), "{problem:?}");
        }
        assert_eq!(t.schemas().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_said_at_once_and_nothing_is_stored() {
    TestPortal::run(async |t| {
        let before = t.dump("platform", "").await;
        let long = "x".repeat(1000);
        for text in ["", "\0", "\u{202e}", long.as_str(), "\n"] {
            let form = SignUpForm {
                name: text.to_owned(),
                email: text.to_owned(),
                password: text.to_owned(),
                organization: text.to_owned(),
            };
            let Err(server::Error::Invalid(errors)) = sign_up::sign_up(&t.request(), &form).await else {
                panic!("{text:?} is fine?")
            };
            for name in ["name", "email", "password", "organization"] {
                assert!(errors.of(name).is_some(), "{text:?} at {name}");
            }
        }
        assert_eq!(t.dump("platform", "").await, before);
        assert_eq!(t.schemas().await, ["platform"]);
    })
    .await;
}

#[tokio::test]
async fn sign_ups_from_one_network_are_bounded_but_not_below_twenty_an_hour() {
    TestPortal::run_with_mail(async |t| {
        let mut taken = 0;
        loop {
            match sign_up::sign_up(&t.request(), &form(&format!("p{taken}@person.example"), PASSWORD)).await {
                Ok(_) => taken += 1,
                refusal => break assert_eq!(refused(refusal), Problem::TooMany { minutes: 60 }),
            }
        }
        assert!((20..=100).contains(&taken), "{taken}");
        let elsewhere = t.request_from([203, 0, 113, 9].into());
        assert!(sign_up::sign_up(&elsewhere, &form(SAM, PASSWORD)).await.is_ok());
        t.pass(Duration::HOUR);
        assert!(sign_up::sign_up(&t.request(), &form("late@person.example", PASSWORD)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_by_sign_ups_and_resets() {
    TestPortal::run_with_mail(async |t| {
        for number in 0..20_u8 {
            let request = t.request_from([203, 0, 113, number].into());
            let _answer = sign_up::sign_up(&request, &form(SAM, PASSWORD)).await;
            let _answer = sign_in::request_reset(&request, SAM).await;
        }
        assert!(t.number(&format!("SELECT count(*) FROM platform.outbox WHERE recipient = '{SAM}'")).await <= 5);
    })
    .await;
}

#[tokio::test]
async fn what_the_operator_makes_is_on_record_as_the_operators() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let request = server::RequestContext::internal(t.portal());
        let slug = sign_up::provision(&request, &form(SAM, PASSWORD)).await.unwrap();
        let sam = t.sign_in(SAM).await;
        let owner = t.try_enter(&sam, slug.as_str()).await.unwrap();
        assert_eq!(*owner.role(), Role::Owner);
        let trail = audit::recent(&owner, 25).await.unwrap();
        let [entry] = trail.as_slice() else { panic!("{trail:?}") };
        assert_eq!((entry.action.as_str(), entry.actor_kind), ("organization.created", ActorKind::Operator));
        assert_eq!((entry.actor, entry.actor_name.as_deref()), (None, None));
        let owner = ("owner".to_owned(), None, Some("Sam Sign-up".to_owned()));
        assert!(entry.changes.contains(&owner), "{:?}", entry.changes);

        // Whoever makes one by themselves is the actor.
        let ada = t.enter(&world.ada, &world.acme).await;
        let first = audit::detail(&ada, 0).await.unwrap().entry;
        assert_eq!((first.actor_kind, first.actor), (ActorKind::Person, Some(world.ada.account)));

        let taken = sign_up::provision(&request, &form(SAM, PASSWORD)).await;
        assert_eq!(field(taken, "email"), FieldProblem::Taken);
    })
    .await;
}
