//! What people see, and what the log says, when something goes wrong.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{StatusCode, header};
use domain::organizations::TenantStatus;
use portcullis::background::Background;
use portcullis::router::Parts;
use server::Settings;
use server::organizations::set_status;
use server::testing::{TestPortal, World};
use tokio::sync::watch;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, Browser, parts};

/// What was written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A page about a problem of the server's: it shows the request's id, which is returned.
fn assert_page(answer: &Answer, status: StatusCode, title: &str) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(title), "{}", answer.text);
    let id = answer.headers["x-request-id"].to_str().expect("an id").to_owned();
    assert!(answer.text.contains(&id), "the page shows the request's id");
    assert!(is_dark(answer), "the page has the theme of whoever asked");
    id
}

fn is_dark(answer: &Answer) -> bool {
    answer.text.contains("data-theme=\"portcullis-dark\"")
}

async fn prefer_dark(t: &TestPortal) {
    t.sql("UPDATE platform.accounts SET theme = 'dark'").await;
}

#[tokio::test]
async fn what_a_panic_says_is_in_the_log_and_nowhere_else() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _kept = tracing::subscriber::set_default(subscriber);
    TestPortal::run(async |t| {
        let World { mia, .. } = t.world().await;
        prefer_dark(&t).await;
        let mia = Browser::of(&t, &mia).await;
        // Every entry of the audit trail needs random bytes, also that of a denial.
        t.run_dry();
        let asked = mia.get("/o/acme/audit?page=1").await;
        let sent = mia.post("/account/sessions/end-others").await;
        for (answer, again) in [(asked, true), (sent, false)] {
            let id = assert_page(&answer, StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side");
            assert!(!answer.text.contains("run dry"));
            let leads_back =
                answer.text.contains("href=\"/o/acme/audit?page=1\"") && answer.text.contains("Try again<");
            assert_eq!(leads_back, again, "what was asked for can be asked for again, and nothing is sent twice");
            let written = log.text();
            let line = written.lines().find(|line| line.contains("run dry") && line.contains(&id));
            assert!(line.is_some(), "{id} in {written}");
        }
        assert_eq!(mia.get("/account").await.status, StatusCode::OK, "everything else goes on");
    })
    .await;
}

#[tokio::test]
async fn what_takes_too_long_is_answered_and_a_form_is_done_all_the_same() {
    TestPortal::run(async |t| {
        let World { ada, acme, .. } = t.world().await;
        prefer_dark(&t).await;
        let (time_limit, patient) = (Duration::from_secs(2), Browser::of(&t, &ada).await);
        let browser = Browser::on(&t, Parts { time_limit, ..parts(t.portal()) }, &ada).await;
        t.sql(&format!("BEGIN; LOCK TABLE {}.members", acme.schema())).await;
        let answer = browser.get("/o/acme").await;
        assert_page(&answer, StatusCode::SERVICE_UNAVAILABLE, "This took too long");
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
        t.sql("ROLLBACK; BEGIN; LOCK TABLE platform.sessions IN SHARE MODE").await;
        let answer = browser.post("/account/sessions/end-others").await;
        assert_page(&answer, StatusCode::SERVICE_UNAVAILABLE, "This took too long");
        t.sql("ROLLBACK").await;
        while t.number("SELECT count(*) FROM platform.sessions s JOIN platform.accounts a ON a.id = s.account_id WHERE a.email LIKE 'ada@%'").await > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        assert_eq!(patient.get("/account").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_page_about_a_problem_looks_as_its_reader_likes_it_and_leads_on() {
    TestPortal::run(async |t| {
        let World { ada, gus, .. } = t.world().await;
        prefer_dark(&t).await;
        let (ada, gus, nobody) =
            (Browser::of(&t, &ada).await, Browser::of(&t, &gus).await, Browser::fresh(parts(t.portal())));
        for path in ["/no-such-page", "/o/globex", "/reset/none"] {
            let answer = ada.get(path).await;
            assert!(answer.status.is_client_error() && is_dark(&answer), "{path}");
        }
        assert!(!is_dark(&nobody.get("/no-such-page").await));

        set_status(&t.request(), "acme", TenantStatus::Suspended, None).await.expect("it is suspended");
        t.sql("UPDATE platform.tenants SET schema_version = schema_version - 1 WHERE slug = 'globex'").await;
        for (browser, path, title) in
            [(&ada, "/o/acme", "organization is suspended"), (&gus, "/o/globex", "organization is being upgraded")]
        {
            let answer = browser.get(path).await;
            assert!(answer.text.contains(title) && is_dark(&answer), "{path}");
            assert!(answer.text.contains("href=\"/account\"") && answer.text.contains("Sign out"), "{path}");
            let start = browser.get("/").await;
            assert_eq!(
                (start.status, &start.headers[header::LOCATION]),
                (StatusCode::SEE_OTHER, &"/account".parse().expect("a path"))
            );
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_reached_by_https_asks_for_https() {
    TestPortal::run(async |t| {
        let base_url = "https://portal.example".to_owned();
        let portal = t.another(Settings { base_url, ..TestPortal::settings(false) }).await;
        let browser = Browser::fresh(parts(&portal));
        for path in ["/sign-in", "/no-such-page", "/favicon.svg", "/healthz"] {
            let answer = browser.get(path).await;
            let policy = answer.headers.get(header::STRICT_TRANSPORT_SECURITY).expect("a policy");
            assert_eq!(policy, "max-age=63072000; includeSubDomains", "{path}");
        }
        assert_eq!(browser.get("/favicon.svg").await.headers[header::CACHE_CONTROL], "public, max-age=2592000");
        assert_eq!(browser.get("/sign-in").await.headers[header::CACHE_CONTROL], "no-store");
        portal.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_log_names_tasks_that_panic_and_those_that_do_not_end_and_the_program_ends() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _kept = tracing::subscriber::set_default(subscriber);
    let stop = watch::Sender::new(false);
    let mut background = Background::default();
    background.spawn("ended", async {});
    background.spawn("broken", async { panic!("on purpose") });
    background.spawn("frozen", std::future::pending());
    let watching = async {
        while !log.text().contains("task=\"broken\"") {
            tokio::task::yield_now().await;
        }
        assert!(!log.text().contains("frozen"), "nobody is late yet");
        assert!(*stop.borrow(), "all else ends, too");
    };

    let (ended, ()) = tokio::join!(background.end(&stop, Duration::from_millis(10)), watching);

    assert!(ended.expect_err("it did not end well").to_string().contains("broken"));
    let text = log.text();
    assert!(text.contains("did not end in time task=\"frozen\""), "{text}");
    assert!(!text.contains("ended\""), "{text}");
}
