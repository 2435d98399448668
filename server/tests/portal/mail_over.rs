//! Mail that waited until nobody needed it any more is not sent, and says so.

use domain::accounts::SignUpForm;
use domain::audit::{LogId, Outcome};
use domain::invitations::{INVITATION_LIFETIME, MailState};
use domain::roles::Role;
use server::housekeeping::Housekeeping;
use server::mail::Mailer;
use server::outbox::{self, Worker};
use server::testing::{PASSWORD, TestPortal, World, first_link, secret_of};
use server::{RequestContext, accounts, invitations, sign_in, sign_up};
use time::Duration;
use tokio::net::TcpListener;

use crate::sink::Sink;
use crate::support::{NEW, accept_as_new, names};

const SAM: &str = "sam@initech.example";
const NEXT: &str = "a password to come";

/// What goes out when a mail server is there at last.
pub async fn sent(t: &TestPortal) -> Vec<String> {
    let sink = Sink::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(sink.clone().serve(listener));
    let worker = Worker::new(t.portal(), Mailer::new(&url, "portal@portcullis.example").unwrap());
    while worker.send_next().await.unwrap() {}
    server.abort();
    sink.mails().await
}

/// The states of all mail to an address, oldest first.
async fn states(t: &TestPortal, email: &str) -> String {
    t.text(&format!(
        "SELECT coalesce(string_agg(state, ' ' ORDER BY created_at, id), '') FROM platform.outbox WHERE recipient = '{email}'"
    ))
    .await
}

async fn mail_state(t: &TestPortal, World { ada, acme, .. }: &World) -> Option<MailState> {
    let access = t.enter(ada, acme).await;
    invitations::list(&access, None).await.unwrap().rows.iter().find(|row| row.email == NEW).unwrap().mail
}

#[tokio::test]
async fn an_invitation_that_expired_while_its_mail_waited_is_not_sent() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        t.invite(&t.enter(&world.ada, &world.acme).await, NEW, Role::Member).await;
        t.pass(INVITATION_LIFETIME);
        assert!(t.mail_to(NEW).await.is_none(), "nobody is shown a link that is dead");
        assert!(sent(&t).await.is_empty());
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Expired));
        assert_eq!(t.text("SELECT details::text FROM platform.outbox").await, "{}");

        // Where there is no mail server, the hourly round says the same.
        t.invite(&t.enter(&world.ada, &world.acme).await, NEW, Role::Member).await;
        t.pass(INVITATION_LIFETIME);
        Housekeeping::new(t.portal()).sweep().await.unwrap();
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Expired));

        // Invited anew, they get one mail.
        t.invite(&t.enter(&world.ada, &world.acme).await, NEW, Role::Member).await;
        assert_eq!(sent(&t).await.len(), 1);
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Sent));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_that_was_answered_or_replaced_while_its_mail_waited_is_not_sent() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        invitations::resend(&t.enter(&world.ada, &world.acme).await, invitation).await.unwrap();
        assert_eq!(states(&t, NEW).await, "cancelled waiting");
        let link = invitations::copy_link(&ada, invitation).await.unwrap();
        accept_as_new(&t, secret_of(&link.link)).await.unwrap();
        let declined = t.invite(&ada, "no@person.example", Role::Member).await;
        let link = invitations::copy_link(&ada, declined).await.unwrap();
        invitations::decline(&t.request(), secret_of(&link.link)).await.unwrap();
        assert!(sent(&t).await.is_empty());
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Cancelled));
        assert_eq!(states(&t, "no@person.example").await, "cancelled");
    })
    .await;
}

#[tokio::test]
async fn of_several_letters_about_a_forgotten_password_the_newest_is_sent() {
    TestPortal::run_with_mail(async |t| {
        let World { mia, .. } = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        for _ in 0..3 {
            sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        }
        assert_eq!(states(&t, &mia.email).await, "cancelled cancelled waiting");
        assert_eq!(sent(&t).await.len(), 1);

        // A letter that was asked for a day ago helps nobody.
        sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        t.pass(Duration::DAY);
        assert!(sent(&t).await.is_empty());
        assert_eq!(states(&t, &mia.email).await, "cancelled cancelled sent expired");
    })
    .await;
}

#[tokio::test]
async fn a_letter_about_a_forgotten_password_is_not_sent_once_there_is_a_new_one() {
    TestPortal::run_with_mail(async |t| {
        let World { mia, gus, .. } = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&mia.email).await, NEXT).await.unwrap();
        sign_in::request_reset(&t.request(), &gus.email).await.unwrap();
        // Given up, it could still be shown to whoever runs the server.
        t.sql("UPDATE platform.outbox SET state = 'failed' WHERE state = 'waiting'").await;
        let _grant = accounts::change_password(&t.request(), &gus.visitor, PASSWORD, NEXT).await.unwrap();
        t.sql("DELETE FROM platform.outbox WHERE kind = 'notice'").await;
        for email in [&mia.email, &gus.email] {
            assert_eq!(states(&t, email).await, "cancelled");
            assert!(t.mail_to(email).await.is_none());
        }
        assert!(sent(&t).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn mail_that_whoever_runs_the_server_reads_is_on_record() {
    TestPortal::run(async |t| {
        let World { mia, ada, acme, .. } = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        let operator = RequestContext::internal(t.portal());
        let journal = t.journal().await;
        assert!(outbox::read(&operator).await.unwrap().is_empty());
        assert_eq!(names(&t.journal().await.since(&journal)), []);

        sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        t.invite(&t.enter(&ada, &acme).await, NEW, Role::Member).await;
        let journal = t.journal().await;
        let mails = outbox::read(&operator).await.unwrap();
        let kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
        assert_eq!(kinds, ["invitation", "reset"]);
        sign_in::check_reset(&t.request(), secret_of(first_link(&mails[1].text))).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("mail.read", Outcome::Done); 2]);
        assert!(entries.iter().all(|entry| entry.log == LogId::Platform));
        let last = t.text("SELECT canonical FROM platform.audit_entries ORDER BY index DESC LIMIT 1").await;
        assert!(
            last.contains("operator") && last.contains("reset") && last.contains(&mails[1].id.to_string()),
            "{last}"
        );
        assert!(!last.contains(&mia.email), "the address is a commitment");
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_that_was_confirmed_or_overtaken_while_its_mail_waited_is_not_sent() {
    TestPortal::run_with_mail(async |t| {
        let form = SignUpForm {
            name: "Sam Sign-up".to_owned(),
            email: SAM.to_owned(),
            password: PASSWORD.to_owned(),
            organization: "Initech".to_owned(),
        };
        sign_up::sign_up(&t.request(), &form).await.unwrap();
        let secret = t.secret_for(SAM).await;
        sign_up::sign_up(&t.request(), &form).await.unwrap();
        sign_up::confirm(&t.request(), &secret).await.unwrap();
        assert_eq!(states(&t, SAM).await, "cancelled waiting");
        assert!(t.mail_to(SAM).await.is_none(), "the second one's address is proven by now");
        assert!(sent(&t).await.is_empty());
        assert_eq!(states(&t, SAM).await, "cancelled cancelled");
    })
    .await;
}
