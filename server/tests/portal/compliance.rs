//! Who has the second factor that an organization asks for, who is reminded, and who stays outside.

use domain::audit::Outcome;
use domain::members::{MemberQuery, MfaFilter};
use domain::policy::{Methods, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::{Organization, Person, TestPortal};
use server::{factors, members, policy};
use time::Duration;

use crate::factors::enrol;
use crate::support::{asking_mfa, give_passkey, names, put_policy, refused, require_mfa};

/// The addresses of those whom the list finds.
async fn listed(t: &TestPortal, by: &Person, of: &Organization, mfa: MfaFilter) -> Vec<String> {
    let query = MemberQuery { mfa: Some(mfa), ..MemberQuery::default() };
    let page = members::list(&t.enter_to_read(by, of).await, &query).await.expect("a list");
    assert_eq!(page.total, page.rows.len() as u64);
    page.rows.into_iter().map(|member| member.email).collect()
}

#[tokio::test]
async fn after_the_grace_nobody_comes_in_without() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        require_mfa(&t, &world.ada, &world.acme, 2).await;
        let until = t.enter(&world.mia, &world.acme).await.reminder().expect("a reminder");
        assert!(until - t.request().now < Duration::days(2));
        t.pass(Duration::days(1));
        let late = t.join(&t.enter(&world.ada, &world.acme).await, "Lea Late", "lea@acme.example", Role::Member).await;
        t.pass(Duration::days(1));
        for person in [&world.mia, &world.ben] {
            assert_eq!(refused(t.try_enter(person, &world.acme.slug).await), Problem::EnrolFirst);
        }
        t.enter(&world.ada, &world.acme).await;
        assert!(t.enter(&late, &world.acme).await.reminder().is_some(), "it counts from when she joined");
        t.pass(Duration::days(1));
        assert_eq!(refused(t.try_enter(&late, &world.acme.slug).await), Problem::EnrolFirst);

        let asked = policy::asked(&t.request(), &t.returning(&world.mia).await, "acme").await.unwrap().unwrap();
        assert_eq!((asked.organization.as_str(), asked.due), ("Acme", Some(until)));
        assert!(policy::asked(&t.request(), &world.gus.visitor, "acme").await.unwrap().is_none());
        enrol(&t, &world.mia).await;
        give_passkey(&t, &world.ben).await;
        assert_eq!(t.enter(&world.ben, &world.acme).await.reminder(), None);
    })
    .await;
}

#[tokio::test]
async fn what_counts_is_what_the_organization_says() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        require_mfa(&t, &world.ada, &world.acme, 0).await;
        let slug = &world.acme.slug;
        let enters = async || {
            let to = server::access::Purpose::Read;
            server::access::enter(&t.request(), &mia, slug, to).await.map(|_| ())
        };
        enters().await.unwrap();
        let ada = t.enter(&world.ada, &world.acme).await;
        let passkeys = SecurityPolicy { mfa_methods: Methods { passkey: true, authenticator: false }, ..asking_mfa(0) };
        put_policy(&ada, &passkeys).await.unwrap();
        assert_eq!(refused(enters().await), Problem::EnrolFirst);
        assert_eq!(listed(&t, &world.ada, &world.acme, MfaFilter::On).await, [&*world.ada.email, &world.mia.email]);
        assert_eq!(listed(&t, &world.ada, &world.acme, MfaFilter::Off).await, [&*world.ben.email]);
        let missing = listed(&t, &world.ada, &world.acme, MfaFilter::Missing).await;
        assert_eq!(missing, [&*world.ben.email, &world.mia.email]);
        assert!(listed(&t, &world.gus, &world.globex, MfaFilter::Missing).await.is_empty(), "nothing is asked there");
    })
    .await;
}

#[tokio::test]
async fn the_organization_knows_who_has_what() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let on = async || listed(&t, &world.ada, &world.acme, MfaFilter::On).await;
        assert!(on().await.is_empty());
        let journal = t.journal().await.of(world.acme.log());
        // By the act itself: she does not come by.
        let (_, mia) = enrol(&t, &world.mia).await;
        assert_eq!(on().await, [&*world.mia.email]);
        let app = factors::list(&t.request(), &mia).await.unwrap()[0].id;
        let _grant = factors::remove(&t.request(), &mia, app).await.unwrap();
        assert!(on().await.is_empty());
        // By coming in, whatever has happened elsewhere.
        give_passkey(&t, &world.ben).await;
        t.enter(&world.ben, &world.acme).await;
        assert_eq!(on().await, [&*world.ben.email]);
        assert_eq!(t.journal().await.of(world.acme.log()), journal, "that is on the platform's record");
    })
    .await;
}

#[tokio::test]
async fn who_does_not_comply_is_reminded_once_a_day() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let sam = t.join(&ada, "Sam Suspended", "sam@acme.example", Role::Member).await;
        members::suspend(&ada, sam.account).await.unwrap();
        let nothing = policy::remind(&ada).await.unwrap();
        assert_eq!((nothing.sent, nothing.waiting, nothing.left), (0, 0, 0), "nothing is asked for");
        require_mfa(&t, &world.ada, &world.acme, 7).await;
        let remind = async || policy::remind(&t.enter(&world.ada, &world.acme).await).await.unwrap();
        let journal = t.journal().await;
        let first = remind().await;
        assert_eq!((first.sent, first.waiting, first.left), (2, 0, 0));
        assert_eq!(names(&t.journal().await.since(&journal)), [("policy.reminder_sent", Outcome::Done)]);
        let mail = t.mail_to(&world.mia.email).await.expect("a mail");
        assert_eq!((mail.kind.as_str(), mail.subject.as_str()), ("mfa_reminder", "Acme asks for a second factor"));
        assert!(mail.text.contains("/account/enrol?next=/o/acme") && mail.text.contains("Until "), "{}", mail.text);
        for person in [&world.ada, &world.gus, &sam] {
            let mails = format!(
                "SELECT count(*) FROM platform.outbox WHERE kind = 'mfa_reminder' AND recipient = '{}'",
                person.email
            );
            assert_eq!(t.number(&mails).await, 0, "{}", person.email);
        }
        let second = remind().await;
        assert_eq!((second.sent, second.waiting, second.left), (0, 2, 0));
        assert_eq!(t.journal().await.since(&journal).len(), 1);
        // Who has set one up meanwhile gets no mail.
        give_passkey(&t, &world.mia).await;
        assert!(t.mail_to(&world.mia.email).await.is_none());
        t.enter(&world.mia, &world.acme).await;
        t.pass(Duration::days(1));
        let third = remind().await;
        assert_eq!((third.sent, third.waiting, third.left), (1, 0, 0));
    })
    .await;
}
