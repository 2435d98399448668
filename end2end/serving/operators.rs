//! The operator's console is there for operators who have proven themselves, and for nobody else, at each of its addresses.

use app::routes::{Audience, TABLE};
use axum::http::{StatusCode, header};
use domain::operators::OperatorForm;
use server::testing::{TestPortal, World};
use server::{RequestContext, operators};

use crate::support::{Answer, Browser};

/// Every address of the console, with this organization in the gaps, and one that there is not, by method.
fn addresses(organization: &str) -> Vec<(&'static str, String)> {
    let console = TABLE.iter().filter(|route| route.audience == Audience::Operators);
    let fill = |path: &str| path.replace("{organization}", organization);
    let known = console.flat_map(|route| route.methods.iter().map(move |method| (*method, fill(route.path))));
    let unknown = ["GET", "POST"].map(|method| (method, "/operator/no/such/page".to_owned()));
    known.chain(unknown).collect()
}

async fn ask(browser: &Browser, method: &str, path: &str) -> Answer {
    if method == "GET" { browser.get(path).await } else { browser.post(path).await }
}

fn location(answer: &Answer) -> &str {
    answer.headers.get(header::LOCATION).map_or("", |to| to.to_str().expect("an address"))
}

#[tokio::test]
async fn every_address_is_for_operators_alone() {
    TestPortal::run(async |t| {
        let World { acme, ada, gus, .. } = t.world().await;
        let (browser, stranger) = (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await);
        let addresses = addresses(&acme.id.to_string());
        assert!(addresses.len() > 12);
        let request = RequestContext::internal(t.portal());
        t.sql(&format!("UPDATE platform.accounts SET email_proven_at = now() WHERE id = '{}'", ada.account)).await;
        operators::add(&request, &OperatorForm { email: ada.email.clone(), ..OperatorForm::default() }).await.unwrap();

        for (method, path) in &addresses {
            let answer = ask(&stranger, method, path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert!(!answer.text.contains("Acme"), "{method} {path}");
            let answer = ask(&browser, method, path).await;
            assert_eq!(location(&answer), "/account/security", "{method} {path} without a second factor");
        }
        // She has one now, and has not shown it.
        t.sql(&format!(
            "INSERT INTO platform.passkeys (id, account_id, name, credential_id, credential, created_at)
             VALUES (gen_random_uuid(), '{}', 'Laptop', '\\x00', '{{}}', now())",
            ada.account
        ))
        .await;
        for (method, path) in &addresses {
            let answer = ask(&browser, method, path).await;
            assert!(location(&answer).starts_with("/account/step-up?next=%2Foperator"), "{method} {path}");
        }
        let page = browser.get("/account/step-up?next=%2Foperator").await;
        assert_eq!(page.status, StatusCode::OK, "however fresh the session is");

        t.sql("UPDATE platform.sessions SET method = 'password_and_passkey'").await;
        for (_, path) in addresses.iter().filter(|(method, path)| *method == "GET" && !path.contains("/no/")) {
            let answer = browser.get(path).await;
            let wanted = if path == "/operator" { StatusCode::SEE_OTHER } else { StatusCode::OK };
            assert_eq!(answer.status, wanted, "{path}");
        }
        assert_eq!(browser.get("/operator/no/such/page").await.status, StatusCode::NOT_FOUND);

        operators::remove(&request, &ada.email).await.unwrap();
        for (method, path) in &addresses {
            assert_eq!(ask(&browser, method, path).await.status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        assert_eq!(browser.get("/o/acme").await.status, StatusCode::OK, "she is who she was");
    })
    .await;
}
