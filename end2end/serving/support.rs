//! A browser that talks to the router.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use portcullis::router::{Parts, router};
use server::sign_in;
use server::testing::{PASSWORD, Person, TestPortal};
use tower::ServiceExt;

/// The whole service on a test's portal.
pub fn service(t: &TestPortal) -> Router {
    router(Parts {
        portal: t.portal().clone(),
        trusted_proxies: Vec::new(),
        site: "target/site".to_owned(),
        metrics: None,
    })
}

/// Somebody's browser.
pub struct Browser {
    service: Router,
    cookie: String,
}

/// What comes back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Browser {
    /// A browser in which this person has signed in.
    pub async fn of(t: &TestPortal, person: &Person) -> Self {
        let grant = sign_in::sign_in(&t.request(), &person.email, PASSWORD).await.expect("a sign-in");
        let id = t.carry(grant).await.id().expect("a session that was saved");
        Self { service: service(t), cookie: format!("__Host-session={id}") }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).expect("a request");
        let Ok(response) = self.service.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole answer");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }
}
