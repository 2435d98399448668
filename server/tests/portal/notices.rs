//! What people are told by mail, and what "This was not me" does.

use domain::audit::Outcome;
use domain::notices::Event;
use domain::problem::Problem;
use server::notices;
use server::sessions::{self, Arrival, Stage};
use server::testing::{PASSWORD, Person, TestPortal, first_link, secret_of};
use server::{RequestContext, accounts, factors, sign_in};

use crate::factors::{enrol, halfway};
use crate::support::{names, refused, substance};

pub const NEXT: &str = "seven odd hats in a row";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

/// A request from another address with another browser.
pub fn elsewhere(t: &TestPortal) -> RequestContext {
    RequestContext::new(t.portal(), Some([198, 51, 100, 9].into()), Some(FIREFOX), None)
}

/// The subjects of the mails to somebody that wait, the newest first.
pub async fn subjects(t: &TestPortal, person: &Person) -> Vec<String> {
    let mails = server::outbox::read(&t.request()).await.unwrap();
    mails.into_iter().filter(|mail| mail.to == person.email).map(|mail| mail.subject).collect()
}

/// The secret of the newest mail with this subject.
pub async fn secret_about(t: &TestPortal, person: &Person, event: Event) -> String {
    let mails = server::outbox::read(&t.request()).await.unwrap();
    let mail = mails.into_iter().find(|mail| mail.to == person.email && mail.subject == event.title());
    secret_of(first_link(&mail.expect("a mail that waits").text)).to_owned()
}

pub async fn no_mail(t: &TestPortal) {
    t.sql("DELETE FROM platform.outbox").await;
}

#[tokio::test]
async fn a_sign_in_from_elsewhere_is_told_once() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        no_mail(&t).await;
        t.sign_in(&world.mia.email).await;
        assert!(subjects(&t, &world.mia).await.is_empty(), "this device is known");
        sign_in::sign_in(&elsewhere(&t), &world.mia.email, "wrong").await.unwrap_err();
        assert!(subjects(&t, &world.mia).await.is_empty(), "nobody came in");
        for _ in 0..2 {
            let _grant = sign_in::sign_in(&elsewhere(&t), &world.mia.email, PASSWORD).await.unwrap();
            assert_eq!(subjects(&t, &world.mia).await, ["New sign-in to your account"]);
        }
        let text = t.mail_to(&world.mia.email).await.unwrap().text;
        assert!(text.contains("with Firefox on Linux, from the address 198.51.100.9."), "{text}");
    })
    .await;
}

#[tokio::test]
async fn the_first_sign_in_after_a_sign_up_is_not_told() {
    TestPortal::run(async |t| {
        let (sam, _) = t.sign_up("Sam Sign-up", "sam@initech.example", "Initech").await;
        assert!(subjects(&t, &sam).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn with_a_second_factor_the_device_is_told_after_the_second_step() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (app, _) = enrol(&t, &world.mia).await;
        no_mail(&t).await;
        let grant = sign_in::sign_in(&elsewhere(&t), &world.mia.email, PASSWORD).await.unwrap();
        assert_eq!(grant.stage, Stage::Password);
        assert!(subjects(&t, &world.mia).await.is_empty());
        let halfway = halfway(&t, &world.mia).await;
        let _grant = sign_in::finish_by_code(&elsewhere(&t), &halfway, &app.code(&t)).await.unwrap();
        assert_eq!(subjects(&t, &world.mia).await, ["New sign-in to your account"]);
    })
    .await;
}

#[tokio::test]
async fn changes_of_what_one_signs_in_with_are_told() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        no_mail(&t).await;
        let (_, mia) = enrol(&t, &world.mia).await;
        assert_eq!(subjects(&t, &world.mia).await, ["An authenticator app was added"]);
        factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        let grant = accounts::change_password(&t.request(), &mia, PASSWORD, NEXT).await.unwrap();
        let mia = t.person(grant).await.visitor;
        let app = factors::list(&t.request(), &mia).await.unwrap()[0].id;
        let _grant = factors::remove(&t.request(), &mia, app).await.unwrap();
        let mut told = subjects(&t, &world.mia).await;
        told.sort();
        assert_eq!(
            told,
            [
                "An authenticator app was added",
                "An authenticator app was removed",
                "New recovery codes were generated",
                "Your password was changed",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn looking_at_the_link_changes_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        let secret = secret_about(&t, &world.mia, Event::AuthenticatorAdded).await;
        let before = t.dump("platform", "").await;
        let notice = notices::lookup(&t.request(), &secret).await.unwrap();
        assert_eq!((notice.event, notice.takes.len()), (Event::AuthenticatorAdded, 1));
        assert_eq!(notice.ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(refused(notices::lookup(&t.request(), "none").await), Problem::NotFound);
        assert_eq!(t.dump("platform", "").await, before);
        assert_eq!(factors::list(&t.request(), &mia).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn this_was_not_me_takes_an_intruders_ways_in_away() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        let secret = secret_about(&t, &world.mia, Event::AuthenticatorAdded).await;
        let waiting = t.carry(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.unwrap()).await;
        no_mail(&t).await;
        let (journal, organization) = (t.journal().await, substance(&t, &world.acme).await);

        let done = notices::disown(&t.request(), &secret).await.unwrap();
        assert_eq!((done.event, done.taken.len()), (Event::AuthenticatorAdded, 1));
        assert_eq!(
            names(&t.journal().await.since(&journal)),
            [
                ("notice.disowned", Outcome::Done),
                ("session.all_ended", Outcome::Done),
                ("password.voided", Outcome::Done),
                ("password.reset_requested", Outcome::Done),
                ("authenticator.removed", Outcome::Done),
                ("recovery_codes.removed", Outcome::Done),
            ]
        );
        assert!(matches!(sessions::arrival(&t.cookie(waiting.id())).await.unwrap(), Arrival::Nobody));
        assert!(t.visitor(&world.mia.session).await.is_none());
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_err());
        for table in ["authenticators", "recovery_codes", "sessions", "passwords"] {
            let left = format!("SELECT count(*) FROM platform.{table} WHERE account_id = '{}'", world.mia.account);
            assert_eq!(t.number(&left).await, 0, "{table}");
        }
        assert_eq!(substance(&t, &world.acme).await, organization, "nothing changes in organizations");
        assert!(t.visitor(&world.ben.session).await.is_some(), "nor for others");
        assert_eq!(refused(notices::disown(&t.request(), &secret).await), Problem::LinkUsed);

        let reset = t.secret_for(&world.mia.email).await;
        sign_in::reset(&t.request(), &reset, NEXT).await.unwrap();
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.is_ok());
    })
    .await;
}
