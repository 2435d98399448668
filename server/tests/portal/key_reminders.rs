//! Programs are told in time that a key stops, whatever it stops for.

use domain::policy::SecurityPolicy;
use serde_json::Value;
use server::housekeeping::Housekeeping;
use server::organizations;
use server::testing::{Organization, Person, TestPortal};
use time::Duration;

use crate::api_keys::make;
use crate::receiver::Receiver;
use crate::support::put_policy;
use crate::webhooks::{add, local, send};

/// What a receiver is told of keys when somebody has looked.
async fn told(t: &TestPortal, receiver: &Receiver) -> Vec<Value> {
    Housekeeping::new(t.portal()).sweep().await.unwrap();
    send(t).await;
    let got = receiver.received().await.into_iter().map(|one| one.json());
    got.filter(|one| one["type"] == "key.expiring").map(|one| one["data"].clone()).collect()
}

async fn listen(t: &TestPortal, who: &Person, of: &Organization) -> Receiver {
    let receiver = Receiver::start().await;
    add(t, who, of, &receiver.url(), &["key.expiring"]).await;
    receiver
}

#[tokio::test]
async fn programs_are_told_once_that_a_key_is_to_be_rotated() {
    TestPortal::run_with(local(), async |t| {
        let w = t.world().await;
        let receiver = listen(&t, &w.ada, &w.acme).await;
        let key = make(&t.enter(&w.ada, &w.acme).await, "90").await;
        assert!(told(&t, &receiver).await.is_empty());
        // What the organization wants of its keys counts, also when it comes to want it later.
        let policy = SecurityPolicy { key_rotation_days: Some(30), ..SecurityPolicy::default() };
        put_policy(&t.enter(&w.ada, &w.acme).await, &policy).await.unwrap();
        t.pass(Duration::days(22));
        assert!(told(&t, &receiver).await.is_empty());
        t.pass(Duration::days(2));
        for _ in 0..2 {
            let told = told(&t, &receiver).await;
            assert_eq!(told.len(), 1);
            assert_eq!((&told[0]["key"], &told[0]["why"]), (&key.id.to_string().into(), &"rotation".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn many_keys_of_an_organization_that_cannot_be_told_keep_nobody_waiting() {
    TestPortal::run_with(local(), async |t| {
        let w = t.world().await;
        let receiver = listen(&t, &w.gus, &w.globex).await;
        make(&t.enter(&w.ada, &w.acme).await, "90").await;
        make(&t.enter(&w.gus, &w.globex).await, "30").await;
        t.pass(Duration::days(25));
        let ends_at = (t.request().now + Duration::days(3)).unix_timestamp();
        t.sql(&format!(
            "INSERT INTO platform.api_keys (hash, tenant_id, key_id, ends_at)
             SELECT sha256(n::text::bytea), '{}', gen_random_uuid(), to_timestamp({ends_at})
             FROM generate_series(1, 1200) n",
            w.acme.id
        ))
        .await;
        organizations::set_status(&t.request(), "acme", domain::organizations::TenantStatus::Suspended, None)
            .await
            .unwrap();
        let told = told(&t, &receiver).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["why"], "expiry");
    })
    .await;
}
