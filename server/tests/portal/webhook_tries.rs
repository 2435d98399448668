//! What becomes of what is not taken at once, and for how long what was sent is kept.

use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::webhooks::{DeliveryState, DisabledWhy};
use server::testing::TestPortal;
use server::webhooks::{self, ReplayForm, Worker};
use sqlx::{AssertSqlSafe, Connection};
use time::Duration;

use crate::receiver::Receiver;
use crate::support::{field, refused};
use crate::webhooks::{add, local, log, send, signature, somebody_leaves, told};

#[tokio::test]
async fn what_is_not_taken_is_sent_again_until_it_is() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        receiver.answer("500 Internal Server Error", "not now").await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        assert_eq!(receiver.received().await.len(), 2);
        send(&t).await;
        assert_eq!(receiver.received().await.len(), 2, "not at once");
        t.pass(Duration::seconds(6));
        send(&t).await;
        assert_eq!(receiver.received().await.len(), 3);
        receiver.answer("200 OK", "thanks").await;
        t.pass(Duration::seconds(31));
        send(&t).await;
        t.pass(Duration::DAY);
        send(&t).await;
        let got = receiver.received().await;
        assert_eq!(got.len(), 4, "and no more once it is taken");
        for one in &got[2..] {
            assert_eq!(one.header("webhook-id"), got[1].header("webhook-id"));
            assert_eq!(one.body, got[1].body);
            assert_ne!(one.header("webhook-timestamp"), got[1].header("webhook-timestamp"));
            assert_eq!(one.header("webhook-signature"), signature(&created.secret, one));
        }
        let ada = t.enter(&w.ada, &w.acme).await;
        let row = log(&ada, created.id).await.remove(0);
        assert_eq!((row.state, row.sent, row.due_at), (DeliveryState::Delivered, 3, None));
        let outcomes: Vec<_> = webhooks::delivery(&ada, created.id, row.id).await.unwrap().attempts;
        assert_eq!(outcomes.iter().map(|attempt| attempt.outcome).collect::<Vec<_>>(), [Ok(200), Ok(500), Ok(500)]);
        assert_eq!(webhooks::lookup(&ada, created.id).await.unwrap().failing_since, None);
    })
    .await;
}

/// Lets days pass in which everything is tried that is due.
async fn wait(t: &TestPortal, hours: i64) {
    for _ in 0..hours * 2 {
        t.pass(Duration::minutes(30));
        send(t).await;
    }
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_after_a_day_and_can_be_sent_again() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        receiver.answer("503 Service Unavailable", "").await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        wait(&t, 30).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let row = log(&ada, created.id).await.remove(0);
        assert_eq!((row.state, row.sent), (DeliveryState::Failed, 11));
        let tried = receiver.received().await.len();
        receiver.answer("204 No Content", "").await;
        webhooks::replay(&ada, created.id, row.id).await.unwrap();
        send(&t).await;
        let got = receiver.received().await;
        assert_eq!(got.len(), tried + 1);
        assert_eq!(got[tried].header("webhook-id"), got[1].header("webhook-id"));
        assert_eq!(got[tried].body, got[1].body);
        let again = log(&t.enter(&w.ada, &w.acme).await, created.id).await.remove(0);
        assert_eq!((again.state, again.sent), (DeliveryState::Delivered, 12));
        let nothing = webhooks::replay_failed(&ada, created.id, &ReplayForm { hours: "96".into() }).await;
        assert_eq!(nothing.unwrap(), 0, "nothing is given up any more");
    })
    .await;
}

#[tokio::test]
async fn all_that_was_given_up_in_a_time_is_sent_again_at_once() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        receiver.answer("500 Oops", "").await;
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.joined"]).await;
        for _ in 0..5 {
            webhooks::test(&t.enter(&w.ada, &w.acme).await, created.id).await.unwrap();
        }
        send(&t).await;
        receiver.answer("204 No Content", "").await;
        let before = receiver.received().await.len();
        assert_eq!(before, 6);
        let ada = t.enter(&w.ada, &w.acme).await;
        for bad in ["", "0", "97", "-1", "x"] {
            let answer = webhooks::replay_failed(&ada, created.id, &ReplayForm { hours: bad.into() }).await;
            assert_eq!(field(answer, "hours"), FieldProblem::OutOfRange(1, 96), "{bad}");
        }
        let count = webhooks::replay_failed(&ada, created.id, &ReplayForm { hours: "1".into() }).await.unwrap();
        assert_eq!(count, 6);
        let waiting = log(&ada, created.id).await[0].id;
        assert_eq!(refused(webhooks::replay(&ada, created.id, waiting).await), Problem::Changed, "it waits already");
        send(&t).await;
        assert_eq!(receiver.received().await.len(), before + 6);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_and_those_are_told_who_manage_it() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        receiver.answer("410 Gone", "").await;
        webhooks::test(&t.enter(&w.ada, &w.acme).await, created.id).await.unwrap();
        send(&t).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let endpoint = webhooks::lookup(&ada, created.id).await.unwrap();
        assert_eq!(endpoint.disabled.map(|(_, why)| why), Some(DisabledWhy::Gone));
        let said = "Nothing is sent any more from Acme to the webhook at 127.0.0.1: it did not take it.";
        for (person, is_told) in [(&w.ada, true), (&w.ben, true), (&w.mia, false), (&w.gus, false)] {
            assert_eq!(told(&t, person).await.iter().any(|line| line == said), is_told, "{}", person.name);
        }
        assert_eq!(refused(webhooks::test(&ada, created.id).await), Problem::Changed);
        somebody_leaves(&t, &w).await;
        send(&t).await;
        assert_eq!(receiver.received().await.len(), 2, "nothing is sent to it");
        webhooks::enable(&ada, created.id).await.unwrap();
        assert!(webhooks::lookup(&ada, created.id).await.unwrap().disabled.is_none());
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_five_days_is_disabled() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        receiver.answer("500 Oops", "").await;
        for day in 0..6 {
            let ada = t.sign_in(&w.ada.email).await;
            let access = t.enter(&ada, &w.acme).await;
            assert!(webhooks::lookup(&access, created.id).await.unwrap().disabled.is_none(), "day {day}");
            webhooks::test(&access, created.id).await.unwrap();
            send(&t).await;
            t.pass(Duration::days(1));
        }
        let ada = t.sign_in(&w.ada.email).await;
        let endpoint = webhooks::lookup(&t.enter(&ada, &w.acme).await, created.id).await.unwrap();
        assert_eq!(endpoint.disabled.map(|(_, why)| why), Some(DisabledWhy::Failing));
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_is_forgotten_after_a_month_without_anybody_looking_for_it() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        let kept = format!("SELECT count(*) FROM {0}.webhook_deliveries", w.acme.schema());
        assert_eq!(t.number(&kept).await, 1);
        t.pass(Duration::days(31));
        send(&t).await;
        assert_eq!(t.number(&kept).await, 0);
        assert_eq!(t.number("SELECT count(*) FROM platform.webhook_queue").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_is_kept_for_three_days_and_that_it_was_sent_for_a_month() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        receiver.answer("204 No Content", "thanks").await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let row = log(&ada, created.id).await.remove(0);
        t.pass(Duration::days(2));
        send(&t).await;
        let access = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let detail = webhooks::delivery(&access, created.id, row.id).await.unwrap();
        assert!(detail.delivery.is_kept && detail.body.is_some());
        t.pass(Duration::days(2));
        send(&t).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let detail = webhooks::delivery(&ada, created.id, row.id).await.unwrap();
        assert_eq!((detail.delivery.state, detail.body), (DeliveryState::Delivered, None));
        assert!(!detail.delivery.is_kept);
        assert!(detail.attempts[0].outcome == Ok(204) && detail.attempts[0].answer.is_empty());
        assert_eq!(refused(webhooks::replay(&ada, created.id, row.id).await), Problem::Changed);
        let schema = w.acme.schema();
        let bodies = format!("SELECT count(*) FROM {schema}.webhook_deliveries WHERE body IS NOT NULL");
        assert_eq!(t.number(&bodies).await, 0, "the test event's is gone, too");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_while_a_turn_takes_too_long_is_not_lost() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        somebody_leaves(&t, &w).await;
        let id = w.acme.id;
        // As long as this is held, the worker's last look at what is due has not begun.
        let mut holder = t.database().connect().await;
        let mut held = holder.begin().await.expect("a transaction");
        let lock = format!("SELECT FROM {}.webhook_endpoints FOR UPDATE", w.acme.schema());
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *held).await.expect("it is held");
        let worker = Worker::new(t.portal()).expect("a worker");
        let others = async {
            while receiver.received().await.len() < 2 {
                tokio::task::yield_now().await;
            }
            // By a clock for which the worker's time is over.
            t.sql(&format!(
                "INSERT INTO platform.webhook_queue AS q (tenant_id, due_at) VALUES ('{id}', 'infinity')
                 ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(q.due_at, EXCLUDED.due_at), wakes = q.wakes + 1"
            ))
            .await;
            held.rollback().await.expect("it is free");
        };
        let (turn, ()) = tokio::join!(worker.work_next(), others);
        assert!(turn.expect("a turn"));
        let soon = t.request().now + Duration::minutes(10);
        let until =
            format!("SELECT count(*) FROM platform.webhook_queue WHERE tenant_id = '{id}' AND due_at < '{soon}'");
        assert_eq!(t.number(&until).await, 1, "somebody looks again when the turn's time is over");
    })
    .await;
}
