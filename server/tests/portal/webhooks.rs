//! What other programs are told, and what cannot be had by telling the portal where to send it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::audit::Outcome;
use domain::detections::{Rule, Severity};
use domain::fields::FieldProblem;
use domain::ids::{DeliveryId, EndpointId};
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::{Role, RoleForm, RoleId};
use domain::webhooks::{DeliveryFilter, DeliveryState, DisabledWhy, EndpointForm, SendProblem};
use server::alerts::{self, AssignForm, NoteForm};
use server::testing::{Organization, Person, TestPortal, World};
use server::webhooks::{self, Created, Delivery, ReplayForm, Worker};
use server::{Access, Error, Settings, audit, members, notifications};
use sqlx::{AssertSqlSafe, Connection};
use time::Duration;
use uuid::Uuid;

use crate::detections::{look, of_rule, overreach};
use crate::receiver::{Received, Receiver};
use crate::support::{field, give_passkey, names, put_policy, refused};

/// The settings of a portal that sends to this machine.
pub fn local() -> Settings {
    let webhook_allow = vec!["127.0.0.0/8".parse().expect("a network")];
    Settings { webhook_allow, ..TestPortal::settings(false) }
}

fn form(url: &str, events: &[&str]) -> EndpointForm {
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
async fn log(access: &Access, id: EndpointId) -> Vec<Delivery> {
    webhooks::deliveries(access, id, DeliveryFilter::default(), None).await.expect("a log").1.rows
}

/// The signature of what came, computed by another library from the secret as it was shown.
fn signature(secret: &str, received: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("Base64");
    let (id, at) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let signed = format!("{id}.{at}.{}", received.body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

/// Changes somebody's membership of Acme, and so tells those who listen.
async fn somebody_leaves(t: &TestPortal, w: &World) {
    let mia = t.enter(&w.mia, &w.acme).await;
    members::leave(&mia).await.expect("she leaves");
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

/// What was told to somebody.
async fn told(t: &TestPortal, who: &Person) -> Vec<String> {
    let page = notifications::list(&t.request(), &t.returning(who).await, None).await.expect("notifications");
    page.rows.iter().map(|row| row.news.describe(str::to_owned)).collect()
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
async fn nobody_is_sent_what_whoever_adds_the_endpoint_may_not_read() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = RoleForm {
            name: "Integrator".to_owned(),
            permissions: vec!["webhooks.manage".to_owned(), "members.view".to_owned()],
            ..RoleForm::default()
        };
        let role = RoleId::Custom(server::roles::create(&ada, &form).await.unwrap());
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.mia.account, role).await.unwrap();
        let mia = t.enter(&w.mia, &w.acme).await;
        let answer = webhooks::create(&mia, &self::form(&receiver.url(), &["alert.raised", "member.joined"])).await;
        assert_eq!(field(answer.map(|_| ()), "event"), FieldProblem::UnknownChoice);
        let created = webhooks::create(&mia, &self::form(&receiver.url(), &["member.joined"])).await.unwrap();
        let offered = webhooks::prepare(&mia).await.unwrap();
        assert!(offered.iter().all(|kind| kind.code().starts_with("member.")), "{offered:?}");
        assert!(webhooks::lookup(&mia, created.id).await.is_ok());
        t.join(&t.enter(&w.ada, &w.acme).await, "New Person", "new@person.example", Role::Member).await;
        send(&t).await;
        // They are sent at the same time.
        let mut got = receiver.received().await.into_iter().map(|request| request.json());
        let joined = got.find(|event| event["type"] == "member.joined").expect("it is sent");
        assert_eq!(joined["data"]["name"], "New Person");
        assert_eq!(joined["data"]["role"], "member");
    })
    .await;
}

#[tokio::test]
async fn alerts_checkpoints_and_policies_are_told_as_they_happen() {
    TestPortal::run_with(local(), async |t| {
        let (w, receiver) = (t.world().await, Receiver::start().await);
        let events = ["alert.raised", "alert.changed", "audit.checkpoint", "policy.enforced"];
        add(&t, &w.ada, &w.acme, &receiver.url(), &events).await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        let alert = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.remove(0);
        let ben = t.enter(&w.ben, &w.acme).await;
        alerts::acknowledge(&ben, alert.id, NoteForm::default()).await.unwrap();
        let to_ada = AssignForm { assignee: w.ada.account.to_string(), ..AssignForm::default() };
        alerts::assign(&ben, alert.id, to_ada).await.unwrap();
        let size = audit::take_checkpoint(&t.enter(&w.ada, &w.acme).await).await.unwrap();
        give_passkey(&t, &w.ada).await;
        let policy = SecurityPolicy { mfa: true, mfa_grace_days: 7, ..SecurityPolicy::default() };
        put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.unwrap();
        send(&t).await;
        let told = |kind: &str, got: &[Received]| {
            got.iter().map(Received::json).filter(|json| json["type"] == kind).collect::<Vec<_>>()
        };
        let got = receiver.received().await;
        let raised = told("alert.raised", &got);
        assert!(raised.iter().any(|json| json["data"]["alert"] == alert.id.to_string()), "{raised:?}");
        let changes: Vec<_> = told("alert.changed", &got).iter().map(|json| json["data"]["change"].clone()).collect();
        assert!(changes.contains(&"acknowledged".into()) && changes.contains(&"assigned".into()), "{changes:?}");
        let checkpoint = told("audit.checkpoint", &got).remove(0);
        assert_eq!(checkpoint["data"]["size"], size);
        assert!(checkpoint["data"]["note"].as_str().unwrap().contains(&size.to_string()));
        let enforced = told("policy.enforced", &got).remove(0);
        assert!(enforced["data"]["settings"].as_array().unwrap().contains(&"mfa".into()), "{enforced}");
    })
    .await;
}

#[tokio::test]
async fn urgent_alerts_come_by_mail_and_others_to_whoever_wants_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        let mails = async |kind: &str, to: &Person| {
            let of = format!("kind = 'news' AND details::text LIKE '%{kind}%' AND recipient = '{}'", to.email);
            t.number(&format!("SELECT count(*) FROM platform.outbox WHERE {of}")).await
        };
        let urgent = Rule::DeniedSpike.info().severity >= Severity::High;
        assert_eq!(mails("denied_spike", &w.ada).await, i64::from(urgent));
        assert_eq!(mails("denied_spike", &w.mia).await, 0);
        let alert = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.remove(0);
        let to_ben = AssignForm { assignee: w.ben.account.to_string(), ..AssignForm::default() };
        alerts::assign(&t.enter(&w.ada, &w.acme).await, alert.id, to_ben).await.unwrap();
        assert_eq!(mails("alert_assigned", &w.ben).await, 1);
        assert!(
            told(&t, &w.ben)
                .await
                .contains(&"Ada Lovelace asks you to look after an alert in Acme: Many denials.".to_owned())
        );
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
