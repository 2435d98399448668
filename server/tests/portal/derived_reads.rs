//! What is derived from an audit trail while somebody waits for it keeps nobody else waiting.

use domain::audit::AuditQuery;
use futures::future::join_all;
use server::audit;
use server::testing::{TestPortal, World};
use sqlx::{AssertSqlSafe, Connection};

#[tokio::test]
async fn searches_that_wait_for_a_count_keep_nobody_from_administering() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let access = t.enter(&ada, &acme).await;
        // Whoever counts waits for as long as this is held.
        let mut holder = t.database().connect().await;
        let mut held = holder.begin().await.expect("a transaction");
        let lock = format!("LOCK TABLE {}.audit_progress IN EXCLUSIVE MODE", acme.schema());
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *held).await.expect("it is held");
        let query = AuditQuery::default();
        let searches = join_all((0..8).map(|_| audit::search(&access, &query)));
        let others = async {
            let waiting = "SELECT count(*) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while t.number(waiting).await == 0 {
                tokio::task::yield_now().await;
            }
            let (gil, gilded) = t.sign_up("Gil", "gil@gilded.example", "Gilded").await;
            t.enter(&gil, &gilded).await;
            held.rollback().await.expect("it is free");
        };

        let (found, ()) = tokio::join!(searches, others);

        assert!(found.iter().all(Result::is_ok), "{:?}", found.iter().find_map(|it| it.as_ref().err()));
        let after = audit::search(&t.enter(&ada, &acme).await, &query).await.expect("a page");
        assert!(!after.page.uncounted && after.page.total > 0, "then all is counted");
    })
    .await;
}
