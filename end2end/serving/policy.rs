//! What an organization asks of its members' sign-in stands before each of its addresses.

use app::routes::{Audience, TABLE};
use axum::http::{StatusCode, header};
use server::testing::{TestPortal, World};

use crate::support::{Answer, Browser};

const NOBODY: &str = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";

/// Every address inside of an organization, and one that there is not, by method.
fn addresses(slug: &str) -> Vec<(&'static str, String)> {
    let fill = |path: &str| {
        let ids = ["{member}", "{invitation}", "{role}", "{group}", "{job}", "{filter}", "{session}", "{template}"]
            .iter()
            .fold(path.replace("{slug}", slug), |path, id| path.replace(id, NOBODY));
        ids.replace("{index}", "0").replace("{version}", "0")
    };
    let members = TABLE.iter().filter(|route| route.audience == Audience::Members);
    let known = members.flat_map(|route| route.methods.iter().map(move |method| (*method, fill(route.path))));
    let unknown = ["GET", "POST"].map(|method| (method, format!("/o/{slug}/no/such/page")));
    known.chain(unknown).collect()
}

async fn ask(browser: &Browser, method: &str, path: &str) -> Answer {
    if method == "GET" { browser.get(path).await } else { browser.post(path).await }
}

#[tokio::test]
async fn every_address_leads_to_the_second_factor_that_is_asked_for() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        let (mia, gus) = (Browser::of(&t, &mia).await, Browser::of(&t, &gus).await);
        let schema = acme.schema();
        let put = |version: u32, since: &str, days: u32| {
            let policy = format!(r#"{{"mfa":true,"mfa_grace_days":{days}}}"#);
            format!(
                "WITH version AS (INSERT INTO {schema}.policy_versions (version, settings, created_at, enforced_at)
                                  VALUES ({version}, '{policy}', now(), now()))
                 UPDATE {schema}.policy_head SET newest = {version}, enforced = {version}, mfa_since = '{since}'"
            )
        };
        // Somebody new is reminded at first.
        t.sql(&put(1, "2100-01-01", 7)).await;
        let page = mia.get("/o/acme/members").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text.contains("You get in without until")
                && page.text.contains("/account/enrol?next=%2Fo%2Facme%2Fmembers")
        );

        t.sql(&put(2, "2020-01-01", 0)).await;
        for (method, path) in addresses("acme") {
            let answer = ask(&mia, method, &path).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
            let to = answer.headers[header::LOCATION].to_str().expect("an address");
            assert!(to.starts_with("/account/enrol?next=%2Fo%2Facme"), "{method} {path}: {to}");
            assert!(!answer.text.contains("Ada"), "{method} {path}");
        }
        let guide = mia.get("/account/enrol?next=%2Fo%2Facme%2Fmembers").await;
        assert_eq!(guide.status, StatusCode::OK);
        for text in
            ["Acme", "asks its members to sign in with a passkey or an authenticator app", "Set up authenticator"]
        {
            assert!(guide.text.contains(text), "{text}");
        }
        assert!(guide.text.contains("value=\"/o/acme/members\"") && guide.text.contains("is closed to you"));
        for path in ["/account", "/account/security", "/account/sessions", "/invitations"] {
            assert_eq!(mia.get(path).await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(gus.get("/o/globex").await.status, StatusCode::OK);
        // Who is asked for nothing goes on, and never to another site.
        for (next, to) in
            [("%2Fo%2Fglobex", "/o/globex"), ("https%3A%2F%2Fevil.example", "/"), ("%2F%2Fevil.example", "/")]
        {
            let answer = gus.get(&format!("/account/enrol?next={next}")).await;
            assert_eq!(answer.headers[header::LOCATION], to, "{next}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_address_asks_for_a_proof_once_access_was_ended() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        let browser = Browser::of(&t, &mia).await;
        t.sql(&format!("UPDATE {}.members SET access_ended_at = '2100-01-01'", acme.schema())).await;
        for (method, path) in addresses("acme") {
            let answer = ask(&browser, method, &path).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
            let to = answer.headers[header::LOCATION].to_str().expect("an address");
            assert!(to.starts_with("/account/step-up?next=%2Fo%2Facme"), "{to}");
        }
        // The session is fresh, and is asked all the same.
        let page = browser.get("/account/step-up?next=%2Fo%2Facme").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("has ended your access") && page.text.contains("name=\"password\""));
        // Nobody is told so who only follows a link that says it.
        let gus = Browser::of(&t, &gus).await;
        for (browser, next) in [(&browser, "%2Faccount"), (&gus, "%2Fo%2Fglobex"), (&gus, "%2Fo%2Facme")] {
            let answer = browser.get(&format!("/account/step-up?again=ended&next={next}")).await;
            assert_eq!(answer.headers[header::LOCATION], next.replace("%2F", "/"), "{next}");
        }
    })
    .await;
}
