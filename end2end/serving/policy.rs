//! What an organization asks of its members' sign-in stands before each of its addresses.

use app::routes::{Audience, TABLE};
use axum::http::{StatusCode, header};
use server::testing::{Organization, TestPortal, World};

use crate::support::{Answer, Browser, parts};

const NOBODY: &str = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";

/// Every address inside of an organization, and one that there is not, by method.
fn addresses(slug: &str) -> Vec<(&'static str, String)> {
    let fill = |path: &str| {
        let ids = [
            "{member}",
            "{invitation}",
            "{role}",
            "{group}",
            "{job}",
            "{filter}",
            "{session}",
            "{template}",
            "{exception}",
            "{view}",
            "{alert}",
            "{hold}",
        ]
        .iter()
        .fold(path.replace("{slug}", slug), |path, id| path.replace(id, NOBODY));
        ids.replace("{index}", "0").replace("{version}", "0").replace("{size}", "0").replace("{ticket}", "none")
    };
    let members = TABLE.iter().filter(|route| route.audience == Audience::Members);
    let known = members.flat_map(|route| route.methods.iter().map(move |method| (*method, fill(route.path))));
    let unknown = ["GET", "POST"].map(|method| (method, format!("/o/{slug}/no/such/page")));
    known.chain(unknown).collect()
}

/// Puts a policy into force, whoever it locks out.
async fn put(t: &TestPortal, of: &Organization, version: u32, policy: &str, mfa_since: &str) {
    let schema = of.schema();
    t.sql(&format!(
        "WITH version AS (INSERT INTO {schema}.policy_versions (version, settings, created_at, enforced_at)
                          VALUES ({version}, '{policy}', now(), now()))
         UPDATE {schema}.policy_head SET newest = {version}, enforced = {version}, mfa_since = '{mfa_since}'"
    ))
    .await;
}

async fn ask(browser: &Browser, method: &str, path: &str) -> Answer {
    if method == "GET" { browser.get(path).await } else { browser.post(path).await }
}

#[tokio::test]
async fn every_address_leads_to_the_second_factor_that_is_asked_for() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        let (mia, gus) = (Browser::of(&t, &mia).await, Browser::of(&t, &gus).await);
        // Somebody new is reminded at first.
        put(&t, &acme, 1, r#"{"mfa":true}"#, "2100-01-01").await;
        let page = mia.get("/o/acme/members").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text.contains("You get in without until")
                && page.text.contains("/account/enrol?next=%2Fo%2Facme%2Fmembers")
        );

        put(&t, &acme, 2, r#"{"mfa":true,"mfa_grace_days":0}"#, "2020-01-01").await;
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

const OFFICE: &str = r#"{"networks":[{"network":"192.0.2.0/24"},{"network":"2001:db8::/32"}]}"#;

#[tokio::test]
async fn no_header_brings_anybody_into_a_network() {
    TestPortal::run(async |t| {
        let World { acme, mia, .. } = t.world().await;
        put(&t, &acme, 1, OFFICE, "2020-01-01").await;
        let ip = |text: &str| text.parse::<std::net::IpAddr>().expect("an address");
        let (inside, outside, proxy) = (ip("192.0.2.1"), ip("203.0.113.9"), ip("10.0.0.1"));
        let browser = Browser::of(&t, &mia).await;
        assert_eq!(browser.get_from(inside, "/o/acme", &[]).await.status, StatusCode::OK);
        for name in ["x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip", "client-ip"] {
            let answer = browser.get_from(outside, "/o/acme", &[(name, "192.0.2.1")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
            assert!(answer.text.contains("You cannot come in from here") && !answer.text.contains("Ada"));
        }
        let forwarded = browser.get_from(outside, "/o/acme", &[("forwarded", "for=192.0.2.1")]).await;
        assert_eq!(forwarded.status, StatusCode::FORBIDDEN);
        assert_eq!(browser.get("/o/acme").await.status, StatusCode::FORBIDDEN, "from nowhere that is known");

        let trusting = server_parts(&t, "10.0.0.0/8");
        let browser = Browser::on(&t, trusting, &mia).await;
        for (lines, status) in [
            (&["192.0.2.1"][..], StatusCode::OK),
            (&["::ffff:192.0.2.1"], StatusCode::OK),
            (&["2001:db8::1"], StatusCode::OK),
            (&["203.0.113.9, 192.0.2.1"], StatusCode::OK),
            (&["192.0.2.1, 10.0.0.2"], StatusCode::OK),
            (&["192.0.2.1, 203.0.113.9"], StatusCode::FORBIDDEN),
            (&["192.0.2.1", "203.0.113.9"], StatusCode::FORBIDDEN),
            (&["192.0.2.1, 203.0.113.9, 10.0.0.2"], StatusCode::FORBIDDEN),
            (&["10.0.0.2"], StatusCode::FORBIDDEN),
            (&[], StatusCode::FORBIDDEN),
            (&["192.0.2.1, unknown"], StatusCode::BAD_REQUEST),
            (&["192.0.2.1:443"], StatusCode::BAD_REQUEST),
            (&["[2001:db8::1]"], StatusCode::BAD_REQUEST),
            (&["0300.0.2.1"], StatusCode::BAD_REQUEST),
            (&["3221225985"], StatusCode::BAD_REQUEST),
            (&["192.0.2.1,"], StatusCode::BAD_REQUEST),
            (&[""], StatusCode::BAD_REQUEST),
            (&["192.0.2.1;203.0.113.9"], StatusCode::BAD_REQUEST),
        ] {
            let headers: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(browser.get_from(proxy, "/o/acme", &headers).await.status, status, "{lines:?}");
            let answer = browser.get_from(outside, "/o/acme", &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "not by a proxy: {lines:?}");
        }
    })
    .await;
}

fn server_parts(t: &TestPortal, proxies: &str) -> portcullis::router::Parts {
    portcullis::router::Parts { trusted_proxies: vec![proxies.parse().expect("a network")], ..parts(t.portal()) }
}

#[tokio::test]
async fn whoever_asks_too_much_is_told_when_to_try_again_and_everybody_what_is_left() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        put(&t, &acme, 1, r#"{"requests_per_minute":60,"burst":10}"#, "2020-01-01").await;
        let (mia, gus) = (Browser::of(&t, &mia).await, Browser::of(&t, &gus).await);
        for left in (0..10).rev() {
            let answer = mia.get("/o/acme").await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.headers["ratelimit-limit"], "60");
            assert_eq!(answer.headers["ratelimit-remaining"], left.to_string().as_str());
        }
        let answer = mia.get("/o/acme/members").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers[header::RETRY_AFTER], "1");
        assert!(answer.text.contains("Too many requests") && answer.text.contains("Try again in a second."));
        assert_eq!(mia.get("/account").await.status, StatusCode::OK, "what is theirs goes on");
        let other = gus.get("/o/globex").await;
        assert_eq!(other.status, StatusCode::OK);
        assert!(other.headers.get("ratelimit-limit").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_proof_that_is_too_old_here_is_asked_for_again_and_not_in_a_circle() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        put(&t, &acme, 1, r#"{"step_up_minutes":1}"#, "2020-01-01").await;
        let ada = Browser::of(&t, &ada).await;
        let export = "/o/acme/audit/export";
        assert_eq!(ada.get(export).await.status, StatusCode::OK);
        t.pass(time::Duration::minutes(2));
        let answer = ada.get(export).await;
        assert_eq!(answer.headers[header::LOCATION], "/account/step-up?next=%2Fo%2Facme%2Faudit");
        let page = ada.get("/account/step-up?next=%2Fo%2Facme%2Faudit").await;
        assert_eq!(page.status, StatusCode::OK, "and no way back before it is given");
        assert!(page.text.contains("It holds for a minute."));
        let elsewhere = ada.get("/account/step-up?next=%2Faccount").await;
        assert_eq!(elsewhere.headers[header::LOCATION], "/account", "where it is fresh enough");
    })
    .await;
}

#[tokio::test]
async fn every_address_leads_to_the_password_that_is_asked_for_and_from_there_on() {
    TestPortal::run(async |t| {
        let World { acme, mia, gus, .. } = t.world().await;
        put(&t, &acme, 1, r#"{"password_length":64}"#, "2020-01-01").await;
        let (mia, gus) = (Browser::of(&t, &mia).await, Browser::of(&t, &gus).await);
        for (method, path) in addresses("acme") {
            let answer = ask(&mia, method, &path).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
            let to = answer.headers[header::LOCATION].to_str().expect("an address");
            assert!(to.starts_with("/account/new-password?next=%2Fo%2Facme"), "{method} {path}: {to}");
            assert!(!answer.text.contains("Ada"), "{method} {path}");
        }
        let page = mia.get("/account/new-password?next=%2Fo%2Facme%2Fmembers").await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["Acme", "It has at least 64 characters.", "value=\"/o/acme/members\"", "Change password"] {
            assert!(page.text.contains(text), "{text}");
        }
        assert!(
            page.text.contains("At least 64 characters") && !page.text.contains("At least 10"),
            "the field says so, too"
        );
        assert_eq!(mia.get("/account").await.status, StatusCode::OK, "what is theirs goes on");
        // Who is asked for nothing goes on, and never to another site.
        for (next, to) in
            [("%2Fo%2Fglobex", "/o/globex"), ("%2Fo%2Facme", "/o/acme"), ("https%3A%2F%2Fevil.example", "/")]
        {
            let answer = gus.get(&format!("/account/new-password?next={next}")).await;
            assert_eq!(answer.headers[header::LOCATION], to, "{next}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_has_signed_in_in_another_way_is_led_to_a_proof_or_to_what_they_need_for_one() {
    TestPortal::run(async |t| {
        let World { acme, mia, .. } = t.world().await;
        put(&t, &acme, 1, r#"{"sign_in_methods":{"password":false,"two_steps":true,"passkey":true}}"#, "2020-01-01")
            .await;
        let browser = Browser::of(&t, &mia).await;
        let to = browser.get("/o/acme").await.headers[header::LOCATION].clone();
        assert_eq!(to, "/account/enrol?next=%2Fo%2Facme");
        let guide = browser.get("/account/enrol?next=%2Fo%2Facme").await;
        assert!(guide.text.contains("Set up authenticator") && guide.text.contains("is closed to you"));
        t.sql(&format!(
            "INSERT INTO platform.authenticators (id, account_id, name, secret, created_at, confirmed_at)
             VALUES (gen_random_uuid(), '{}', 'Phone', '', now(), now())",
            mia.account
        ))
        .await;
        let to = browser.get("/o/acme").await.headers[header::LOCATION].clone();
        assert_eq!(to, "/account/step-up?next=%2Fo%2Facme");
        let page = browser.get("/account/step-up?next=%2Fo%2Facme").await;
        assert!(
            page.text.contains("does not accept what you have signed in with") && page.text.contains("name=\"code\"")
        );
        // A passkey alone is no password with a second step, and no code makes it one: that leads round in no circle.
        t.sql("UPDATE platform.sessions SET method = 'passkey'").await;
        put(&t, &acme, 2, r#"{"sign_in_methods":{"password":false,"two_steps":true,"passkey":false}}"#, "2020-01-01")
            .await;
        let page = browser.get("/account/step-up?next=%2Fo%2Facme").await;
        assert!(page.text.contains("Sign in in another way") && !page.text.contains("name=\"code\""));
    })
    .await;
}
