//! Whoever has lost their access has lost it at the next request, at every address.

use app::routes::{Audience, Route, TABLE};
use axum::body::Body;
use axum::http::{StatusCode, header};
use domain::organizations::TenantStatus;
use server::sessions::{self, Visitor};
use server::testing::{PASSWORD, TestPortal, World};
use server::{RequestContext, accounts, members, organizations, sign_in};

use crate::support::{Answer, Browser};

/// An address of the table with something in every gap, of which nothing has to exist.
fn fill(route: &Route) -> String {
    let fill = |part: &str| match part {
        "{slug}" => "acme".to_owned(),
        "{index}" => "0".to_owned(),
        gap if gap.starts_with('{') => "018f0000-0000-7000-8000-000000000000".to_owned(),
        name => name.to_owned(),
    };
    route.path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// What a browser is answered at every address of these audiences.
async fn everywhere(browser: &Browser, audiences: &[Audience]) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for route in TABLE.iter().filter(|route| audiences.contains(&route.audience)) {
        let path = fill(route);
        for method in route.methods {
            let answer = match *method {
                "GET" => browser.get(&path).await,
                _ => browser.send_form(&path, Body::empty()).await,
            };
            answers.push((format!("{method} {path}"), answer));
        }
    }
    assert!(answers.len() > 15, "the table has that many addresses");
    answers
}

/// An act that ends all of Ada's sessions but the one that asks for it.
async fn end_the_others(t: &TestPortal, act: &str, request: &RequestContext, ada: &Visitor) {
    match act {
        "another password" => {
            let grant = accounts::change_password(request, ada, PASSWORD, "a password to come").await;
            drop(grant.expect("a change"));
        }
        "a reset by mail" => {
            sign_in::request_reset(request, &ada.account.email).await.expect("a mail");
            let secret = t.secret_for(&ada.account.email).await;
            sign_in::reset(request, &secret, "a password to come").await.expect("a reset");
        }
        "all others ended" => assert_eq!(sessions::end_others(request, ada).await.expect("an end"), 1),
        "one ended" => {
            let list = sessions::list(request, ada).await.expect("a list");
            let other = list.iter().find(|session| session.id != ada.session).expect("another session");
            sessions::end(request, ada, other.id).await.expect("an end");
        }
        "an epoch" => {
            t.sql(&format!("UPDATE platform.accounts SET epoch = epoch + 1 WHERE id = '{}'", ada.account.id)).await;
        }
        other => panic!("{other}?"),
    }
}

#[tokio::test]
async fn a_session_that_was_ended_opens_nothing_any_more() {
    for act in ["another password", "a reset by mail", "all others ended", "one ended", "an epoch"] {
        TestPortal::run(async |t| {
            let World { ada, gus, .. } = t.world().await;
            let (browser, other) = (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await);
            assert_eq!(browser.get("/o/acme/members").await.status, StatusCode::OK);
            end_the_others(&t, act, &t.request(), &ada.visitor).await;
            for (address, answer) in everywhere(&browser, &[Audience::SignedIn, Audience::Members]).await {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{act}: {address}");
                let place = answer.headers[header::LOCATION].to_str().expect("text");
                assert!(place.starts_with("/sign-in?next="), "{act}: {address} leads to {place}");
            }
            assert_eq!(other.get("/o/globex/members").await.status, StatusCode::OK, "{act}: others go on");
        })
        .await;
    }
}

#[tokio::test]
async fn whoever_was_shut_out_of_an_organization_finds_every_door_closed() {
    for (act, status) in [
        ("suspended", StatusCode::FORBIDDEN),
        ("removed", StatusCode::NOT_FOUND),
        ("the organization suspended", StatusCode::FORBIDDEN),
    ] {
        TestPortal::run(async |t| {
            let World { acme, ada, ben, gus, .. } = t.world().await;
            let (browser, other) = (Browser::of(&t, &ben).await, Browser::of(&t, &gus).await);
            assert_eq!(browser.get("/o/acme/members").await.status, StatusCode::OK);
            let owner = t.enter(&ada, &acme).await;
            match act {
                "suspended" => drop(members::suspend(&owner, ben.account).await.expect("a suspension")),
                "removed" => drop(members::remove(&owner, ben.account, |_| Ok(())).await.expect("a removal")),
                _ => {
                    let status = TenantStatus::Suspended;
                    organizations::set_status(&t.request(), "acme", status, None).await.expect("a suspension");
                }
            }
            for (address, answer) in everywhere(&browser, &[Audience::Members]).await {
                assert_eq!(answer.status, status, "{act}: {address}");
                assert!(!answer.text.contains("Ada Lovelace"), "{act}: {address}");
            }
            assert_eq!(browser.get("/account").await.status, StatusCode::OK, "{act}: what is one's own goes on");
            assert_eq!(other.get("/o/globex/members").await.status, StatusCode::OK, "{act}: others go on");
        })
        .await;
    }
}
