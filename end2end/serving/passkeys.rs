//! Where passkeys are offered, and what browsers are told to ask for.

use axum::body::Body;
use axum::http::{StatusCode, header};
use server::testing::{Person, TestPortal, World};
use time::Duration;

use crate::support::{Browser, parts};

/// Gives somebody a passkey that nobody has.
async fn give(t: &TestPortal, person: &Person) {
    t.sql(&format!(
        "INSERT INTO platform.passkeys (id, account_id, name, credential_id, credential, created_at)
         VALUES (gen_random_uuid(), '{}', 'Laptop', '\\x0102ff', '{{}}', now())",
        person.account
    ))
    .await;
}

#[tokio::test]
async fn a_fresh_proof_is_given_by_passkey_where_there_is_one() {
    TestPortal::run(async |t| {
        let World { ada, .. } = t.world().await;
        let browser = Browser::of(&t, &ada).await;
        give(&t, &ada).await;
        assert!(browser.get("/account/security").await.text.contains("Laptop"));
        t.pass(Duration::minutes(10));
        // Without scripts the form goes first, and leads to the proof with what was typed.
        let asked = browser.post("/account/security/passkeys/challenge").await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        let sent = browser.send_form("/account/security/passkeys", Body::from("name=Phone")).await;
        assert_eq!(sent.headers[header::LOCATION], "/account/step-up?next=%2Faccount%2Fsecurity");
        let page = browser.get("/account/step-up?next=%2Faccount%2Fsecurity").await.text;
        assert!(page.contains("data-passkey=\"/account/step-up/passkey/challenge\"") && page.contains("Use a passkey"));
        assert!(!page.contains("name=\"password\"") && !page.contains("name=\"code\""));
        let told = browser.post("/account/step-up/passkey/challenge").await;
        assert_eq!(told.status, StatusCode::OK);
        assert_eq!(told.headers[header::CONTENT_TYPE], "application/json");
        assert!(
            told.text.contains("\"allowCredentials\":[{\"id\":\"AQL_\",\"type\":\"public-key\"}]"),
            "{}",
            told.text
        );
        assert!(told.text.contains("\"userVerification\":\"required\""));
    })
    .await;
}

#[tokio::test]
async fn a_browser_without_a_session_keeps_its_challenge_sealed() {
    TestPortal::run(async |t| {
        t.world().await;
        let browser = Browser::fresh(parts(t.portal()));
        let told = browser.post("/sign-in/passkey/challenge").await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(told.text.contains("\"allowCredentials\":[]") && !told.text.contains("mediation"), "{}", told.text);
        let cookie = told.headers[header::SET_COOKIE].to_str().expect("text");
        assert!(cookie.starts_with("__Host-passkey=") && cookie.contains("Max-Age=300"), "{cookie}");
        let id = t.text("SELECT id::text FROM platform.passkey_challenges").await;
        assert!(!told.text.contains(&id) && !cookie.contains(&id));
        // What somebody has made up is nobody's.
        let sent = browser.send_form("/sign-in/passkey", Body::from("answer=%7B%7D&next=/account")).await;
        assert_eq!(sent.headers[header::LOCATION], "/sign-in?next=%2Faccount");
    })
    .await;
}
