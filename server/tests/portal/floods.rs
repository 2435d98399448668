//! What somebody may do as often as they like floods no mailbox and no trail.

use domain::accounts::{ProfileForm, SignUpForm};
use domain::audit::Outcome;
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::{PASSWORD, Person, TestPortal};
use server::{Error, RequestContext, accounts, factors, sign_in, sign_up};
use time::Duration;

use crate::factors::enrol;
use crate::mail_over::sent;
use crate::support::{names, refused};

async fn no_mail(t: &TestPortal) {
    t.sql("DELETE FROM platform.outbox").await;
}

async fn mails_to(t: &TestPortal, person: &Person) -> i64 {
    t.number(&format!("SELECT count(*) FROM platform.outbox WHERE recipient = '{}'", person.email)).await
}

/// Signs in with a browser that nobody has heard of.
async fn with_odd_browser(t: &TestPortal, person: &Person, number: u32) {
    let request = RequestContext::new(t.portal(), Some([192, 0, 2, 7].into()), Some(&format!("Odd {number}")), None);
    let _grant = sign_in::sign_in(&request, &person.email, PASSWORD).await.expect("a sign-in");
}

#[tokio::test]
async fn nobody_is_told_at_an_address_that_nobody_has_proven() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        assert!(!world.ada.visitor.account.email_proven);
        no_mail(&t).await;
        with_odd_browser(&t, &world.ada, 1).await;
        let (_, ada) = enrol(&t, &world.ada).await;
        let codes = factors::generate_recovery_codes(&t.request(), &ada).await.unwrap();
        let halfway = crate::factors::halfway(&t, &world.ada).await;
        let _grant = sign_in::finish_by_recovery_code(&t.request(), &halfway, &codes[0].to_string()).await.unwrap();
        assert_eq!(mails_to(&t, &world.ada).await, 0);
        assert_eq!(t.number("SELECT count(*) FROM platform.notices").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_one_signs_in_with_changes_ten_times_an_hour_at_most() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, mia) = enrol(&t, &world.mia).await;
        no_mail(&t).await;
        let journal = t.journal().await;
        for _ in 0..9 {
            factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        }
        let id = factors::list(&t.request(), &mia).await.unwrap()[0].id;
        let next = "seven odd hats in a row";
        for answer in [
            factors::generate_recovery_codes(&t.request(), &mia).await.map(|_| ()),
            factors::remove(&t.request(), &mia, id).await.map(|_| ()),
            accounts::change_password(&t.request(), &mia, PASSWORD, next).await.map(|_| ()),
        ] {
            assert!(matches!(refused(answer), Problem::TooMany { .. }));
        }
        assert_eq!(mails_to(&t, &world.mia).await, 9);
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries)[9..], [("mail.limited", Outcome::Denied)]);
        // Wrong codes are counted elsewhere, and use none of this up.
        t.pass(Duration::hours(1));
        let grant = server::step_up::by_code(&t.request(), &mia, &app.code(&t)).await.unwrap();
        let mia = t.person(grant).await.visitor;
        factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn any_number_of_new_browsers_leaves_few_mails() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        no_mail(&t).await;
        for number in 0..30 {
            with_odd_browser(&t, &world.mia, number).await;
        }
        assert_eq!(mails_to(&t, &world.mia).await, 1);
        let text = t.mail_to(&world.mia.email).await.unwrap().text;
        assert!(text.contains("29 more came soon after it."), "{text}");
        // What was tried already is not changed any more.
        for number in 30..60 {
            t.sql("UPDATE platform.outbox SET attempts = 1").await;
            with_odd_browser(&t, &world.mia, number).await;
        }
        assert_eq!(mails_to(&t, &world.mia).await, 10);
        t.pass(Duration::hours(1));
        with_odd_browser(&t, &world.mia, 60).await;
        assert_eq!(mails_to(&t, &world.mia).await, 11);
    })
    .await;
}

#[tokio::test]
async fn many_mails_to_one_keep_nobody_else_waiting() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        no_mail(&t).await;
        for _ in 0..8 {
            factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        }
        sign_in::request_reset(&t.request(), &world.gus.email).await.unwrap();
        let mails = sent(&t).await;
        let place = mails.iter().position(|mail| mail.contains(&world.gus.email));
        assert_eq!((mails.len(), place), (9, Some(1)));
    })
    .await;
}

#[tokio::test]
async fn many_invitations_of_one_organization_keep_nobody_else_waiting() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        no_mail(&t).await;
        sign_in::request_reset(&t.request(), &world.gus.email).await.unwrap();
        sent(&t).await;
        for number in 0..12 {
            t.invite(&ada, &format!("p{number}@new.example"), Role::Member).await;
        }
        // Somebody who has had a mail just now, unlike all of those.
        sign_in::request_reset(&t.request(), &world.gus.email).await.unwrap();
        let mails = sent(&t).await;
        let place = mails.iter().position(|mail| mail.contains(&world.gus.email));
        assert_eq!(mails.len(), 13);
        assert!(place.is_some_and(|place| place < 3), "{place:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_up_with_an_address_does_not_keep_its_owner_from_another_password() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let form = SignUpForm {
            name: "A stranger".to_owned(),
            email: world.mia.email.clone(),
            password: "seven odd hats in a row".to_owned(),
            organization: "Initech".to_owned(),
        };
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(sign_up::sign_up(&t.request(), &form).await.map(|_| ()));
        }
        assert!(matches!(answers.pop(), Some(Err(Error::Refused(Problem::TooMany { .. })))));
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_name_changes_ten_times_an_hour_at_most() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let change = async |name: &str, theme: &str| {
            let [name, time_zone, theme] = [name, "UTC", theme].map(str::to_owned);
            let form = ProfileForm { name, time_zone, theme, shortcuts: String::new() };
            accounts::change_profile(&t.request(), &t.returning(&world.mia).await, &form, |_| true).await
        };
        let journal = t.journal().await;
        for number in 0..10 {
            change(&format!("Mia {number}"), "dark").await.unwrap();
        }
        for number in 10..20 {
            assert!(matches!(refused(change(&format!("Mia {number}"), "dark").await), Problem::TooMany { .. }));
        }
        let entries = t.journal().await.since(&journal);
        let count = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
        assert_eq!((count("member.renamed"), count("profile.limited")), (10, 1));
        change("Mia 9", "light").await.expect("what is no other name");
    })
    .await;
}
