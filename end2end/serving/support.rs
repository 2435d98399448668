//! A browser that talks to the router.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use futures::future::join_all;
use portcullis::router::{Parts, TIME_LIMIT, router};
use server::testing::{BASE_URL, Organization, PASSWORD, Person, TestPortal};
use server::{Error, Portal, sign_in};
use tokio::task::{JoinHandle, yield_now};
use tower::ServiceExt;

/// What the service on a portal is made of.
pub fn parts(portal: &Portal) -> Parts {
    Parts {
        portal: portal.clone(),
        trusted_proxies: Vec::new(),
        site: "public".to_owned(),
        metrics: None,
        time_limit: TIME_LIMIT,
    }
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
        Self::on(t, parts(t.portal()), person).await
    }

    /// As [`Browser::of`], with a service made of these parts.
    pub async fn on(t: &TestPortal, parts: Parts, person: &Person) -> Self {
        let grant = sign_in::sign_in(&t.request(), &person.email, PASSWORD).await.expect("a sign-in");
        let id = t.carry(grant).await.id().expect("a session that was saved");
        Self { service: router(parts), cookie: format!("__Host-session={id}") }
    }

    /// A browser in which nobody has signed in.
    pub fn fresh(parts: Parts) -> Self {
        Self { service: router(parts), cookie: String::new() }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends an empty form.
    pub async fn post(&self, path: &str) -> Answer {
        self.send_form(path, Body::empty()).await
    }

    /// Sends a form.
    pub async fn send_form(&self, path: &str, form: Body) -> Answer {
        let request = Request::post(path)
            .header(header::ORIGIN, BASE_URL)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form).await
    }

    /// Asks for a page from an address, with these headers.
    pub async fn get_from(&self, peer: IpAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::get(path).extension(ConnectInfo(SocketAddr::new(peer, 40_000)));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request, Body::empty()).await
    }

    async fn send(&self, request: Builder, body: Body) -> Answer {
        let request = request.header(header::COOKIE, &self.cookie).body(body).expect("a request");
        let Ok(response) = self.service.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole answer");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }
}

/// How many requests of one organization are served at a time, and how many more wait.
const SERVED: usize = 2;
const WAITING: usize = 64;

/// So many who want something of an organization that nobody else gets in, until they are let go on.
pub struct Crowd {
    t: TestPortal,
    requests: Vec<JoinHandle<Result<(), Error>>>,
}

impl Crowd {
    /// Gathers before an organization.
    pub async fn before(t: &TestPortal, organization: &Organization) -> Self {
        t.sql("SELECT pg_advisory_lock(1)").await;
        let requests = (0..SERVED + WAITING).map(|_| {
            let (t, id) = (t.clone(), organization.id);
            tokio::spawn(async move { t.try_as_tenant(id, "SELECT pg_advisory_xact_lock_shared(1)").await })
        });
        let requests = requests.collect();
        while t.portal().waiting() < WAITING {
            yield_now().await;
        }
        Self { t: t.clone(), requests }
    }

    /// Goes on, and away.
    pub async fn go_on(self) {
        self.t.sql("SELECT pg_advisory_unlock(1)").await;
        for served in join_all(self.requests).await {
            served.expect("a task").expect("it was in the line, and is served");
        }
    }
}
