//! Mail that waits, goes out later, or is not wanted any more; with a mail server that is there or not.

use domain::invitations::MailState;
use domain::roles::Role;
use server::invitations::{self, Joiner};
use server::mail::Mailer;
use server::outbox::Worker;
use server::testing::{PASSWORD, TestPortal, first_link, secret_of};
use time::Duration;
use tokio::net::TcpListener;

use crate::sink::Sink;
use crate::support::NEW;

/// A port that nobody listens on, and a worker that sends there.
async fn closed_port(t: &TestPortal) -> (u16, Worker) {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mailer = Mailer::new(&format!("smtp://127.0.0.1:{port}"), "Portcullis <portal@portcullis.example>").unwrap();
    (port, Worker::new(t.portal(), mailer))
}

async fn mail_state(t: &TestPortal, world: &server::testing::World) -> Option<MailState> {
    let ada = t.enter(&world.ada, &world.acme).await;
    invitations::list(&ada, None).await.unwrap().rows.iter().find(|row| row.email == NEW).unwrap().mail
}

/// The text of a mail in which long lines were folded (RFC 2045, quoted-printable).
fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn an_invitation_waits_for_the_mail_server_and_goes_out_later() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        t.invite(&ada, NEW, Role::Member).await;
        let (port, worker) = closed_port(&t).await;

        assert!(worker.send_next().await.unwrap(), "there was something to try");
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Waiting));
        let waiting = t.mail_to(NEW).await.unwrap();
        assert_eq!((waiting.attempts, waiting.state.as_str()), (1, "waiting"));
        assert!(waiting.last_error.is_some());
        assert!(!worker.send_next().await.unwrap(), "it is not tried again at once");

        let sink = Sink::default();
        let server = tokio::spawn(sink.clone().serve(TcpListener::bind(("127.0.0.1", port)).await.unwrap()));
        t.pass(Duration::MINUTE);
        assert!(worker.send_next().await.unwrap());
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Sent));
        assert!(!worker.send_next().await.unwrap(), "it is sent once");

        let mails = sink.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains(&format!("To: {NEW}")));
        let text = unfolded(&mails[0]);
        assert!(text.contains("Ada Lovelace") && text.contains("Acme"));
        let link = text.lines().find(|line| line.contains("/invite/")).expect("a link");
        let joiner = Joiner::New { name: "New Person", password: PASSWORD };
        invitations::accept(&t.request(), secret_of(first_link(link)), joiner).await.unwrap();
        server.abort();
    })
    .await;
}

#[tokio::test]
async fn the_mail_of_a_revoked_invitation_is_not_sent() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let (port, worker) = closed_port(&t).await;
        assert!(worker.send_next().await.unwrap());
        invitations::revoke(&ada, invitation).await.unwrap();
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Cancelled));

        let sink = Sink::default();
        let server = tokio::spawn(sink.clone().serve(TcpListener::bind(("127.0.0.1", port)).await.unwrap()));
        t.pass(Duration::DAY);
        assert!(!worker.send_next().await.unwrap());
        assert!(sink.mails().await.is_empty());
        assert!(t.mail_to(NEW).await.is_none());
        server.abort();
    })
    .await;
}

#[tokio::test]
async fn a_mail_is_given_up_after_many_tries_and_can_be_sent_anew() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        let invitation = t.invite(&ada, NEW, Role::Member).await;
        let (_, worker) = closed_port(&t).await;
        let mut tries = 0;
        while worker.send_next().await.unwrap() {
            tries += 1;
            t.pass(Duration::hours(6));
        }
        assert_eq!(tries, 20);
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Failed));
        invitations::resend(&t.enter(&world.ada, &world.acme).await, invitation).await.unwrap();
        assert_eq!(mail_state(&t, &world).await, Some(MailState::Waiting));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_send_each_mail_once() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        for number in 0..10 {
            t.invite(&ada, &format!("new{number}@person.example"), Role::Member).await;
        }
        let sink = Sink::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(sink.clone().serve(listener));
        let workers = (0..4).map(|_| {
            let worker = Worker::new(t.portal(), Mailer::new(&url, "portal@portcullis.example").unwrap());
            tokio::spawn(async move { while worker.send_next().await.unwrap() {} })
        });
        for done in futures::future::join_all(workers).await {
            done.unwrap();
        }
        assert_eq!(sink.mails().await.len(), 10);
        server.abort();
    })
    .await;
}
