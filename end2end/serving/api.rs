//! What programs ask for by the REST API, with keys and without.

use app::routes::{Audience, TABLE};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::api_keys::KeyForm;
use domain::quotas::{Metric, QuotaForm};
use portcullis::router::router;
use serde_json::{Value, json};
use server::testing::{Organization, Person, TestPortal, World};
use server::{Settings, api_keys, members, quotas};
use tower::ServiceExt as _;

use crate::support::{Crowd, parts};

const NOBODY: &str = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";

/// A program with a key, or without.
struct Program {
    service: Router,
    key: Option<String>,
}

struct Told {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    fn assert_problem(&self, status: u16, code: &str, what: &str) {
        assert_eq!((self.status.as_u16(), self.json()["code"].as_str()), (status, Some(code)), "{what}: {}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{what}");
        let kind = format!("http://localhost:3000/api/v1/docs#{code}");
        assert_eq!(self.json()["type"], kind.as_str(), "{what}");
        assert_eq!(self.json()["request_id"].as_str(), self.headers["x-request-id"].to_str().ok(), "{what}");
        assert!(self.headers.get(header::SET_COOKIE).is_none(), "{what}");
    }
}

impl Program {
    fn stranger(t: &TestPortal) -> Self {
        Self { service: router(parts(t.portal())), key: None }
    }

    /// A program with a key of somebody's.
    async fn of(t: &TestPortal, person: &Person, organization: &Organization, scopes: &[&str]) -> Self {
        let form = KeyForm {
            name: format!("Key of {}", person.name),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expiry: "30".to_owned(),
            ..KeyForm::default()
        };
        let issued = api_keys::create(&t.enter(person, organization).await, &form).await.expect("a key");
        Self { key: Some(issued.secret.expose().to_owned()), ..Self::stranger(t) }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(body.into()).expect("a request");
        let Ok(response) = self.service.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole answer");
        Told { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, &[], Body::empty()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask("POST", path, &[("content-type", "application/json")], body.to_string()).await
    }

    async fn check(&self, subject: &str, permission: &str) -> Value {
        self.post("/api/v1/check", &json!({ "subject": subject, "permission": permission })).await.json()
    }
}

/// Every address that is for programs, by method.
fn addresses() -> impl Iterator<Item = (&'static str, String)> {
    let fill = |path: &str| path.replace("{index}", "0").replace("{member}", NOBODY).replace("{reservation}", NOBODY);
    let known = TABLE.iter().filter(|route| route.audience == Audience::Keys);
    known.flat_map(move |route| route.methods.iter().map(move |method| (*method, fill(route.path))))
}

#[tokio::test]
async fn without_a_key_that_opens_something_every_address_is_closed() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let cookie = crate::support::Browser::of(&t, &ada).await;
        let good = Program::of(&t, &ada, &acme, &["members.view"]).await;
        let key = good.key.clone().expect("a key");
        for (method, path) in addresses() {
            let what = format!("{method} {path}");
            let stranger = Program::stranger(&t).ask(method, &path, &[], Body::empty()).await;
            stranger.assert_problem(401, "key_refused", &what);
            assert!(stranger.headers.contains_key(header::WWW_AUTHENTICATE), "{what}");
            for wrong in ["x", "ptc_", &key[1..], &format!("{key}0"), &"ptc_0".repeat(100), "' OR 1=1"] {
                let with = Program { key: Some(wrong.to_owned()), ..Program::stranger(&t) };
                with.ask(method, &path, &[], Body::empty()).await.assert_problem(401, "key_refused", &what);
            }
            let basic = [("authorization", format!("Basic {key}"))];
            let basic = [(basic[0].0, basic[0].1.as_str())];
            let told = Program::stranger(&t).ask(method, &path, &basic, Body::empty()).await;
            told.assert_problem(401, "key_refused", &what);
            let query = format!("{path}?key={key}&access_token={key}");
            Program::stranger(&t).ask(method, &query, &[], Body::empty()).await.assert_problem(
                401,
                "key_refused",
                &what,
            );
        }
        // Nor does a session: what people may do by it, they do on pages.
        assert_eq!(cookie.get("/api/v1/members").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(good.get("/api/v1/members").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_told_so_and_that_is_on_record() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["members.view"]).await;
        let bodies = [
            ("/api/v1/check", json!({ "subject": "ada@acme.example", "permission": "members.view" })),
            ("/api/v1/audit/events", json!({ "events": [{ "id": "1", "name": "a.b" }] })),
            ("/api/v1/invitations", json!({ "email": "new@acme.example", "role": "member" })),
        ];
        for (path, body) in &bodies {
            program.post(path, body).await.assert_problem(403, "missing_scope", path);
        }
        for path in ["/api/v1/audit/events", "/api/v1/audit/events/0", "/api/v1/invitations", "/api/v1/policy"] {
            program.get(path).await.assert_problem(403, "missing_scope", path);
        }
        let denied = format!("SELECT count(*) FROM {}.audit_entries WHERE outcome = 'denied'", acme.schema());
        assert!(t.number(&denied).await >= 5);
    })
    .await;
}

#[tokio::test]
async fn checks_follow_every_change_at_once_and_know_no_other_organization() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, mia, gus } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["access.check"]).await;
        assert_eq!(program.check(&mia.email, "members.view").await["allowed"], true);
        let may = program.check(&ben.account.to_string(), "members.invite").await;
        assert_eq!((&may["allowed"], &may["reasons"][0]), (&json!(true), &json!("held")));
        assert_eq!(may["decided_by"][0]["id"], "admin");
        assert_eq!(program.check(&mia.email, "members.invite").await["reasons"], json!(["not_held"]));
        for foreign in [gus.email.as_str(), &gus.account.to_string(), NOBODY, "nobody", "a\u{0}b@x.example"] {
            let answer = program.check(foreign, "members.view").await;
            assert_eq!(
                answer,
                json!({ "allowed": false, "reasons": ["unknown_subject"], "decided_by": [] }),
                "{foreign}"
            );
        }
        members::suspend(&t.enter(&ada, &acme).await, ben.account).await.expect("a suspension");
        assert_eq!(program.check(&ben.email, "members.invite").await["reasons"], json!(["suspended"]));
        members::resume(&t.enter(&ada, &acme).await, ben.account).await.expect("a return");
        assert_eq!(program.check(&ben.email, "members.invite").await["allowed"], true);
        let other = Program::of(&t, &gus, &globex, &["access.check"]).await;
        assert_eq!(other.check(&ben.email, "members.view").await["reasons"], json!(["unknown_subject"]));
    })
    .await;
}

#[tokio::test]
async fn a_hundred_questions_are_answered_in_their_order_and_one_more_is_too_many() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["access.check"]).await;
        let check = |place: usize| {
            let subject = if place.is_multiple_of(2) { ada.email.clone() } else { mia.email.clone() };
            json!({ "subject": subject, "permission": "members.manage", "resource": { "kind": "x", "id": place.to_string() } })
        };
        let batch = |count: usize| json!({ "checks": (0..count).map(check).collect::<Vec<_>>() });
        let answers = program.post("/api/v1/check/batch", &batch(100)).await.json();
        let answers = answers["answers"].as_array().expect("answers");
        assert_eq!(answers.len(), 100);
        for (place, answer) in answers.iter().enumerate() {
            assert_eq!(answer["allowed"], place.is_multiple_of(2), "{place}");
        }
        for count in [0, 101] {
            program.post("/api/v1/check/batch", &batch(count)).await.assert_problem(422, "invalid", "batch");
        }
        let mut wrong = batch(3);
        wrong["checks"][1]["permission"] = "members.paint".into();
        let told = program.post("/api/v1/check/batch", &wrong).await;
        told.assert_problem(422, "invalid", "an unknown permission");
        assert_eq!(told.json()["errors"][0]["pointer"], "/checks/1/permission");
        // Many at once share what is read, and each gets its own answer.
        let many = futures::future::join_all((0..200).map(|_| program.check(&mia.email, "members.view"))).await;
        assert!(many.iter().all(|answer| answer["allowed"] == true));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_in_an_address_is_named_as_a_parameter() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let scopes = ["audit.view", "members.invite", "members.view", "usage.view"];
        let program = Program::of(&t, &ada, &acme, &scopes).await;
        for (path, parameter) in [
            ("usage?metric=memory&range=7d", "range"),
            ("usage?metric=love", "metric"),
            ("usage", "metric"),
            ("quotas?range=30d", "range"),
            ("members?q=", "q"),
            ("members?role=king", "role"),
            ("invitations?next=x", "next"),
            ("audit/events?range=7d&until=soon", "until"),
            ("audit/events?action=member.painted", "action"),
        ] {
            let told = program.get(&format!("/api/v1/{path}")).await;
            told.assert_problem(422, "invalid", path);
            let told = told.json();
            let error = &told["errors"][0];
            assert!(error["parameter"] == parameter && error["pointer"].is_null(), "{path}: {error}");
        }
        let used = program.get("/api/v1/usage?metric=memory&range=30d").await;
        assert_eq!(used.status, StatusCode::OK, "{}", used.text);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_kind() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["access.check", "members.view"]).await;
        let json = [("content-type", "application/json")];
        let path = "/api/v1/check";
        let good = r#"{"subject":"ada@acme.example","permission":"members.view"}"#;
        for body in ["", "{", "nothing", &"[".repeat(200_000), "{\"subject\":\"\u{0}\"}"] {
            program.ask("POST", path, &json, body.to_owned()).await.assert_problem(400, "malformed_json", body);
        }
        program.ask("POST", path, &json, vec![0xff, 0xfe]).await.assert_problem(400, "malformed_json", "bytes");
        for body in ["[]", "null", "7", r#"{"subject":1e400}"#, &good.replace('}', r#","more":1}"#)] {
            let told = program.ask("POST", path, &json, body.to_owned()).await;
            assert!([400, 422].contains(&told.status.as_u16()), "{body}: {}", told.text);
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let told = program.ask("POST", path, &[("content-type", kind)], good).await;
            told.assert_problem(415, "unsupported_media_type", kind);
        }
        let huge = "x".repeat(10 * 1024 * 1024);
        program.ask("POST", path, &json, huge.clone()).await.assert_problem(413, "too_large", "10 MB");
        let stranger = Program::stranger(&t).ask("POST", path, &json, huge).await;
        stranger.assert_problem(401, "key_refused", "10 MB from a stranger");
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "GET"] {
            let told = program.ask(method, path, &[], Body::empty()).await;
            told.assert_problem(405, "method_not_allowed", method);
            assert!(told.headers[header::ALLOW].to_str().expect("text").contains("POST"), "{method}");
        }
        for nowhere in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/members/x/y", "/api/v1/check/"] {
            program.get(nowhere).await.assert_problem(404, "not_found", nowhere);
            Program::stranger(&t).get(nowhere).await.assert_problem(404, "not_found", nowhere);
        }
        for query in ["?x=1", "?limit=0", "?limit=101", "?limit=-1", "?next=x", "?status=gone", "?limit=1&limit=2"] {
            program.get(&format!("/api/v1/members{query}")).await.assert_problem(422, "invalid", query);
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_read_part_by_part_and_what_is_the_same_is_not_sent_again() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let schema = acme.schema();
        t.sql(&format!(
            "INSERT INTO {schema}.members (account_id, name, email, role, source, status, joined_at)
             SELECT gen_random_uuid(), 'Same name', 'p' || n || '@acme.example', 'member', 'import', 'active', now()
             FROM generate_series(1, 60) n"
        ))
        .await;
        let program = Program::of(&t, &ada, &acme, &["members.view", "organization.view", "audit.view"]).await;
        let (mut seen, mut path) = (std::collections::BTreeSet::new(), "/api/v1/members?limit=7".to_owned());
        loop {
            let part = program.get(&path).await.json();
            for item in part["items"].as_array().expect("items") {
                assert!(seen.insert(item["id"].to_string()), "{item} is there twice");
            }
            match part["next"].as_str() {
                Some(next) => path = format!("/api/v1/members?limit=7&next={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 63);
        let member = format!("/api/v1/members/{}", ada.account);
        for path in [member.as_str(), "/api/v1/roles", "/api/v1/policy", "/api/v1/audit/events/0"] {
            let first = program.get(path).await;
            assert_eq!(first.status, StatusCode::OK, "{path}: {}", first.text);
            let tag = first.headers[header::ETAG].to_str().expect("a tag");
            let again = program.ask("GET", path, &[("if-none-match", tag)], Body::empty()).await;
            assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        }
        let yaml = program.ask("GET", "/api/v1/policy", &[("accept", "application/yaml")], Body::empty()).await;
        assert!(yaml.text.starts_with("version: 1\n"), "{}", yaml.text);
        let foreign = Program::of(&t, &gus, &globex, &["members.view", "audit.view"]).await;
        foreign.get(&member).await.assert_problem(404, "not_found", "a foreign member");
        foreign.get("/api/v1/members/x").await.assert_problem(404, "not_found", "no id");
        assert!(!foreign.get("/api/v1/members?limit=100").await.text.contains("acme.example"));
    })
    .await;
}

#[tokio::test]
async fn a_named_request_is_done_once() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["organization.view", "members.view", "members.invite"]).await;
        let invite = async |name: &str, email: &str| {
            let body = json!({ "email": email, "role": "member" }).to_string();
            let headers = [("content-type", "application/json"), ("idempotency-key", name)];
            program.ask("POST", "/api/v1/invitations", &headers, body).await
        };
        let first = invite("one", "new@acme.example").await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        let again = invite("one", "new@acme.example").await;
        assert_eq!((again.status, &again.text), (StatusCode::CREATED, &first.text));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        invite("one", "other@acme.example").await.assert_problem(409, "idempotency_conflict", "another body");
        invite("two", "new@acme.example").await.assert_problem(422, "invalid", "invited already");
        // What was refused was not done: its name is free.
        assert_eq!(invite("two", "third@acme.example").await.status, StatusCode::CREATED);
        invite("", "fourth@acme.example").await.assert_problem(422, "invalid", "no name");
        let sent =
            t.number(&format!("SELECT count(*) FROM {}.invitations WHERE state = 'pending'", acme.schema())).await;
        assert_eq!(sent, 2);
    })
    .await;
}

#[tokio::test]
async fn events_of_services_are_in_the_trail_once() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["audit.ingest", "audit.view"]).await;
        let events = |amount: &str| {
            let one = json!({ "id": "e-1", "name": "invoice.deleted", "actor": "Grace",
                "target": { "kind": "invoice", "id": "2026-0042" }, "fields": { "amount": amount } });
            json!({ "events": [one, { "id": "e-2", "name": "invoice.paid" }] })
        };
        let path = "/api/v1/audit/events";
        assert_eq!(program.post(path, &events("7")).await.json(), json!({ "recorded": 2, "duplicates": 0 }));
        assert_eq!(program.post(path, &events("7")).await.json(), json!({ "recorded": 0, "duplicates": 2 }));
        let told = program.post(path, &events("8")).await;
        told.assert_problem(422, "invalid", "another event with an id");
        assert_eq!(told.json()["errors"][0]["pointer"], "/events/0/id");
        let found = program.get("/api/v1/audit/events?action=service.event").await.json();
        let items = found["items"].as_array().expect("items");
        assert_eq!(items.len(), 2);
        let first = items.iter().find(|item| item["target"]["id"] == "2026-0042").expect("the first");
        assert_eq!((&first["actor"]["kind"], &first["outcome"]), (&json!("key"), &json!("done")));
        assert!(first["changes"].as_array().expect("changes").iter().any(|change| change["after"] == "Grace"));
        let other = Program::of(&t, &gus, &globex, &["audit.ingest", "audit.view"]).await;
        assert_eq!(other.post(path, &events("8")).await.json()["recorded"], 2, "ids are each organization's own");
        assert!(!other.get("/api/v1/audit/events").await.text.contains("acme"));
    })
    .await;
}

/// A body of which nothing ever comes.
fn endless() -> Body {
    Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::convert::Infallible>>())
}

#[tokio::test]
async fn nothing_of_a_body_is_read_that_no_key_has_sent_or_that_goes_nowhere() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let good = Program::of(&t, &ada, &acme, &["access.check"]).await;
        let wrong = Program { key: Some("ptc_0123456789".to_owned()), ..Program::stranger(&t) };
        let json = [("content-type", "application/json")];
        let at_once = async |program: &Program, path: &str| {
            let asked = program.ask("POST", path, &json, endless());
            tokio::time::timeout(std::time::Duration::from_secs(10), asked).await.expect("nobody waits for the body")
        };
        for program in [&wrong, &Program::stranger(&t)] {
            at_once(program, "/api/v1/check").await.assert_problem(401, "key_refused", "no key that opens");
        }
        for program in [&good, &wrong, &Program::stranger(&t)] {
            for nowhere in ["/api/v1", "/api/v1/nothing", "/api/v1/check/x"] {
                at_once(program, nowhere).await.assert_problem(404, "not_found", nowhere);
            }
        }
    })
    .await;
}

/// Asserts that an answer says how long to wait, and of which limits.
#[track_caller]
fn assert_limited(told: &Told, code: &str, limit: &str) {
    told.assert_problem(429, code, limit);
    let header = |name: &str| told.headers[name].to_str().expect("text").to_owned();
    let seconds: u32 = header("retry-after").parse().expect("seconds");
    assert!(seconds > 0, "{limit}");
    assert!(header("ratelimit-policy").contains(limit), "{limit} in {}", header("ratelimit-policy"));
    let name = limit.split(';').next().expect("a name");
    assert!(header("ratelimit").contains(&format!("{name};r=0;t=")), "{name} in {}", header("ratelimit"));
}

#[tokio::test]
async fn requests_bind_the_organization_by_its_quotas() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["members.view", "usage.view"]).await;
        let form = QuotaForm { limit: "3".to_owned(), revision: "0".to_owned(), ..QuotaForm::default() };
        let admin = t.enter(&ada, &acme).await;
        quotas::set(&admin, Metric::RequestsPerMinute, &form).await.expect("a limit");
        for left in [2, 1, 0] {
            let told = program.get("/api/v1/members").await;
            assert_eq!(told.status, StatusCode::OK, "{}", told.text);
            let limits = told.headers["ratelimit"].to_str().expect("text");
            assert!(limits.contains(&format!("\"requests_per_minute\";r={left};t=")), "{limits}");
            let policy = told.headers["ratelimit-policy"].to_str().expect("text");
            assert!(policy.contains("\"requests_per_day\";q=1000000;w=86400"), "{policy}");
        }
        // Another key is no way around it, and another organization notices nothing.
        let another = Program::of(&t, &ada, &acme, &["members.view"]).await;
        for refused in [&program, &another] {
            assert_limited(&refused.get("/api/v1/members").await, "over_quota", "\"requests_per_minute\";q=3;w=60");
        }
        let foreign = Program::of(&t, &gus, &globex, &["members.view"]).await;
        assert_eq!(foreign.get("/api/v1/members").await.status, StatusCode::OK);
        t.flush_requests().await;
        t.pass(time::Duration::MINUTE);
        let states = program.get("/api/v1/quotas").await.json();
        let of_day = states["items"].as_array().expect("items").iter().find(|it| it["metric"] == "requests_per_day");
        assert_eq!(of_day.expect("a quota")["used"], 3, "who was refused is not counted");
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_of_which_limit() {
    let settings = Settings { api_requests_per_minute: 2, ..TestPortal::settings(false) };
    TestPortal::run_with(settings, async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["members.view"]).await;
        for _ in 0..2 {
            assert_eq!(program.get("/api/v1/members").await.status, StatusCode::OK);
        }
        assert_limited(&program.get("/api/v1/members").await, "too_many_requests", "\"key\";q=2;w=60");
    })
    .await;
}

#[tokio::test]
async fn quotas_are_asked_for_once_by_a_name() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["quotas.use"]).await;
        let send = async |path: &str, name: &str, body: &Value| {
            let headers = [("content-type", "application/json"), ("idempotency-key", name)];
            program.ask("POST", &format!("/api/v1{path}"), &headers, body.to_string()).await
        };
        let reservations = "/quotas/reservations";
        let body = json!({ "amounts": { "memory": 5 } });
        let first = send(reservations, "r-1", &body).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        assert_eq!(send(reservations, "r-1", &body).await.text, first.text);
        let keyed = json!({ "amounts": { "memory": 5 }, "key": "r-1" });
        assert_eq!(send(reservations, "r-1", &keyed).await.text, first.text, "it is the same name");
        let told = send(reservations, "r-2", &keyed).await;
        told.assert_problem(400, "bad_request", "two names");
        assert_eq!(told.json()["errors"][0]["pointer"], "/key");
        let other = json!({ "amounts": { "memory": 6 } });
        send(reservations, "r-1", &other).await.assert_problem(409, "idempotency_conflict", "another amount");
        send(reservations, "", &body).await.assert_problem(422, "invalid", "no name");
        let settle = format!("{reservations}/{}/settle", first.json()["id"].as_str().expect("an id"));
        let settled = send(&settle, "s-1", &json!({})).await;
        assert_eq!(settled.json()["state"], "settled", "{}", settled.text);
        let again = send(&settle, "s-1", &json!({})).await;
        assert_eq!((again.status, &again.text), (StatusCode::OK, &settled.text));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        send(&settle, "s-2", &json!({})).await.assert_problem(409, "conflict", "it is settled");
        let second = send(reservations, "r-3", &body).await;
        let release = format!("{reservations}/{}/release", second.json()["id"].as_str().expect("an id"));
        let released = send(&release, "l-1", &json!({})).await;
        assert_eq!(released.json()["state"], "released", "{}", released.text);
        assert_eq!(send(&release, "l-1", &json!({})).await.text, released.text);
    })
    .await;
}

#[tokio::test]
async fn what_may_have_been_done_keeps_its_name() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["organization.view", "members.view", "members.invite"]).await;
        let schema = acme.schema();
        let invite = async || {
            let body = json!({ "email": "new@acme.example", "role": "member" }).to_string();
            let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
            program.ask("POST", "/api/v1/invitations", &headers, body).await
        };
        t.sql(&format!("ALTER TABLE {schema}.invitations RENAME TO elsewhere")).await;
        assert_eq!(invite().await.status, StatusCode::SERVICE_UNAVAILABLE);
        t.sql(&format!("ALTER TABLE {schema}.elsewhere RENAME TO invitations")).await;
        invite().await.assert_problem(409, "idempotency_in_progress", "nobody knows yet whether it was done");
        t.pass(time::Duration::minutes(2));
        assert_eq!(invite().await.status, StatusCode::CREATED, "it was not");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_knows_is_refused_beside_a_body_and_in_it() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let program = Program::of(&t, &ada, &acme, &["access.check", "quotas.use", "members.view"]).await;
        let check = json!({ "subject": "ada@acme.example", "permission": "members.view" });
        let told = program.post("/api/v1/check?dry_run=1", &check).await;
        told.assert_problem(422, "invalid", "a parameter");
        assert_eq!(told.json()["errors"][0]["parameter"], "dry_run");
        let told = program.post("/api/v1/quotas/reservations", &json!({ "amounts": { "memory": 1 }, "tll": 7 })).await;
        told.assert_problem(422, "invalid", "a field");
        assert_eq!(told.json()["errors"][0]["pointer"], "/tll");
        let release = format!("/api/v1/quotas/reservations/{NOBODY}/release");
        program.post(&release, &json!({ "amounts": {} })).await.assert_problem(422, "invalid", "a body");
        program.post(&format!("{release}?force=1"), &json!({})).await.assert_problem(422, "invalid", "a parameter");
        let large = [("content-length", "99999999")];
        let told = program.ask("GET", "/api/v1/members", &large, Body::empty()).await;
        told.assert_problem(413, "too_large", "a body of a GET");
    })
    .await;
}

#[tokio::test]
async fn where_there_is_no_room_for_more_programs_are_told_when_to_come_back() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        t.share_lane(&globex, &acme).await;
        let program = Program::of(&t, &ada, &acme, &["members.view"]).await;
        let other = Program::of(&t, &gus, &globex, &["members.view"]).await;
        let crowd = Crowd::before(&t, &acme).await;
        let told = program.get("/api/v1/members").await;
        told.assert_problem(503, "unavailable", "a crowd");
        assert_eq!(told.headers[header::RETRY_AFTER], "2");
        assert_eq!(other.get("/api/v1/members").await.status, StatusCode::OK, "in the same lane");
        crowd.go_on().await;
        assert_eq!(program.get("/api/v1/members").await.status, StatusCode::OK);
    })
    .await;
}
