//! The whole router, in process, on a real Postgres that something happens to.

mod api;
mod crowds;
mod database;
mod faults;
mod limits;
mod operators;
mod passkeys;
mod policy;
mod program;
mod revocation;
mod stopping;
mod support;

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{StatusCode, header};
use futures::stream;
use server::testing::{TestPortal, World};

use crate::support::Browser;

#[tokio::test]
async fn an_organization_whose_tables_are_behind_is_unavailable_alone() {
    TestPortal::run(async |t| {
        let World { acme, ada, gus, .. } = t.world().await;
        let (ada, gus) = (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await);
        assert_eq!(ada.get("/o/acme").await.status, StatusCode::OK);
        t.sql(&format!("UPDATE platform.tenants SET schema_version = schema_version - 1 WHERE id = '{}'", acme.id))
            .await;
        for path in ["/o/acme", "/o/acme/members", "/o/acme/audit"] {
            let answer = ada.get(path).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(answer.text.contains("This organization is being upgraded"), "{path}");
        }
        for path in ["/o/globex", "/o/globex/members", "/o/globex/audit", "/account", "/readyz"] {
            assert_eq!(gus.get(path).await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(ada.get("/account").await.status, StatusCode::OK, "her own pages go on");
        t.sql(&format!(
            "INSERT INTO platform.migration_failures (tenant_id, version, code, message, first_failed_at, failed_at)
             VALUES ('{}', 1, '42701', 'column exists', now(), now())",
            acme.id
        ))
        .await;
        let answer = ada.get("/o/acme").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text.contains("This organization could not be upgraded"));
        assert!(!answer.text.contains("42701") && !answer.text.contains("column exists"), "that is the operator's");
        t.sql("UPDATE platform.tenants SET schema_version = schema_version + 1 WHERE slug = 'acme'").await;
        assert_eq!(ada.get("/o/acme").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_trail_with_damaged_entries_is_shown_and_says_which_they_are() {
    TestPortal::run(async |t| {
        let World { acme, ada, gus, .. } = t.world().await;
        let (ada, gus) = (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await);
        let log = format!("{}.audit_entries", acme.schema());
        t.sql(&format!(
            "UPDATE {log} SET openings = sha256(openings) WHERE index = 2;
             UPDATE {log} SET canonical = 'nothing' WHERE index = 1"
        ))
        .await;
        for path in ["/o/acme", "/o/acme/audit"] {
            let page = ada.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains("(unreadable)") && page.text.contains("Ada Lovelace"), "{path}");
            assert!(page.text.contains("what is stored here is not what was written"), "{path}");
        }
        assert_eq!(ada.get("/o/acme/audit").await.text.matches("Damaged").count(), 2);
        let values = ada.get("/o/acme/audit/2").await;
        assert_eq!(values.status, StatusCode::OK);
        assert!(values.text.contains("Personal values are unreadable") && values.text.contains("invitation.accepted"));
        let entry = ada.get("/o/acme/audit/1").await;
        assert_eq!(entry.status, StatusCode::OK);
        assert!(entry.text.contains("This entry is damaged") && !entry.text.contains("What happened"));
        let whole = ada.get("/o/acme/audit/0").await;
        assert!(whole.text.contains("created the organization Acme") && !whole.text.contains("unreadable"));
        for path in ["/o/globex", "/o/globex/audit", "/o/globex/audit/0"] {
            let page = gus.get(path).await;
            assert!(page.status == StatusCode::OK && !page.text.contains("(unreadable)"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_looks_like_a_program_is_text_on_every_page() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        // No form takes such a name: this one came another way.
        let evil = "\"><img src=x onerror=alert(1)><script>alert(2)</script>";
        let schema = acme.schema();
        t.sql(&format!(
            "UPDATE {schema}.members SET name = '{evil}'; UPDATE platform.accounts SET name = '{evil}';
             UPDATE platform.tenants SET name = '{evil}'"
        ))
        .await;
        let ada = Browser::of(&t, &ada).await;
        for path in ["/o/acme", "/o/acme/members", "/o/acme/settings", "/o/acme/leave", "/account", "/invitations"] {
            let page = ada.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(!page.text.contains("<img src=x") && !page.text.contains("<script>alert"), "{path}");
            assert!(page.text.contains("&lt;script&gt;alert(2)"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_wakes_up_also_on_a_machine_that_is_never_idle() {
    TestPortal::run(async |t| {
        let World { ada, .. } = t.world().await;
        let page = Browser::of(&t, &ada).await.get("/o/acme").await.text;
        assert!(page.contains("requestIdleCallback(c, { timeout: 1000 })") && !page.contains("requestIdleCallback(c)"));
    })
    .await;
}

#[tokio::test]
async fn a_form_that_comes_slowly_is_judged_by_what_is_true_when_it_is_there() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let browser = Browser::of(&t, &ada).await;
        let (tell, begun) = tokio::sync::oneshot::channel();
        let (go_on, rest) = tokio::sync::oneshot::channel();
        let form = Body::from_stream(stream::once(async move {
            tell.send(()).expect("somebody waits for it");
            rest.await.expect("the rest");
            Ok::<_, Infallible>("name=Stolen")
        }));
        let end_sessions = async {
            begun.await.expect("it has begun");
            t.sql("DELETE FROM platform.sessions").await;
            go_on.send(()).expect("it goes on");
        };

        let (answer, ()) = tokio::join!(browser.send_form("/o/acme/settings/name", form), end_sessions);

        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.headers[header::LOCATION].to_str().expect("an address").starts_with("/sign-in"));
        let name = t.text(&format!("SELECT name FROM platform.tenants WHERE id = '{}'", acme.id)).await;
        assert_eq!(name, "Acme");
    })
    .await;
}

#[tokio::test]
async fn where_there_is_nothing_to_save_there_is_nothing_to_cancel() {
    TestPortal::run(async |t| {
        let World { ada, .. } = t.world().await;
        let ada = Browser::of(&t, &ada).await;
        let cancels = |text: &str| text.matches("Cancel").count();
        let nothing = ada.get("/o/acme/audit/views").await;
        assert!(nothing.status == StatusCode::OK && nothing.text.contains("Search or filter the audit trail first"));
        let something = ada.get("/o/acme/audit/views?outcome=denied").await;
        assert_eq!(cancels(&something.text), cancels(&nothing.text) + 1);
    })
    .await;
}
