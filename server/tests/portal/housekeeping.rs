//! What is over is taken away, and nothing else is.

use domain::accounts::SignUpForm;
use domain::problem::Problem;
use domain::roles::Role;
use server::housekeeping::{Housekeeping, Swept};
use server::mail::Mailer;
use server::outbox::Worker;
use server::testing::{PASSWORD, TestPortal, World};
use server::{invitations, sign_in, sign_up};
use time::Duration;

use crate::support::{NEW, refused, substance};

const SAM: &str = "sam@initech.example";

/// One round of housekeeping.
async fn sweep(t: &TestPortal) -> Swept {
    Housekeeping::new(t.portal()).sweep().await.unwrap()
}

async fn count(t: &TestPortal, table: &str) -> u64 {
    t.number(&format!("SELECT count(*) FROM platform.{table}")).await.unsigned_abs()
}

/// Somebody signs up and does not confirm.
async fn register(t: &TestPortal) {
    let form = SignUpForm {
        name: "Sam Sign-up".to_owned(),
        email: SAM.to_owned(),
        password: PASSWORD.to_owned(),
        organization: "Initech".to_owned(),
    };
    sign_up::sign_up(&t.request(), &form).await.unwrap();
}

#[tokio::test]
async fn what_can_still_be_used_stays() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, globex, ada, gus, mia, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        t.invite(&owner, NEW, Role::Member).await;
        t.invite(&other, NEW, Role::Member).await;
        let session = t.carry(sign_in::sign_in(&t.request(), &mia.email, PASSWORD).await.unwrap()).await;
        sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        register(&t).await;
        let (invited, reset, confirm) =
            (t.secret_for(NEW).await, t.secret_for(&mia.email).await, t.secret_for(SAM).await);

        let before = t.dump("platform", "").await;
        assert_eq!(sweep(&t).await, Swept::default());
        assert_eq!(t.dump("platform", "").await, before);
        assert!(t.visitor(&session).await.is_some());
        invitations::lookup(&t.request(), &invited).await.unwrap();
        sign_in::check_reset(&t.request(), &reset).await.unwrap();
        sign_up::confirm(&t.request(), &confirm).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sessions_go_when_they_have_ended() {
    TestPortal::run(async |t| {
        let World { mia, gus, .. } = t.world().await;
        t.sql("DELETE FROM platform.sessions").await;
        t.sign_in(&mia.email).await;
        t.pass(Duration::days(6));
        t.sign_in(&gus.email).await;
        assert_eq!(sweep(&t).await.sessions, 0);
        t.pass(Duration::days(1));
        assert_eq!(sweep(&t).await.sessions, 1, "nobody has used it for a week");
        // In use all the time, and still over after a month.
        t.sql(&format!(
            "UPDATE platform.sessions SET last_seen_at = timestamptz '{}'",
            t.request().now + Duration::days(40)
        ))
        .await;
        t.pass(Duration::days(28));
        assert_eq!(sweep(&t).await.sessions, 0);
        t.pass(Duration::days(1));
        assert_eq!(sweep(&t).await.sessions, 1);
        assert_eq!(count(&t, "sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn links_tell_what_became_of_them_for_a_week_longer() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, mia, .. } = t.world().await;
        t.sql("DELETE FROM platform.tokens").await;
        let owner = t.enter(&ada, &acme).await;
        sign_in::request_reset(&t.request(), &mia.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&mia.email).await, "another long password").await.unwrap();
        t.sql("UPDATE platform.outbox SET state = 'sent'").await;
        t.invite(&owner, NEW, Role::Member).await;
        let early = t.secret_for(NEW).await;
        t.sql("UPDATE platform.outbox SET state = 'sent'").await;
        t.pass(Duration::days(10));
        let other = t.enter(&gus, &globex).await;
        t.invite(&other, NEW, Role::Member).await;
        let late = t.secret_for(NEW).await;

        assert_eq!(sweep(&t).await.tokens, 1, "the reset's, which was good for an hour");
        assert_eq!(refused(invitations::lookup(&t.request(), &early).await), Problem::LinkExpired);
        t.pass(Duration::days(4));
        let before = substance(&t, &globex).await;
        assert_eq!(sweep(&t).await.tokens, 1);
        assert_eq!(refused(invitations::lookup(&t.request(), &early).await), Problem::NotFound);
        invitations::lookup(&t.request(), &late).await.expect("the other organization's is good");
        assert_eq!(substance(&t, &globex).await, before);
    })
    .await;
}

#[tokio::test]
async fn sign_ups_that_nobody_confirms_go_with_their_mail() {
    TestPortal::run_with_mail(async |t| {
        register(&t).await;
        t.pass(Duration::days(9));
        assert_eq!(sweep(&t).await.registrations, 0, "its mail may still go out, with a link that works");
        t.secret_for(SAM).await;
        t.sql("UPDATE platform.outbox SET state = 'sent'").await;
        assert_eq!(sweep(&t).await.registrations, 1);
        assert_eq!(count(&t, "registrations").await, 0);
        register(&t).await;
        t.sql("UPDATE platform.outbox SET state = 'sent'").await;
        t.pass(Duration::days(7));
        assert_eq!(sweep(&t).await.registrations, 0);
        t.pass(Duration::days(1));
        assert_eq!(sweep(&t).await.registrations, 1);
    })
    .await;
}

#[tokio::test]
async fn mail_goes_a_month_after_its_end_and_never_while_it_waits() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        t.sql("DELETE FROM platform.outbox").await;
        let owner = t.enter(&ada, &acme).await;
        t.invite(&owner, NEW, Role::Member).await;
        let revoked = t.invite(&owner, "revoked@person.example", Role::Member).await;
        invitations::revoke(&owner, revoked).await.unwrap();
        // Nobody listens there: it is tried until it is given up, which takes days.
        let worker = Worker::new(t.portal(), Mailer::new("smtp://127.0.0.1:9", "portal@portcullis.example").unwrap());
        while worker.send_next().await.unwrap() {
            t.pass(Duration::hours(6));
        }
        t.invite(&t.enter(&gus, &globex).await, NEW, Role::Member).await;
        register(&t).await;
        t.pass(Duration::days(29));
        assert_eq!(sweep(&t).await.mails, 1, "the revoked one's");
        t.pass(Duration::days(2));
        assert_eq!(sweep(&t).await.mails, 2, "the one that was given up, and the one that had waited too long");
        t.pass(Duration::days(365));
        assert_eq!(sweep(&t).await.mails, 0);
        assert!(t.mail_to(SAM).await.is_some(), "the sign-up waits for a mail server");
    })
    .await;
}

#[tokio::test]
async fn a_round_deletes_a_thousand_rows_of_a_kind_and_the_next_one_the_rest() {
    TestPortal::run(async |t| {
        t.world().await;
        t.sql("DELETE FROM platform.tokens").await;
        t.sql(
            "INSERT INTO platform.tokens
             SELECT sha256(n::text::bytea), 'reset', gen_random_uuid(), NULL, 'mail', '2025-01-01', '2025-01-01', NULL
             FROM generate_series(1, 1500) n",
        )
        .await;
        assert_eq!([sweep(&t).await.tokens, sweep(&t).await.tokens, sweep(&t).await.tokens], [1000, 500, 0]);
    })
    .await;
}

#[tokio::test]
async fn it_ends_when_it_is_told_to_and_has_done_all_of_it_by_then() {
    TestPortal::run(async |t| {
        t.world().await;
        t.sql("UPDATE platform.sessions SET expires_at = created_at").await;
        let (tell, told) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(Housekeeping::new(t.portal()).run(told));
        while count(&t, "sessions").await > 0 {
            tokio::task::yield_now().await;
        }
        tell.send(true).unwrap();
        running.await.unwrap();
    })
    .await;
}
