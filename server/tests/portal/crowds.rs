//! An organization of which very much is asked keeps nobody else waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::ids::TenantId;
use domain::members::MemberQuery;
use domain::problem::Problem;
use futures::future::join_all;
use server::jobs::Worker;
use server::testing::{TestPortal, World};
use server::{Error, members};
use tokio::task::yield_now;

/// How many of one organization are served at a time, and how many more wait.
const SERVED: usize = 2;
const WAITING: usize = 64;

/// What keeps a statement waiting until [`open`].
const SLOW: &str = "SELECT pg_advisory_xact_lock_shared(1)";

async fn shut(t: &TestPortal) {
    t.sql("SELECT pg_advisory_lock(1)").await;
}

async fn open(t: &TestPortal) {
    t.sql("SELECT pg_advisory_unlock(1)").await;
}

/// Waits until so many slow statements are under way.
async fn under_way(t: &TestPortal, number: i64) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";
    while t.number(waiting).await < number {
        yield_now().await;
    }
}

/// Does something slow in an organization, in a task of its own.
fn slow(t: &TestPortal, tenant: TenantId, then: &str) -> tokio::task::JoinHandle<Result<(), Error>> {
    let (t, statements) = (t.clone(), format!("{SLOW}; {then}"));
    tokio::spawn(async move { t.try_as_tenant(tenant, &statements).await })
}

#[tokio::test]
async fn a_flood_in_one_organization_leaves_others_of_its_lane_alone() {
    TestPortal::run(async |t| {
        let World { acme, globex, gus, .. } = t.world().await;
        t.share_lane(&globex, &acme).await;
        shut(&t).await;
        let refused = Arc::new(AtomicUsize::new(0));
        let flood = (0..200).map(|_| {
            let insert = "INSERT INTO service_events VALUES (gen_random_uuid()::text, '', now())";
            let (asked, refused) = (slow(&t, acme.id, insert), refused.clone());
            tokio::spawn(async move {
                let answer = asked.await.expect("a task");
                refused.fetch_add(usize::from(answer.is_err()), Ordering::Relaxed);
                answer
            })
        });
        let flood: Vec<_> = flood.collect();
        while refused.load(Ordering::Relaxed) < 200 - SERVED - WAITING {
            yield_now().await;
        }

        for _ in 0..10 {
            let gus = t.enter(&gus, &globex).await;
            assert_eq!(members::list(&gus, &MemberQuery::default()).await.unwrap().total, 1);
        }

        open(&t).await;
        let answers: Vec<_> = join_all(flood).await.into_iter().map(|answer| answer.expect("a task")).collect();
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Error::Busy))), "{answers:?}");
        let busy = Problem::Busy;
        assert!(busy.status() == 503 && busy.retry_after().is_some());
        let served = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!((SERVED..=SERVED + WAITING).contains(&served), "{served}");
        let kept = t.number(&format!("SELECT count(*) FROM {}.service_events", acme.schema())).await;
        assert_eq!(usize::try_from(kept), Ok(served), "who was refused has done nothing, and all others everything");
        assert_eq!(t.portal().waiting(), 0);
        t.try_as_tenant(acme.id, "SELECT 1").await.expect("there is room again");
    })
    .await;
}

#[tokio::test]
async fn whoever_hangs_up_again_and_again_has_no_more_than_a_share() {
    TestPortal::run(async |t| {
        let World { acme, globex, gus, .. } = t.world().await;
        t.share_lane(&globex, &acme).await;
        shut(&t).await;
        for number in 1..=2 {
            let gone = slow(&t, acme.id, "");
            under_way(&t, number).await;
            gone.abort();
            assert!(gone.await.expect_err("it was ended").is_cancelled());
        }
        // Postgres is not through with these yet.
        let third = slow(&t, acme.id, "");
        while t.portal().waiting() == 0 {
            yield_now().await;
        }
        let gus = t.enter(&gus, &globex).await;
        assert_eq!(members::list(&gus, &MemberQuery::default()).await.unwrap().total, 1);
        assert_eq!(t.portal().waiting(), 1);
        open(&t).await;
        third.await.expect("a task").expect("its turn has come");
        t.settle().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_portal_does_itself_is_done_however_many_wait() {
    TestPortal::run(async |t| {
        let World { acme, .. } = t.world().await;
        t.sql(&format!(
            "INSERT INTO platform.job_queue (id, tenant_id, job_id, due_at)
             VALUES (gen_random_uuid(), '{}', gen_random_uuid(), '2020-01-01')",
            acme.id
        ))
        .await;
        shut(&t).await;
        let served: Vec<_> = (0..SERVED).map(|_| slow(&t, acme.id, "")).collect();
        under_way(&t, 2).await;
        let line: Vec<_> = (0..WAITING).map(|_| slow(&t, acme.id, "")).collect();
        while t.portal().waiting() < WAITING {
            yield_now().await;
        }
        let worker = Worker::new(t.portal());
        let work = tokio::spawn(async move { worker.work_next().await });
        while t.portal().waiting() == WAITING {
            yield_now().await;
        }
        open(&t).await;
        assert!(work.await.expect("a task").expect("nothing goes wrong"));
        let left = "SELECT count(*) FROM platform.job_queue WHERE due_at < '2021-01-01'";
        assert_eq!(t.number(left).await, 0, "it was not put off");
        for waited in served.into_iter().chain(line) {
            waited.await.expect("a task").expect("and so is everybody served");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_goes_away_makes_room_for_others() {
    TestPortal::run(async |t| {
        let World { acme, .. } = t.world().await;
        shut(&t).await;
        let served: Vec<_> = (0..SERVED).map(|_| slow(&t, acme.id, "")).collect();
        under_way(&t, 2).await;
        let line: Vec<_> = (0..WAITING).map(|_| slow(&t, acme.id, "")).collect();
        while t.portal().waiting() < WAITING {
            yield_now().await;
        }
        assert!(matches!(t.try_as_tenant(acme.id, SLOW).await, Err(Error::Busy)));
        for gone in line {
            gone.abort();
            assert!(gone.await.expect_err("it was ended").is_cancelled());
        }
        assert_eq!(t.portal().waiting(), 0);
        let next = slow(&t, acme.id, "");
        while t.portal().waiting() == 0 {
            yield_now().await;
        }
        open(&t).await;
        for served in served.into_iter().chain([next]) {
            served.await.expect("a task").expect("it is served");
        }
    })
    .await;
}
