//! What is kept to answer quickly what members may do, and what is not.

use std::time::Duration;

use domain::api_keys::KeyForm;
use domain::audit::ServiceEvent;
use domain::checks::Check;
use server::callers::{Caller, authenticate};
use server::testing::{Organization, Person, TestPortal, World};
use server::{api, api_keys, checks, members};
use sqlx::{AssertSqlSafe, Connection};

/// The secret of a key that may ask, and add to the trail.
async fn key(t: &TestPortal, who: &Person, of: &Organization) -> String {
    let scopes = ["access.check", "audit.ingest"].map(str::to_owned).to_vec();
    let form = KeyForm { name: "Gateway".to_owned(), scopes, expiry: "30".to_owned(), ..KeyForm::default() };
    api_keys::create(&t.enter(who, of).await, &form).await.expect("a key").secret.expose().to_owned()
}

async fn caller(t: &TestPortal, key: &str) -> Caller {
    authenticate(&t.request(), key).await.expect("the key opens")
}

/// Whether somebody may see the members.
async fn may(caller: &Caller, subject: &str) -> bool {
    let check = Check {
        subject: subject.to_owned(),
        permission: "members.view".to_owned(),
        resource: None,
        facts: domain::checks::GivenFacts::default(),
    };
    let question = check.parse("").expect("a question");
    checks::check(caller, &[question]).await.expect("an answer")[0].allowed
}

/// An event of a service's.
fn event(id: &str) -> ServiceEvent {
    serde_json::from_value(serde_json::json!({ "id": id, "name": "invoice.paid" })).expect("an event")
}

#[tokio::test]
async fn what_services_tell_has_nothing_read_again() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let key = key(&t, &ada, &acme).await;
        assert!(may(&caller(&t, &key).await, &mia.email).await);
        let told = api::ingest(&caller(&t, &key).await, &[event("1"), event("2")]).await.expect("they are kept");
        assert_eq!(told.recorded, 2);
        // Whoever read the policy or the members now would wait for as long as this is held.
        let mut holder = t.database().connect().await;
        let mut held = holder.begin().await.expect("a transaction");
        let lock = format!("LOCK TABLE {0}.policy_head, {0}.members IN ACCESS EXCLUSIVE MODE", acme.schema());
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *held).await.expect("they are held");
        let asking = caller(&t, &key).await;
        let answer = tokio::time::timeout(Duration::from_secs(5), may(&asking, &mia.email)).await;
        held.rollback().await.expect("they are free");
        assert_eq!(answer, Ok(true), "it was answered by what is known");
    })
    .await;
}

#[tokio::test]
async fn a_change_is_seen_by_the_next_question_and_whoever_was_unknown_is_looked_for_again() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, mia, gus, .. } = t.world().await;
        let (here, there) = (key(&t, &ada, &acme).await, key(&t, &gus, &globex).await);
        assert!(may(&caller(&t, &here).await, &mia.email).await);
        assert!(!may(&caller(&t, &there).await, &mia.email).await, "another organization does not know her");
        members::suspend(&t.enter(&ada, &acme).await, mia.account).await.expect("a suspension");
        assert!(!may(&caller(&t, &here).await, &mia.email).await);
        assert!(!may(&caller(&t, &here).await, "new@acme.example").await);
        // Nothing tells of this one: what is kept would be wrong.
        t.sql(&format!(
            "INSERT INTO {}.members (account_id, name, email, role, source, status, joined_at)
             VALUES (gen_random_uuid(), 'New', 'new@acme.example', 'member', 'import', 'active', now())",
            acme.schema()
        ))
        .await;
        assert!(may(&caller(&t, &here).await, "new@acme.example").await, "that nobody was there is not kept");
    })
    .await;
}

#[tokio::test]
async fn a_round_that_breaks_off_leaves_no_stale_answer() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let key = key(&t, &ada, &acme).await;
        assert!(may(&caller(&t, &key).await, &mia.email).await);
        for polls in 1..9 {
            let (owner, is_even) = (t.enter(&ada, &acme).await, polls % 2 == 0);
            let change = if is_even {
                members::resume(&owner, mia.account).await
            } else {
                members::suspend(&owner, mia.account).await
            };
            change.expect("a change");
            let asking = caller(&t, &key).await;
            crate::support::cancelled(polls, true, may(&asking, &ben.email)).await;
            let asking = caller(&t, &key).await;
            let (one, other) = tokio::join!(may(&asking, &mia.email), may(&asking, &ben.email));
            assert_eq!((one, other), (is_even, true), "broken off after {polls}");
        }
    })
    .await;
}
