//! Quotas: nothing is above its limit, nothing is lost, and nobody is told twice.

use std::collections::BTreeMap;

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::quotas::{
    Metric, Quantity, QuotaForm, Range, Reservation, ReservationState, Reserve, Settle, TimeZoneForm, UsageEvent,
};
use domain::roles::Role;
use futures::future::join_all;
use server::testing::{Organization, Person, TestPortal, World};
use server::{Access, Error, members, notifications, quotas};
use time::{Duration, OffsetDateTime};

use crate::support::{field, names, refused};

/// So much of each.
fn ask(amounts: &[(Metric, i64)]) -> Reserve {
    let amounts = amounts.iter().map(|(metric, amount)| (metric.code().to_owned(), Quantity::Whole(*amount)));
    Reserve { amounts: amounts.collect(), subject: Some("shop".to_owned()), ..Reserve::default() }
}

fn used(amounts: &[(Metric, i64)]) -> Settle {
    Settle { amounts: ask(amounts).amounts }
}

/// Sets a limit, as its form does.
async fn limit(access: &Access, metric: Metric, limit: &str) -> Result<(), Error> {
    let (form, ..) = quotas::editing(access, metric).await?;
    quotas::set(access, metric, &QuotaForm { limit: limit.to_owned(), ..form }).await
}

/// What is used and held.
async fn standing(t: &TestPortal, w: &World, metric: Metric) -> (i64, i64) {
    let all = quotas::overview(&t.enter(&w.ada, &w.acme).await).await.expect("quotas").quotas;
    let found = all.into_iter().find(|view| view.counter.metric == metric).expect("a quota");
    (found.counter.used, found.counter.held)
}

async fn world(t: &TestPortal, metric: Metric, most: &str) -> World {
    let w = t.world().await;
    limit(&t.enter(&w.ada, &w.acme).await, metric, most).await.expect("a limit");
    w
}

fn event(id: &str, metric: Metric, amount: i64, at: OffsetDateTime) -> UsageEvent {
    UsageEvent {
        id: id.to_owned(),
        metric: metric.code().to_owned(),
        amount: Quantity::Whole(amount),
        at,
        subject: None,
        freed: false,
    }
}

#[tokio::test]
async fn two_hundred_at_once_get_what_there_is_and_not_more() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::DataSize, "500").await;
        let other = t.another(TestPortal::settings(false)).await;
        for _ in 0..20 {
            let request = ask(&[(Metric::DataSize, 75)]);
            let (t, acme, request, other) = (&t, &w.acme, &request, &other);
            let tries = (0..200).map(|number| async move {
                let by = if number % 2 == 0 { t.portal() } else { other };
                t.reserve_by(by, acme, request).await
            });
            let answers = join_all(tries).await;
            let granted: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
            assert_eq!(granted.len(), 6);
            for answer in &answers {
                if let Err(error) = answer {
                    assert_eq!(error.problem(), Problem::OverQuota { metric: Metric::DataSize, seconds: None });
                }
            }
            for reservation in granted {
                t.release_reservation(acme, reservation.id).await.expect("a release");
            }
        }
        other.close().await;
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_settles_is_back_after_its_time() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::DataSize, "500").await;
        let request = Reserve { ttl_seconds: Some(60), ..ask(&[(Metric::DataSize, 500)]) };
        let lost = t.reserve(&w.acme, &request).await.unwrap();
        assert!(matches!(refused(t.reserve(&w.acme, &request).await), Problem::OverQuota { .. }));
        t.pass(Duration::seconds(61));
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 0), "who only looks sees it, too");
        let next = t.reserve(&w.acme, &request).await.unwrap();
        assert_eq!(refused(t.settle_reservation(&w.acme, lost.id, Settle::default()).await), Problem::Changed);
        t.settle_reservation(&w.acme, next.id, used(&[(Metric::DataSize, 100)])).await.unwrap();
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (100, 0));
        // At what nobody looks, somebody looks by the clock.
        t.reserve(&w.acme, &Reserve { ttl_seconds: Some(1), ..ask(&[(Metric::Memory, 5)]) }).await.unwrap();
        t.pass(Duration::seconds(2));
        t.tend_quotas().await;
        let schema = w.acme.schema();
        assert_eq!(t.number(&format!("SELECT held FROM {schema}.quotas WHERE metric = 'memory'")).await, 0);
        t.pass(Duration::days(2));
        t.tend_quotas().await;
        assert_eq!(t.number(&format!("SELECT count(*) FROM {schema}.quota_reservations")).await, 0);
    })
    .await;
}

/// So many rows of reservations that held a byte of memory each, an hour ago.
async fn overdue(t: &TestPortal, of: &Organization, many: usize, state: &str) {
    let (schema, now) = (of.schema(), t.request().now);
    let (began, ended) = ((now - Duration::hours(2)).unix_timestamp(), (now - Duration::HOUR).unix_timestamp());
    t.sql(&format!(
        "INSERT INTO {schema}.quota_reservations
         SELECT gen_random_uuid(), '{state}', '[{{\"m\":\"memory\",\"a\":1,\"w\":0}}]', '', '', to_timestamp({began}),
                to_timestamp({ended}), to_timestamp({ended}) FROM generate_series(1, {many})"
    ))
    .await;
}

#[tokio::test]
async fn however_much_is_overdue_is_given_back_and_taken_away() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::Memory, "2600").await;
        let schema = w.acme.schema();
        let count = async |table: &str| t.number(&format!("SELECT count(*) FROM {schema}.{table}")).await;
        let short = Reserve { ttl_seconds: Some(1), ..ask(&[(Metric::Memory, 100)]) };
        t.reserve(&w.acme, &short).await.unwrap();
        overdue(&t, &w.acme, 2_500, "held").await;
        t.sql(&format!("UPDATE {schema}.quotas SET held = 2600 WHERE metric = 'memory'")).await;
        t.pass(Duration::seconds(2));
        // Whoever comes has all of it, although it was not one transaction that gave it back.
        let all = t.reserve(&w.acme, &ask(&[(Metric::Memory, 2_600)])).await.unwrap();
        t.release_reservation(&w.acme, all.id).await.unwrap();
        overdue(&t, &w.acme, 12_000, "recorded").await;
        t.sql(&format!(
            "INSERT INTO {schema}.usage_days
             SELECT 'memory', '2020-01-01', n::text, 1, 1 FROM generate_series(1, 3000) n"
        ))
        .await;
        t.tend_quotas().await;
        assert_eq!((count("quota_reservations").await, count("usage_days WHERE day < '2021-01-01'").await), (2_502, 0));
        t.pass(Duration::days(2));
        t.tend_quotas().await;
        assert_eq!(count("quota_reservations").await, 0);
        // Who has used nothing is not looked at.
        let queued = t.text("SELECT string_agg(tenant_id::text, ' ') FROM platform.quota_queue").await;
        assert_eq!(queued, w.acme.id.to_string());
    })
    .await;
}

#[tokio::test]
async fn what_another_program_has_written_stops_nobody() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::Memory, "100").await;
        let schema = w.acme.schema();
        let short = Reserve { ttl_seconds: Some(60), ..ask(&[(Metric::Memory, 60)]) };
        let strange = t.reserve(&w.acme, &short).await.unwrap();
        t.sql(&format!(
            "UPDATE {schema}.quota_reservations SET items = replace(items, 'memory', 'teleports');
             UPDATE {schema}.quotas SET own = '{{\"love\":7}}' WHERE metric = 'file_count';
             UPDATE platform.plans SET terms = '{{\"teleports\":{{\"limit\":7}}}}' WHERE code = 'team'"
        ))
        .await;
        t.pass(Duration::minutes(2));
        let next = t.reserve(&w.acme, &ask(&[(Metric::Memory, 40)])).await.unwrap();
        assert_eq!(standing(&t, &w, Metric::Memory).await, (0, 100), "what it holds is nobody’s to give back here");
        assert_eq!(refused(t.release_reservation(&w.acme, strange.id).await), Problem::Unavailable);
        t.release_reservation(&w.acme, next.id).await.unwrap();
        let problem = refused(t.reserve(&w.acme, &ask(&[(Metric::FileCount, 1)])).await);
        assert_eq!(problem, Problem::OverQuota { metric: Metric::FileCount, seconds: None });
        t.tend_quotas().await;
        let items = t.text(&format!("SELECT items FROM {schema}.quota_reservations WHERE state = 'held'")).await;
        assert!(items.contains("teleports"), "{items}");
    })
    .await;
}

#[tokio::test]
async fn no_login_may_change_what_plans_say_or_who_has_which() {
    TestPortal::run(async |t| {
        let may = async |role: &str, table: &str, column: &str| {
            t.number(&format!(
                "SELECT count(*) FROM platform.installation
                 WHERE has_column_privilege('pc_' || id || '_{role}', 'platform.{table}', '{column}', 'UPDATE')"
            ))
            .await
        };
        assert_eq!((may("act", "tenants", "plan").await, may("act", "tenants", "time_zone").await), (0, 1));
        assert_eq!((may("act", "plans", "terms").await, may("identity", "plans", "terms").await), (0, 0));
        assert_eq!(may("identity", "tenants", "plan").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_goes_away_has_reserved_or_has_not() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::DataSize, "500").await;
        let request = Reserve { key: Some("once".to_owned()), ..ask(&[(Metric::DataSize, 75)]) };
        for polls in 1..6 {
            crate::support::cancelled(polls, true, t.reserve(&w.acme, &request)).await;
        }
        let found = t.reserve(&w.acme, &request).await.unwrap();
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 75), "one key, one reservation");
        t.settle_reservation(&w.acme, found.id, Settle::default()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn several_amounts_are_taken_together_or_not_at_all() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::DataSize, "100").await;
        limit(&t.enter(&w.ada, &w.acme).await, Metric::FileCount, "1").await.unwrap();
        let both = ask(&[(Metric::DataSize, 10), (Metric::FileCount, 1)]);
        let first = t.reserve(&w.acme, &both).await.unwrap();
        let problem = refused(t.reserve(&w.acme, &both).await);
        assert_eq!(problem, Problem::OverQuota { metric: Metric::FileCount, seconds: None });
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 10));
        t.settle_reservation(&w.acme, first.id, used(&[(Metric::DataSize, 4)])).await.unwrap();
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (4, 0));
        assert_eq!(standing(&t, &w, Metric::FileCount).await, (1, 0), "what is not named was used as it was reserved");
        // The other organization has noticed nothing of it.
        t.reserve(&w.globex, &both).await.unwrap();
        assert_eq!(refused(t.settle_reservation(&w.globex, first.id, Settle::default()).await), Problem::NotFound);
        assert_eq!(refused(t.release_reservation(&w.globex, first.id).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::DataSize, "100").await;
        let keyed = |amount| Reserve { key: Some("k1".to_owned()), ..ask(&[(Metric::DataSize, amount)]) };
        let first = t.reserve(&w.acme, &keyed(60)).await.unwrap();
        assert_eq!(t.reserve(&w.acme, &keyed(60)).await.unwrap(), first);
        assert_eq!(refused(t.reserve(&w.acme, &keyed(61)).await), Problem::IdempotencyConflict);
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 60));
        let other = t.another(TestPortal::settings(false)).await;
        let (again, sixty) = (Reserve { key: Some("k2".to_owned()), ..keyed(5) }, keyed(60));
        let (one, two) = tokio::join!(t.reserve_by(&other, &w.acme, &again), t.reserve(&w.acme, &again));
        assert_eq!(one.unwrap().id, two.unwrap().id, "two processes make one of it");
        assert_eq!(t.reserve_by(&other, &w.acme, &sixty).await.unwrap().id, first.id);
        other.close().await;
        let elsewhere = t.reserve(&w.globex, &keyed(60)).await.unwrap();
        assert_eq!(elsewhere.state, ReservationState::Held);
        assert_eq!(standing(&t, &w, Metric::DataSize).await, (0, 65));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_settled_twice() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::RequestsPerDay, "100").await;
        let held: Reservation = t.reserve(&w.acme, &ask(&[(Metric::RequestsPerDay, 60)])).await.unwrap();
        let too_much = t.settle_reservation(&w.acme, held.id, used(&[(Metric::RequestsPerDay, 61)])).await;
        assert_eq!(field(too_much, "amounts.requests_per_day"), FieldProblem::MoreThanReserved);
        let settles = (0..20).map(|_| t.settle_reservation(&w.acme, held.id, used(&[(Metric::RequestsPerDay, 30)])));
        let answers = join_all(settles).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(standing(&t, &w, Metric::RequestsPerDay).await, (30, 0));
        assert_eq!(refused(t.release_reservation(&w.acme, held.id).await), Problem::Changed);
        for (amounts, problem) in [
            (ask(&[(Metric::Memory, 0)]), FieldProblem::Zero),
            (ask(&[(Metric::Memory, -5)]), FieldProblem::Negative),
            (ask(&[(Metric::Memory, i64::MAX)]), FieldProblem::Huge),
        ] {
            assert_eq!(field(t.reserve(&w.acme, &amounts).await, "amounts.memory"), problem);
        }
        let odd = Reserve { amounts: BTreeMap::from([("love".to_owned(), Quantity::Whole(1))]), ..Reserve::default() };
        assert_eq!(field(t.reserve(&w.acme, &odd).await, "amounts"), FieldProblem::UnknownChoice);
    })
    .await;
}

#[tokio::test]
async fn late_events_count_once_and_where_they_belong() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::RequestsPerDay, "100").await;
        let now = t.request().now;
        let yesterday = now - Duration::DAY;
        let events = [
            event("a", Metric::RequestsPerDay, 7, now),
            event("b", Metric::RequestsPerDay, 5, yesterday),
            event("a", Metric::RequestsPerDay, 7, now),
        ];
        let done = t.record_usage(&w.acme, &events).await.unwrap();
        assert_eq!((done.recorded, done.repeated), (2, 1));
        let done = t.record_usage(&w.acme, &events[..2]).await.unwrap();
        assert_eq!((done.recorded, done.repeated), (0, 2));
        assert_eq!(standing(&t, &w, Metric::RequestsPerDay).await, (7, 0));
        let ada = t.enter(&w.ada, &w.acme).await;
        let detail = quotas::detail(&ada, Metric::RequestsPerDay, Range::Month).await.unwrap();
        let days: Vec<_> = detail.steps.iter().rev().take(2).map(|step| step.amount).collect();
        assert_eq!(days, [7, 5]);
        let old = [event("c", Metric::RequestsPerDay, 1, now - Duration::days(8))];
        assert_eq!(field(t.record_usage(&w.acme, &old).await, "events.0.at"), FieldProblem::TooLate);
        let gus = t.enter(&w.gus, &w.globex).await;
        let theirs = quotas::detail(&gus, Metric::RequestsPerDay, Range::Year).await.unwrap();
        assert_eq!((theirs.total(), theirs.top.len()), (0, 0));
    })
    .await;
}

/// What somebody was told of quotas.
async fn told(t: &TestPortal, who: &Person) -> Vec<String> {
    let page = notifications::list(&t.request(), &t.returning(who).await, None).await.expect("notifications");
    page.rows.into_iter().map(|row| row.news.describe(str::to_owned)).filter(|text| text.contains("quota")).collect()
}

async fn mails(t: &TestPortal, of: &Organization) -> i64 {
    let id = of.id;
    t.number(&format!(
        "SELECT count(*) FROM platform.outbox WHERE tenant_id = '{id}' AND details::text LIKE '%quota_reached%'"
    ))
    .await
}

#[tokio::test]
async fn owners_and_admins_are_told_once_of_each_threshold() {
    TestPortal::run_with_mail(async |t| {
        let w = world(&t, Metric::RequestsPerDay, "100").await;
        let fifty = ask(&[(Metric::RequestsPerDay, 50)]);
        let held = t.reserve(&w.acme, &fifty).await.unwrap();
        assert_eq!(told(&t, &w.ada).await, ["Acme has reached 50 % of its quota “Requests per day”."]);
        assert_eq!(
            (told(&t, &w.ben).await.len(), told(&t, &w.mia).await.len(), told(&t, &w.gus).await.len()),
            (1, 0, 0)
        );
        assert_eq!(mails(&t, &w.acme).await, 2);
        // Up and down again is no news.
        t.release_reservation(&w.acme, held.id).await.unwrap();
        t.reserve(&w.acme, &fifty).await.unwrap();
        assert_eq!(mails(&t, &w.acme).await, 2);
        t.reserve(&w.acme, &fifty).await.unwrap();
        assert_eq!(told(&t, &w.ada).await.len(), 2);
        let banner = quotas::banner(&t.enter(&w.ada, &w.acme).await).await.unwrap();
        assert_eq!(banner.iter().map(|nearly| nearly.percent).collect::<Vec<_>>(), [100]);
        assert_eq!(quotas::banner(&t.enter(&w.mia, &w.acme).await).await.unwrap(), []);
        assert_eq!(quotas::banner(&t.enter(&w.gus, &w.globex).await).await.unwrap(), []);
        t.pass(Duration::DAY);
        t.reserve(&w.acme, &fifty).await.unwrap();
        assert_eq!(mails(&t, &w.acme).await, 6, "another day, another mail");
    })
    .await;
}

#[tokio::test]
async fn saving_a_quota_again_is_no_news() {
    TestPortal::run_with_mail(async |t| {
        let w = world(&t, Metric::RequestsPerDay, "100").await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let one = ask(&[(Metric::RequestsPerDay, 1)]);
        t.reserve(&w.acme, &ask(&[(Metric::RequestsPerDay, 84)])).await.unwrap();
        assert_eq!(mails(&t, &w.acme).await, 2);
        for most in ["101", "100", "90"] {
            limit(&ada, Metric::RequestsPerDay, most).await.unwrap();
            t.reserve(&w.acme, &one).await.unwrap();
            assert_eq!(mails(&t, &w.acme).await, 2, "{most}");
        }
        limit(&ada, Metric::RequestsPerDay, "88").await.unwrap();
        t.reserve(&w.acme, &one).await.unwrap();
        assert_eq!(mails(&t, &w.acme).await, 4, "now it is full");
    })
    .await;
}

#[tokio::test]
async fn requests_to_the_api_count_and_stop_at_the_limit() {
    TestPortal::run(async |t| {
        let w = world(&t, Metric::RequestsPerMinute, "3").await;
        for _ in 0..3 {
            t.count_request(&w.acme).await.unwrap();
            t.pass(Duration::SECOND);
        }
        assert!(matches!(
            refused(t.count_request(&w.acme).await),
            Problem::OverQuota { metric: Metric::RequestsPerMinute, seconds: Some(1..=61) }
        ));
        t.count_request(&w.globex).await.unwrap();
        // None of them has waited for a commit: they are counted together.
        assert_eq!(standing(&t, &w, Metric::RequestsPerMinute).await, (0, 0));
        t.flush_requests().await;
        assert_eq!(standing(&t, &w, Metric::RequestsPerMinute).await, (3, 0));
        limit(&t.enter(&w.ada, &w.acme).await, Metric::RequestsPerMinute, "4").await.unwrap();
        t.count_request(&w.acme).await.unwrap();
        assert!(t.count_request(&w.acme).await.is_err());
        t.pass(Duration::MINUTE);
        t.count_request(&w.acme).await.unwrap();
        t.flush_requests().await;
        assert_eq!(standing(&t, &w, Metric::RequestsPerDay).await, (5, 0));
        assert_eq!(standing(&t, &w, Metric::RequestsPerMinute).await, (1, 0), "each counts in its own minute");
    })
    .await;
}

#[tokio::test]
async fn limits_are_set_by_who_may_within_the_plan() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, mia) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.mia, &w.acme).await);
        assert_eq!(refused(quotas::overview(&mia).await), Problem::Forbidden);
        assert_eq!(refused(limit(&mia, Metric::Memory, "1 GB").await), Problem::Forbidden);
        let above = limit(&ada, Metric::Memory, "9 GB").await;
        assert_eq!(field(above, "limit"), FieldProblem::AboveCeiling(Metric::Memory, 8_000_000_000));
        let before = t.journal().await;
        limit(&ada, Metric::Memory, "3 GB").await.unwrap();
        assert_eq!(names(&t.journal().await.since(&before)), [("quota.changed", Outcome::Done)]);
        let stale = QuotaForm { limit: "4 GB".into(), revision: "0".into(), ..QuotaForm::default() };
        assert_eq!(refused(quotas::set(&ada, Metric::Memory, &stale).await), Problem::Changed);
        members::change_role(&ada, w.mia.account, Role::Auditor).await.unwrap();
        let mia = t.enter(&w.mia, &w.acme).await;
        assert!(quotas::overview(&mia).await.is_ok(), "an auditor reads");
        assert_eq!(refused(limit(&mia, Metric::Memory, "1 GB").await), Problem::Forbidden);
        let zone = |name: &str| TimeZoneForm { time_zone: name.to_owned() };
        assert_eq!(
            field(quotas::set_time_zone(&ada, &zone("Middle/Earth")).await, "time_zone"),
            FieldProblem::UnknownChoice
        );
        quotas::set_time_zone(&ada, &zone("Europe/Berlin")).await.unwrap();
        assert_eq!(quotas::overview(&ada).await.unwrap().time_zone, "Europe/Berlin");
        t.pass(Duration::minutes(10));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(limit(&ada, Metric::Memory, "1 GB").await), Problem::StepUpFirst);
    })
    .await;
}

#[tokio::test]
async fn a_plan_decides_what_an_organization_may_use() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let request = t.request();
        let finance = ask(&[(Metric::DomainFinance, 1)]);
        t.reserve(&w.acme, &finance).await.unwrap();
        quotas::assign_plan(&request, &w.acme.slug, domain::quotas::Plan::Free).await.unwrap();
        let problem = refused(t.reserve(&w.acme, &finance).await);
        assert_eq!(problem, Problem::OverQuota { metric: Metric::DomainFinance, seconds: None });
        t.reserve(&w.globex, &finance).await.unwrap();
        let free = (domain::quotas::Plan::Free, Metric::ConcurrentRequests);
        assert_eq!(
            field(quotas::set_terms(&request, free, Some("11"), None, None).await, "limit"),
            FieldProblem::AboveCeiling(Metric::ConcurrentRequests, 10)
        );
        let set = quotas::set_terms(&request, free, Some("1"), Some("unlimited"), Some("0.25")).await.unwrap();
        assert_eq!((set.limit.as_str(), set.ceiling.as_str(), set.price.as_str()), ("1", "unlimited", "0.25"));
        // Within seconds it holds for everybody with that plan.
        t.pass(Duration::seconds(6));
        t.reserve(&w.acme, &ask(&[(Metric::ConcurrentRequests, 1)])).await.unwrap();
        assert!(t.reserve(&w.acme, &ask(&[(Metric::ConcurrentRequests, 1)])).await.is_err());
    })
    .await;
}
