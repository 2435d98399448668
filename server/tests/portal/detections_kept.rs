//! What is noticed is looked at, whoever ends in between; it is kept as long as it may be, and floods bury nothing.

use domain::detections::{Resolution, Rule, Span};
use domain::policy::SecurityPolicy;
use domain::problem::Problem;
use domain::roles::Role;
use server::alerts::{self, ResolveForm};
use server::detections::Worker;
use server::testing::{Organization, Person, TestPortal};
use server::{members, organizations, security};
use time::Duration;

use crate::detections::{look, of_rule, overreach};
use crate::support::{DENIED, put_policy, refused, sqlstate};

#[tokio::test]
async fn what_was_noticed_before_a_program_ended_is_looked_at_however_late_another_starts() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        // Nobody has looked, and nobody comes by for hours.
        t.pass(Duration::hours(5));
        let later = t.another(TestPortal::settings(false)).await;
        let worker = Worker::new(&later);
        while worker.work_next().await.expect("an answer") {}
        later.close().await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 1);
        look(&t).await;
        assert_eq!(t.number("SELECT count(*) FROM platform.detection_queue").await, 0, "nothing is left waiting");
    })
    .await;
}

#[tokio::test]
async fn what_one_worker_has_left_another_takes_up_after_a_minute() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        let taken =
            format!("UPDATE platform.detection_queue SET due_at = '{}'", t.request().now + Duration::minutes(1));
        t.sql(&taken).await;
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 0);
        t.pass(Duration::minutes(2));
        look(&t).await;
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_set_aside_and_keeps_nobody_waiting() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        let schema = w.acme.schema();
        let tuning = t.text(&format!("SELECT tuning FROM {schema}.detection_settings")).await;
        t.sql(&format!("UPDATE {schema}.detection_settings SET tuning = 'nothing that can be read'")).await;
        overreach(&t, &w.mia, &w.acme, 10).await;
        let attempts = "SELECT coalesce(max(attempts), 0)::bigint FROM platform.detection_queue";
        for number in 1..8 {
            look(&t).await;
            assert_eq!(t.number(attempts).await, number.min(5), "no more than five times");
            t.pass(Duration::minutes(2));
        }
        let aside = "SELECT count(*) FROM platform.detection_queue WHERE set_aside_at IS NOT NULL AND why <> ''";
        assert_eq!(t.number(aside).await, 1, "one row is left of all of it");
        let set_aside = async |who: &Person, of: &Organization| {
            let access = t.enter_to_read(who, of).await;
            security::dashboard(&access, Span::Day).await.expect("a dashboard").set_aside
        };
        assert!(set_aside(&w.ada, &w.acme).await.is_some(), "those who look after the organization see it");
        assert_eq!(set_aside(&w.gus, &w.globex).await, None);
        t.sql(&format!(
            "INSERT INTO platform.detection_queue (tenant_id, at) VALUES ('{}', '{}')",
            w.globex.id,
            t.request().now
        ))
        .await;
        look(&t).await;
        let others = format!("SELECT count(*) FROM platform.detection_queue WHERE tenant_id = '{}'", w.globex.id);
        assert_eq!(t.number(&others).await, 0, "nobody else waits");
        // A later program can read it.
        t.sql(&format!("UPDATE {schema}.detection_settings SET tuning = '{tuning}'")).await;
        assert_eq!(Worker::new(t.portal()).take_up().await.unwrap(), 1);
        look(&t).await;
        assert_eq!(set_aside(&w.ada, &w.acme).await, None);
        assert_eq!(of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await.len(), 1, "and nothing was lost");
    })
    .await;
}

#[tokio::test]
async fn a_flood_from_a_thousand_networks_is_a_few_alerts_and_a_number() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        look(&t).await;
        let (schema, id) = (w.acme.schema(), w.acme.id);
        let flood = async |networks: &str| {
            let at = t.request().now;
            t.sql(&format!(
                "INSERT INTO {schema}.security_events (at, kind, ip)
                 SELECT '{at}', 'sign_in_failed', ('203.0.' || network || '.' || host)::inet
                 FROM generate_series({networks}) network, generate_series(1, 8) host;
                 INSERT INTO platform.detection_queue (tenant_id, at) VALUES ('{id}', '{at}')"
            ))
            .await;
            look(&t).await;
            let found = of_rule(&t, &w.ada, &w.acme, Rule::Spraying).await;
            (found.len(), found.iter().map(|alert| alert.more).sum::<u64>())
        };
        assert_eq!(flood("1, 30").await, (20, 10));
        assert_eq!(flood("31, 32").await, (20, 12), "those of before are not counted twice");
        let told = t.number("SELECT count(*) FROM platform.notifications WHERE kind = 'alert_raised'").await;
        assert_eq!(told, 20, "ten to each of two people");
        t.pass(Duration::hours(2));
        assert_eq!(flood("33, 33").await.0, 21, "later there is room again");
    })
    .await;
}

#[tokio::test]
async fn what_is_noticed_and_what_is_counted_wait_for_nobody_who_waits_for_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let [ada, mia] = [t.enter(&w.ada, &w.acme).await, t.enter(&w.mia, &w.acme).await];
        for round in 0..12 {
            let role = if round % 2 == 0 { Role::Admin } else { Role::Member };
            let worker = Worker::new(t.portal());
            let (changed, denied, suspended, looked) = tokio::join!(
                members::change_role(&ada, w.mia.account, role),
                organizations::rename(&mia, "Mine"),
                members::suspend(&ada, w.ben.account),
                worker.work_next(),
            );
            assert!(changed.is_ok() && suspended.is_ok() && looked.is_ok(), "{round}");
            assert_eq!(refused(denied), Problem::Forbidden);
            members::resume(&ada, w.ben.account).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_old_is_forgotten() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        overreach(&t, &w.mia, &w.acme, 3).await;
        look(&t).await;
        let kept = format!("SELECT count(*) FROM {}.security_events WHERE kind = 'denied'", w.acme.schema());
        assert_eq!(t.number(&kept).await, 3);
        t.pass(Duration::days(91));
        t.look_after(&w.acme).await;
        assert_eq!(t.number(&kept).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_goes_when_the_policy_says_and_of_whoever_left_no_address_stays() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        put_policy(&ada, &SecurityPolicy { retain_security_days: Some(30), ..SecurityPolicy::default() })
            .await
            .unwrap();
        overreach(&t, &w.mia, &w.acme, 10).await;
        look(&t).await;
        let id = of_rule(&t, &w.ada, &w.acme, Rule::DeniedSpike).await[0].id;
        let form = ResolveForm { resolution: Resolution::Expected.code().into(), ..ResolveForm::default() };
        alerts::resolve(&ada, id, form).await.unwrap();
        members::remove(&ada, w.mia.account, |_| Ok(())).await.unwrap();
        let schema = w.acme.schema();
        let addresses = format!(
            "SELECT (SELECT count(*) FROM {schema}.security_events WHERE account_id = '{0}' AND ip IS NOT NULL)
                  + (SELECT count(*) FROM {schema}.alerts WHERE account_id = '{0}' AND network IS NOT NULL)",
            w.mia.account
        );
        assert!(t.number(&addresses).await > 0);
        t.pass(Duration::days(2));
        t.look_after(&w.acme).await;
        assert_eq!(t.number(&addresses).await, 0);
        let rest = async |table: &str| t.number(&format!("SELECT count(*) FROM {schema}.{table}")).await;
        assert!(rest("alerts").await > 0 && rest("security_hours").await > 0);
        t.pass(Duration::days(31));
        t.look_after(&w.acme).await;
        assert_eq!((rest("security_events").await, rest("security_hours").await), (0, 0));
        let over = format!("SELECT count(*) FROM {schema}.alerts WHERE state = 'resolved'");
        assert_eq!(t.number(&over).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_noticed_is_not_changed_afterwards() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        for statement in [
            "UPDATE security_events SET kind = 'change'",
            "DELETE FROM security_events",
            "DELETE FROM security_hours",
            "DELETE FROM alerts",
            "DELETE FROM detection_settings",
        ] {
            assert_eq!(sqlstate(t.as_tenant(w.acme.id, statement).await), DENIED, "{statement}");
        }
    })
    .await;
}
