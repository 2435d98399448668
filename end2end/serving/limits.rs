//! What a form answers that was sent too often: that, when to try again, and what was typed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{StatusCode, header};
use server::testing::{TestPortal, World};

use crate::support::{Answer, Browser, parts};

#[track_caller]
fn assert_later(answer: &Answer, seconds: &str, texts: &[&str]) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers[header::RETRY_AFTER], seconds);
    for text in texts {
        assert!(answer.text.contains(text), "{text} in {}", answer.text);
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_the_form_again_with_429() {
    TestPortal::run_with_mail(async |t| {
        let World { mia, .. } = t.world().await;
        let browser = Browser::fresh(parts(t.portal()));
        let typed = format!("value=\"{}\"", mia.email);
        let form = || Body::from(format!("email={}&password=wrong&next=/account/sessions", mia.email));
        for _ in 0..10 {
            assert_eq!(browser.send_form("/sign-in", form()).await.status, StatusCode::SEE_OTHER);
        }
        let answer = browser.send_form("/sign-in", form()).await;
        assert_later(&answer, "900", &["Too many attempts. Wait 15 minutes and try again.", &typed]);
        assert!(answer.text.contains("value=\"/account/sessions\""), "the way on is kept");
        assert!(!answer.text.contains("wrong"));

        let form = || Body::from(format!("email={}", mia.email));
        for _ in 0..5 {
            assert_eq!(browser.send_form("/forgot-password", form()).await.status, StatusCode::OK);
        }
        let answer = browser.send_form("/forgot-password", form()).await;
        assert_later(&answer, "3600", &["Too many attempts. Wait an hour and try again.", &typed]);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_too_many_comes_back_as_it_was_typed_with_429() {
    TestPortal::run_with_mail(async |t| {
        let World { ada, .. } = t.world().await;
        let browser = Browser::of(&t, &ada).await;
        let invite = || browser.send_form("/o/acme/invitations", Body::from("email=new@person.example&role=auditor"));
        assert_eq!(invite().await.status, StatusCode::SEE_OTHER);
        let id = t.text("SELECT subject::text FROM platform.outbox WHERE recipient = 'new@person.example'").await;
        let act = |act: &str| format!("/o/acme/invitations/{id}/{act}");
        for _ in 0..4 {
            assert_eq!(browser.post(&act("resend")).await.status, StatusCode::SEE_OTHER);
        }
        let text = "This address got several mails from here just now. Wait an hour to send another";
        assert_later(&browser.post(&act("resend")).await, "3600", &[text, "<h1", "new@person.example"]);
        assert_eq!(browser.post(&act("revoke")).await.status, StatusCode::SEE_OTHER);
        let typed = ["value=\"new@person.example\"", "value=\"auditor\" selected"];
        assert_later(&invite().await, "3600", &[text, typed[0], typed[1]]);
        let trail = browser.get("/o/acme/audit").await;
        assert_eq!(trail.text.matches("was kept from more mails to new@person.example").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_was_guessed_too_often_in_the_profile_is_429() {
    TestPortal::run(async |t| {
        let World { mia, .. } = t.world().await;
        let browser = Browser::of(&t, &mia).await;
        let change = || browser.send_form("/account/security", Body::from("current=wrong&password=a+password+to+come"));
        for _ in 0..10 {
            assert_eq!(change().await.status, StatusCode::SEE_OTHER);
        }
        assert_later(&change().await, "900", &["Too many attempts", "name=\"current\""]);
    })
    .await;
}

#[tokio::test]
async fn a_name_too_many_comes_back_as_it_was_typed_with_429() {
    TestPortal::run(async |t| {
        let World { mia, .. } = t.world().await;
        let browser = Browser::of(&t, &mia).await;
        let form = |number: u32| Body::from(format!("name=Mia+{number}&time_zone=UTC&theme=dark"));
        for number in 0..10 {
            assert_eq!(browser.send_form("/account", form(number)).await.status, StatusCode::SEE_OTHER);
        }
        let answer = browser.send_form("/account", form(10)).await;
        assert_later(&answer, "3600", &["Too many attempts. Wait an hour and try again.", "value=\"Mia 10\""]);
    })
    .await;
}

/// A body in pieces that does not say how long it is, and how many of them were taken.
fn pieces(count: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let pieces = futures::stream::iter((0..count).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(vec![b'x'; 16 * 1024])
    }));
    (Body::from_stream(pieces), taken)
}

#[tokio::test]
async fn a_file_is_taken_from_members_of_the_organization_alone() {
    TestPortal::run(async |t| {
        let World { ada, .. } = t.world().await;
        let (here, stranger) = (Browser::of(&t, &ada).await, Browser::fresh(parts(t.portal())));
        let (file, taken) = pieces(64);
        let refused = stranger.send_form("/o/acme/members/import", file).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(taken.load(Ordering::Relaxed) <= 5, "no more was read than a form may have");
        let (file, taken) = pieces(64);
        let read = here.send_form("/o/acme/members/import", file).await;
        assert_eq!((read.status, taken.load(Ordering::Relaxed)), (StatusCode::BAD_REQUEST, 64));
        let (file, taken) = pieces(64);
        let foreign = here.send_form("/o/globex/members/import", file).await;
        assert_eq!(foreign.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(taken.load(Ordering::Relaxed) <= 5, "nor from members of another organization");
        // And no more from anybody than a file may have, or at another address.
        for (path, most) in [("/o/acme/members/import", 10 * 64 + 2), ("/o/acme/settings/name", 5)] {
            let (file, taken) = pieces(2 * 10 * 64);
            assert_eq!(here.send_form(path, file).await.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            assert!(taken.load(Ordering::Relaxed) <= most, "{path}");
        }
    })
    .await;
}
