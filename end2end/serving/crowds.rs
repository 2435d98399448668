//! An organization of which too much is asked at once: whoever asks for more is told so, and nobody else notices.

use axum::http::{StatusCode, header};
use server::testing::{TestPortal, World};

use crate::support::{Browser, Crowd};

#[tokio::test]
async fn a_page_that_there_is_no_room_for_says_so_and_others_are_shown() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        t.share_lane(&globex, &acme).await;
        let (ada, gus) = (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await);
        let crowd = Crowd::before(&t, &acme).await;

        let answer = ada.get("/o/acme/members").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers[header::RETRY_AFTER], "2");
        assert!(answer.text.contains("This organization is very busy") && answer.text.contains("Try again"));
        assert_eq!(gus.get("/o/globex/members").await.status, StatusCode::OK, "in the same lane");
        assert_eq!(ada.get("/account").await.status, StatusCode::OK, "her own pages go on");

        crowd.go_on().await;
        assert_eq!(ada.get("/o/acme/members").await.status, StatusCode::OK);
    })
    .await;
}
