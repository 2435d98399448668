//! What other programs are told, and what cannot be had by telling the portal where to send it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::ids::{DeliveryId, EndpointId};
use domain::problem::Problem;
use domain::webhooks::{DeliveryFilter, DeliveryState, EndpointForm, SendProblem};
use server::testing::{Organization, Person, TestPortal, World};
use server::webhooks::{self, Created, Delivery, ReplayForm, Worker};
use server::{Access, Error, Settings, members, notifications};
use time::Duration;
use uuid::Uuid;

use crate::receiver::{Received, Receiver};
use crate::support::{field, names, refused};

/// The settings of a portal that sends to this machine.
pub fn local() -> Settings {
    let webhook_allow = vec!["127.0.0.0/8".parse().expect("a network")];
    Settings { webhook_allow, ..TestPortal::settings(false) }
}

/// A form for an endpoint at this address, which wants these events.
pub fn form(url: &str, events: &[&str]) -> EndpointForm {
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    EndpointForm { url: url.to_owned(), description: "On call".to_owned(), events }
}

/// Sends all that is due.
pub async fn send(t: &TestPortal) {
    let worker = Worker::new(t.portal()).expect("a worker");
    while worker.work_next().await.expect("an answer") {}
}

/// Adds an endpoint, whose test event is sent.
pub async fn add(t: &TestPortal, who: &Person, of: &Organization, url: &str, events: &[&str]) -> Created {
    let access = t.enter(who, of).await;
    let created = webhooks::create(&access, &form(url, events)).await.expect("an endpoint");
    send(t).await;
    created
}

/// What was sent to an endpoint, the newest first.
pub async fn log(access: &Access, id: EndpointId) -> Vec<Delivery> {
    webhooks::deliveries(access, id, DeliveryFilter::default(), None).await.expect("a log").1.rows
}

/// The signature of what came, computed by another library from the secret as it was shown.
pub fn signature(secret: &str, received: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("Base64");
    let (id, at) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let signed = format!("{id}.{at}.{}", received.body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

/// Changes somebody's membership of Acme, and so tells those who listen.
pub async fn somebody_leaves(t: &TestPortal, w: &World) {
    let mia = t.enter(&w.mia, &w.acme).await;
    members::leave(&mia).await.expect("she leaves");
}

/// What was told to somebody.
pub async fn told(t: &TestPortal, who: &Person) -> Vec<String> {
    let page = notifications::list(&t.request(), &t.returning(who).await, None).await.expect("notifications");
    page.rows.iter().map(|row| row.news.describe(str::to_owned)).collect()
}

#[tokio::test]
async fn a_new_endpoint_gets_a_signed_test_event_and_then_what_it_has_chosen() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let before = t.journal().await;
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        let got = receiver.received().await;
        let kinds: Vec<_> = got.iter().map(|one| one.json()["type"].clone()).collect();
        assert_eq!(kinds, ["webhook.test", "member.removed"]);
        for one in &got {
            assert_eq!(one.line, "POST /in?key=1 HTTP/1.1");
            assert_eq!(one.header("content-type"), "application/json");
            assert_eq!(one.header("webhook-signature"), signature(&created.secret, one));
            assert!(one.header("webhook-id").starts_with("msg_"));
            assert_eq!(one.json()["data"]["organization"], w.acme.id.to_string());
        }
        assert_eq!(got[1].json()["data"]["account"], w.mia.account.to_string());
        assert!(!got[1].body.contains("Mia"), "who has left is not named");
        let rows = log(&t.enter(&w.ada, &w.acme).await, created.id).await;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.state == DeliveryState::Delivered && row.status == Some(204)));
        let entries = t.journal().await.since(&before);
        assert!(names(&entries).contains(&("webhook.created", Outcome::Done)));
        let dump = t.dump(&w.acme.schema(), "").await;
        let plain = STANDARD.decode(created.secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!(!dump.contains(created.secret.as_str()) && !dump.contains(&hex::encode(plain)), "it is sealed");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_nobody_knows_keeps_no_other_from_being_sent() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        let (schema, endpoint, now) = (w.acme.schema(), created.id.0, t.request().now.unix_timestamp());
        t.sql(&format!(
            "INSERT INTO {schema}.webhook_deliveries (id, endpoint_id, message_id, kind, body, state, due_at, created_at)
             VALUES (gen_random_uuid(), '{endpoint}', gen_random_uuid(), 'moon.risen', '{{}}', 'waiting',
                     to_timestamp({now}), to_timestamp({now}))"
        ))
        .await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        let kinds: Vec<_> = receiver.received().await.iter().map(|one| one.json()["type"].clone()).collect();
        assert_eq!(kinds, ["webhook.test", "member.removed"]);
        assert_eq!(log(&t.enter(&w.ada, &w.acme).await, created.id).await.len(), 2, "and it is not listed");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_to_this_machine_unless_whoever_runs_it_allows_that() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        assert_eq!(receiver.received().await.len(), 1);
        // The same installation, of which somebody has taken the setting away.
        let closed = t.another(TestPortal::settings(false)).await;
        somebody_leaves(&t, &w).await;
        assert!(Worker::new(&closed).unwrap().work_next().await.unwrap());
        assert_eq!(receiver.received().await.len(), 1, "nothing comes");
        let ada = t.enter(&w.ada, &w.acme).await;
        let newest = log(&ada, created.id).await[0].id;
        let detail = webhooks::delivery(&ada, created.id, newest).await.unwrap();
        assert_eq!(detail.attempts[0].outcome, Err(SendProblem::Address));
    })
    .await;
}

#[tokio::test]
async fn no_address_within_is_an_endpoint() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        for (url, problem) in [
            ("http://127.0.0.1:9/", FieldProblem::PrivateAddress),
            ("https://localhost/", FieldProblem::PrivateAddress),
            ("https://169.254.169.254/latest/meta-data", FieldProblem::PrivateAddress),
            ("https://[::ffff:10.0.0.1]/", FieldProblem::PrivateAddress),
            ("https://2130706433/", FieldProblem::PrivateAddress),
            ("http://hooks.example/", FieldProblem::HttpsOnly),
        ] {
            let access = t.enter(&w.ada, &w.acme).await;
            assert_eq!(field(webhooks::create(&access, &form(url, &["alert.raised"])).await, "url"), problem, "{url}");
        }
        let access = t.enter(&w.ada, &w.acme).await;
        assert!(webhooks::list(&access).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_redirect_leads_nowhere_and_an_answer_is_kept_short() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver, elsewhere) = (t.world().await, Receiver::start().await, Receiver::start().await);
        let location = format!("location: {}\r\n", elsewhere.url());
        receiver.answer_with("307 Temporary Redirect", &location, &"long \u{1b}[2J".repeat(1000)).await;
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["alert.raised"]).await;
        assert_eq!((receiver.received().await.len(), elsewhere.received().await.len()), (1, 0));
        let ada = t.enter(&w.ada, &w.acme).await;
        let rows = log(&ada, created.id).await;
        assert_eq!((rows[0].state, rows[0].status), (DeliveryState::Failed, Some(307)));
        let detail = webhooks::delivery(&ada, created.id, rows[0].id).await.unwrap();
        let answer = &detail.attempts[0].answer;
        assert!(answer.starts_with("long ") && answer.len() < 2048 && !answer.contains('\u{1b}'), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let next = webhooks::rotate(&ada, created.id).await.unwrap();
        assert_ne!(*next, *created.secret);
        let shown = webhooks::reveal(&ada, created.id).await.unwrap();
        assert_eq!((&shown.secret, &shown.former.unwrap().0), (&next, &created.secret));
        webhooks::test(&ada, created.id).await.unwrap();
        send(&t).await;
        let both = receiver.received().await.remove(1);
        let expected = format!("{} {}", signature(&next, &both), signature(&created.secret, &both));
        assert_eq!(both.header("webhook-signature"), expected);
        t.pass(Duration::hours(25));
        let ben = t.sign_in(&w.ben.email).await;
        let ben = t.enter(&ben, &w.acme).await;
        webhooks::test(&ben, created.id).await.unwrap();
        send(&t).await;
        let one = receiver.received().await.remove(2);
        assert_eq!(one.header("webhook-signature"), signature(&next, &one));
        assert!(webhooks::reveal(&ben, created.id).await.unwrap().former.is_none());
    })
    .await;
}

#[tokio::test]
async fn secrets_are_for_who_has_shown_just_now_who_they_are() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        t.pass(Duration::minutes(11));
        let ada = t.enter(&w.ada, &w.acme).await;
        let before = t.journal().await;
        assert_eq!(refused(webhooks::reveal(&ada, created.id).await.map(|_| ())), Problem::StepUpFirst);
        assert_eq!(refused(webhooks::rotate(&ada, created.id).await), Problem::StepUpFirst);
        let another = form("https://hooks.example/", &["member.removed"]);
        assert_eq!(refused(webhooks::create(&ada, &another).await.map(|_| ())), Problem::StepUpFirst);
        assert_eq!(refused(webhooks::change(&ada, created.id, &another).await), Problem::StepUpFirst, "it moves");
        assert!(t.journal().await.since(&before).is_empty());
        let events = form(&receiver.url(), &["member.joined", "member.removed"]);
        webhooks::change(&ada, created.id, &events).await.unwrap();
        assert_eq!(webhooks::lookup(&ada, created.id).await.unwrap().events.len(), 2);
    })
    .await;
}

/// Everything that can be done with an endpoint, and what came of each.
async fn everything(access: &Access, id: EndpointId, delivery: DeliveryId) -> Vec<String> {
    let form = form("https://hooks.example/", &["member.removed"]);
    let hours = ReplayForm { hours: "1".to_owned() };
    let said = |answer: Result<(), Error>| format!("{answer:?}");
    vec![
        said(webhooks::lookup(access, id).await.map(|_| ())),
        said(webhooks::deliveries(access, id, DeliveryFilter::default(), None).await.map(|_| ())),
        said(webhooks::delivery(access, id, delivery).await.map(|_| ())),
        said(webhooks::change(access, id, &form).await),
        said(webhooks::reveal(access, id).await.map(|_| ())),
        said(webhooks::rotate(access, id).await.map(|_| ())),
        said(webhooks::test(access, id).await),
        said(webhooks::replay(access, id, delivery).await),
        said(webhooks::replay_failed(access, id, &hours).await.map(|_| ())),
        said(webhooks::disable(access, id).await),
        said(webhooks::enable(access, id).await),
        said(webhooks::delete(access, id, "127.0.0.1").await.map(|_| ())),
    ]
}

#[tokio::test]
async fn another_organizations_endpoint_is_nobodys_and_hears_nothing() {
    TestPortal::run_with(local(), async |t| {
        let (w, ours, theirs) = (t.world().await, Receiver::start().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &ours.url(), &["member.removed"]).await;
        add(&t, &w.gus, &w.globex, &theirs.url(), &["member.removed"]).await;
        somebody_leaves(&t, &w).await;
        send(&t).await;
        assert_eq!((ours.received().await.len(), theirs.received().await.len()), (2, 1));
        let delivery = log(&t.enter(&w.ada, &w.acme).await, created.id).await[0].id;
        let gus = t.enter(&w.gus, &w.globex).await;
        let foreign = everything(&gus, created.id, delivery).await;
        let nobody = Uuid::from_bytes(t.random());
        assert_eq!(foreign, everything(&gus, nobody.into(), nobody.into()).await);
        assert!(foreign.iter().all(|answer| answer == "Err(Refused(NotFound))"), "{foreign:?}");
        assert_eq!(webhooks::list(&t.enter(&w.ada, &w.acme).await).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_member_does_nothing_with_webhooks_and_every_try_is_on_record() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let created = add(&t, &w.ada, &w.acme, &receiver.url(), &["member.removed"]).await;
        let delivery = log(&t.enter(&w.ada, &w.acme).await, created.id).await[0].id;
        let (mia, before) = (t.enter(&w.mia, &w.acme).await, t.journal().await);
        let answers = everything(&mia, created.id, delivery).await;
        assert!(answers.iter().all(|answer| answer == "Err(Refused(Forbidden))"), "{answers:?}");
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.len(), answers.len());
        assert!(entries.iter().all(|entry| entry.outcome == Outcome::Denied));
    })
    .await;
}
