//! "This was not me" takes away what came since, whichever mail its reader follows, and tells what stays.

use domain::accounts::SignUpForm;
use domain::fields::FieldProblem;
use domain::notices::Event;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::accounts::address;
use server::invitations::{self, Joiner};
use server::notices::{self, AddressAfter, Disowned};
use server::sessions::{Stage, Visitor};
use server::testing::{PASSWORD, Person, TestPortal, secret_of};
use server::{factors, sign_in, sign_up};
use time::Duration;

use crate::factors::{App, enrol};
use crate::notices::{NEXT, elsewhere, no_mail, secret_about, subjects};
use crate::support::{NEW, assert_sound, field, refused};

/// Signs in from elsewhere; gives the secret of the mail that tells of it.
async fn intrude(t: &TestPortal, person: &Person) -> String {
    let _grant = sign_in::sign_in(&elsewhere(t), &person.email, PASSWORD).await.unwrap();
    secret_about(t, person, Event::NewDevice).await
}

/// Sets another app up.
async fn enrol_another(t: &TestPortal, visitor: &Visitor, name: &str) -> Visitor {
    let id = factors::begin(&t.request(), visitor).await.unwrap();
    let app = App::with(&factors::enrolment(&t.request(), visitor, id).await.unwrap().secret);
    let grant = factors::confirm(&t.request(), visitor, id, name, &app.code(t)).await.unwrap();
    t.person(grant).await.visitor
}

fn named(factors: &[factors::NamedFactor]) -> Vec<String> {
    factors.iter().map(|factor| format!("{} {}", factor.kind(), factor.name)).collect()
}

/// Changes an address by the links in both mails.
async fn move_to(t: &TestPortal, person: &Person, from: &str, to: &str) {
    let visitor = t.returning(person).await;
    address::request_change(&t.request(), &visitor, to).await.unwrap();
    for email in [from, to] {
        let secret = t.secret_for(email).await;
        address::agree(&t.request(), None, &secret).await.unwrap();
    }
}

/// The secret of the mail that tells this address of its end.
async fn way_back(t: &TestPortal, former: &str) -> String {
    let mails = server::outbox::read(&t.request()).await.unwrap();
    let mail = mails.into_iter().find(|mail| mail.to == former && mail.subject == Event::AddressChanged.title());
    secret_of(server::testing::first_link(&mail.expect("a mail that waits").text)).to_owned()
}

/// Whether the organization takes somebody to have an app.
async fn copy_has_app(t: &TestPortal, world: &server::testing::World, email: &str) -> bool {
    let rows =
        format!("SELECT count(*) FROM {}.members WHERE email = '{email}' AND authenticator", world.acme.schema());
    t.number(&rows).await == 1
}

#[tokio::test]
async fn any_mail_takes_away_what_was_added_since() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let secret = intrude(&t, &world.mia).await;
        let (_, mia) = enrol(&t, &world.mia).await;
        factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        address::request_change(&t.request(), &mia, NEW).await.unwrap();
        assert!(copy_has_app(&t, &world, &world.mia.email).await);
        let shown = notices::lookup(&t.request(), &secret).await.unwrap();
        assert_eq!((named(&shown.takes), shown.takes_codes), (vec!["authenticator app Phone".to_owned()], true));
        assert!(shown.drops_change);

        let done = notices::disown(&t.request(), &secret).await.unwrap();
        assert_eq!(named(&done.taken), ["authenticator app Phone"]);
        assert_eq!((done.kept.len(), done.codes_taken, done.change_dropped), (0, true, true));
        for table in ["authenticators", "recovery_codes", "address_changes"] {
            let left = format!("SELECT count(*) FROM platform.{table} WHERE account_id = '{}'", world.mia.account);
            assert_eq!(t.number(&left).await, 0, "{table}");
        }
        assert!(!copy_has_app(&t, &world, &world.mia.email).await, "organizations know");
        sign_in::reset(&t.request(), &t.secret_for(&world.mia.email).await, NEXT).await.unwrap();
        assert_eq!(sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.unwrap().stage, Stage::Full);
    })
    .await;
}

#[tokio::test]
async fn what_was_there_before_stays_and_is_named() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        t.pass(Duration::MINUTE);
        no_mail(&t).await;
        let mia = enrol_another(&t, &mia, "Another").await;
        let secret = secret_about(&t, &world.mia, Event::AuthenticatorAdded).await;
        enrol_another(&t, &mia, "Third").await;
        assert_eq!(notices::lookup(&t.request(), &secret).await.unwrap().factor_name.as_deref(), Some("Another"));
        let done = notices::disown(&t.request(), &secret).await.unwrap();
        assert_eq!(named(&done.taken), ["authenticator app Another", "authenticator app Third"]);
        assert_eq!(named(&done.kept), ["authenticator app Phone"]);
    })
    .await;
}

#[tokio::test]
async fn after_a_day_all_of_it_stays_and_after_a_week_the_link_is_dead() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        enrol(&t, &world.mia).await;
        let early = secret_about(&t, &world.mia, Event::AuthenticatorAdded).await;
        t.pass(Duration::DAY);
        assert!(notices::lookup(&t.request(), &early).await.unwrap().takes.is_empty());
        let Disowned { taken, kept, .. } = notices::disown(&t.request(), &early).await.unwrap();
        assert_eq!((taken.len(), named(&kept)), (0, vec!["authenticator app Phone".to_owned()]));

        let late = intrude(&t, &world.ben).await;
        t.pass(Duration::days(7));
        assert_eq!(refused(notices::disown(&t.request(), &late).await), Problem::LinkExpired);
        assert!(sign_in::sign_in(&t.request(), &world.ben.email, PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_intruders_device_is_new_again() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let secret = intrude(&t, &world.mia).await;
        notices::disown(&t.request(), &secret).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&world.mia.email).await, NEXT).await.unwrap();
        no_mail(&t).await;
        let _grant = sign_in::sign_in(&t.request(), &world.mia.email, NEXT).await.unwrap();
        assert!(subjects(&t, &world.mia).await.is_empty(), "her own is known");
        for _ in 0..2 {
            let _grant = sign_in::sign_in(&elsewhere(&t), &world.mia.email, NEXT).await.unwrap();
            assert_eq!(subjects(&t, &world.mia).await, [Event::NewDevice.title()]);
        }
    })
    .await;
}

#[tokio::test]
async fn links_that_went_to_a_former_address_end_but_for_the_one_that_gives_it_back() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let email = world.mia.email.clone();
        let before = intrude(&t, &world.mia).await;
        move_to(&t, &world.mia, &email, NEW).await;
        assert_eq!(refused(notices::disown(&t.request(), &before).await), Problem::LinkUsed);
        assert_eq!(subjects(&t, &world.mia).await, [Event::AddressChanged.title()], "nothing else goes there");

        // Whoever has the new one cannot get rid of it by moving on.
        let back = way_back(&t, &email).await;
        t.pass(Duration::hours(1));
        let again = "again@person.example";
        t.sql("UPDATE platform.sessions SET elevated_until = '2100-01-01'").await;
        move_to(&t, &world.mia, NEW, again).await;
        let theirs = way_back(&t, NEW).await;
        let shown = notices::lookup(&t.request(), &back).await.unwrap();
        assert_eq!(shown.former_email.as_deref(), Some(email.as_str()));
        assert_eq!(notices::disown(&t.request(), &back).await.unwrap().address, AddressAfter::GivenBack);
        assert_eq!(refused(notices::disown(&t.request(), &theirs).await), Problem::LinkUsed);
        let copy =
            format!("SELECT email FROM {}.members WHERE account_id = '{}'", world.acme.schema(), world.mia.account);
        assert_eq!(t.text(&copy).await, email);
        sign_in::reset(&t.request(), &t.secret_for(&email).await, NEXT).await.unwrap();
        assert_eq!(
            t.person(sign_in::sign_in(&t.request(), &email, NEXT).await.unwrap()).await.account,
            world.mia.account
        );
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_an_account_with_an_address_that_can_be_given_back() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let email = world.mia.email.clone();
        move_to(&t, &world.mia, &email, NEW).await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let copied = t.invite(&gus, &email, Role::Member).await;
        let link = invitations::copy_link(&gus, copied).await.unwrap().link;
        let squatter = Joiner::New { name: "Squatter", password: PASSWORD };
        let answer = invitations::accept(&t.request(), secret_of(&link), squatter).await;
        assert_eq!(refused(answer), Problem::SignInFirst);
        // Whoever reads mail there may, and then it is not given back, and nobody else gets a password by mail.
        let back = way_back(&t, &email).await;
        let mailed =
            server::outbox::read(&t.request()).await.unwrap().into_iter().find(|mail| mail.kind == "invitation");
        let secret = secret_of(server::testing::first_link(&mailed.unwrap().text)).to_owned();
        invitations::accept(&t.request(), &secret, Joiner::New { name: "Reader", password: PASSWORD }).await.unwrap();
        no_mail(&t).await;
        assert_eq!(notices::disown(&t.request(), &back).await.unwrap().address, AddressAfter::Taken);
        assert!(t.mail_to(NEW).await.is_none());
        assert!(sign_in::sign_in(&t.request(), NEW, PASSWORD).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn nobody_signs_up_with_such_an_address_where_there_is_no_mail() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        move_to(&t, &world.mia, &world.mia.email, NEW).await;
        let form = SignUpForm {
            name: "Squatter".to_owned(),
            email: world.mia.email.clone(),
            password: NEXT.to_owned(),
            organization: "Squat".to_owned(),
        };
        assert_eq!(field(sign_up::sign_up(&t.request(), &form).await, "email"), FieldProblem::Taken);
        t.pass(Duration::days(14));
        assert!(sign_up::sign_up(&t.request(), &form).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn whoever_follows_a_mail_is_a_stranger_on_record() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let secret = intrude(&t, &world.mia).await;
        notices::disown(&t.request(), &secret).await.unwrap();
        let entry = "SELECT concat(actor_id::text, '-', target_id) FROM platform.audit_entries WHERE action = 'notice.disowned'";
        assert_eq!(t.text(entry).await, format!("-{}", world.mia.account));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_uses_of_one_link_one_is_done() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let secret = intrude(&t, &world.mia).await;
        let uses = (0..10).map(|_| {
            let (request, secret) = (t.request(), secret.clone());
            tokio::spawn(async move { notices::disown(&request, &secret).await.is_ok() })
        });
        let done: Vec<bool> = join_all(uses).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_the_links_of_an_account_at_once_waits_in_one_order() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        for round in 0..12 {
            t.pass(Duration::hours(1));
            sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
            sign_in::reset(&t.request(), &t.secret_for(&world.mia.email).await, PASSWORD).await.unwrap();
            let secret = secret_about(&t, &world.mia, Event::PasswordChanged).await;
            sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
            let reset = t.secret_for(&world.mia.email).await;
            let (one, other) = (t.request(), t.request());
            let disowned = tokio::spawn(async move { notices::disown(&one, &secret).await.map(|_| ()) });
            let chosen = tokio::spawn(async move { sign_in::reset(&other, &reset, NEXT).await });
            for answer in [disowned.await.unwrap(), chosen.await.unwrap()] {
                match answer {
                    Ok(()) | Err(server::Error::Refused(_)) => {}
                    Err(error) => panic!("round {round}: {error:?}"),
                }
            }
            no_mail(&t).await;
        }
    })
    .await;
}
