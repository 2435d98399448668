//! All layers and routes, in the order in which a request meets them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::{AppState, Assets, gate, problems};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware::Next};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use server::Portal;
use server::sessions::{ABSOLUTE_LIFETIME, SessionStore};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::layers::body::{Bodies, limit, limit_api};
use crate::layers::headers::{Transport, secure};
use crate::layers::origin::{OwnOrigin, check};
use crate::layers::peer::{Peers, identify};
use crate::layers::work::TimeLimit;
use crate::layers::{trace, work};

/// How long an answer may take; no page here takes longer.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long the database may take to answer what metrics ask of it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long browsers keep what has no hash in its name.
const SOME_DAYS: &str = "public, max-age=2592000";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The session's cookie. The prefix keeps other hosts and plain http from setting it.
const SESSION_COOKIE: &str = "__Host-session";

/// What the router is made of.
pub struct Parts {
    /// The portal.
    pub portal: Portal,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where scripts and styles are.
    pub site: String,
    /// Where the metrics come from; without, there are none.
    pub metrics: Option<PrometheusHandle>,
    /// How long an answer may take.
    pub time_limit: Duration,
}

/// The whole service.
pub fn router(parts: Parts) -> Router {
    let Parts { portal, trusted_proxies, site, metrics, time_limit } = parts;
    let base_url: Arc<str> = portal.settings().base_url.clone().into();
    let hash_file = std::env::current_exe().unwrap_or_default().with_file_name("hash.txt");
    let assets = Arc::new(Assets::new(&site, &hash_file));
    let state = AppState { portal: portal.clone(), assets };
    let sessions = SessionManagerLayer::new(SessionStore::new(&portal))
        .with_name(SESSION_COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(ABSOLUTE_LIFETIME));

    let peers = Peers { state: state.clone(), proxies: trusted_proxies.into() };
    let api = app::routes::api(&state)
        .layer(CatchPanicLayer::custom(work::panicked))
        .layer(from_fn(work::finish))
        .layer(from_fn(limit_api))
        .layer(from_fn_with_state(state.clone(), app::api::bears_key))
        .layer(CatchPanicLayer::custom(work::panicked))
        .layer(from_fn_with_state(TimeLimit(time_limit), work::in_time))
        .layer(from_fn_with_state(peers.clone(), identify))
        .layer(from_fn_with_state(state.clone(), app::api::explain))
        .with_state(state.clone());

    let pages = app::routes::router(&state)
        .fallback(|| async { problems::bare(domain::problem::Problem::NotFound) })
        .layer(from_fn_with_state(state.clone(), gate::identify))
        .layer(sessions)
        .layer(CatchPanicLayer::custom(work::panicked))
        .layer(from_fn(work::finish))
        .layer(from_fn_with_state(Bodies::new(&portal, SESSION_COOKIE), limit))
        .layer(from_fn_with_state(OwnOrigin(Arc::clone(&base_url)), check))
        .layer(from_fn_with_state(TimeLimit(time_limit), work::in_time))
        .layer(from_fn_with_state(state.clone(), problems::explain))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(peers, identify))
        .with_state(state);

    let icon = ServeFile::new(Path::new(&site).join("favicon.svg"));
    Router::new()
        .merge(operations(portal, metrics))
        .nest_service("/pkg", files(&site, "pkg", "public, max-age=31536000, immutable"))
        .nest_service("/fonts", files(&site, "fonts", SOME_DAYS))
        .merge(kept(Router::new().route_service("/favicon.svg", icon), SOME_DAYS))
        .merge(api)
        .merge(pages)
        .layer(
            ServiceBuilder::new()
                .map_request(|mut request: Request| {
                    request.headers_mut().remove(REQUEST_ID);
                    request
                })
                .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(
                    TraceLayer::new_for_http()
                        .make_span_with(trace::span)
                        .on_request(())
                        .on_body_chunk(())
                        .on_eos(())
                        .on_failure(())
                        .on_response(trace::answered),
                )
                .layer(from_fn_with_state(Transport { https: base_url.starts_with("https://") }, secure)),
        )
}

/// What watches the service, and what it watches.
fn operations(portal: Portal, metrics: Option<PrometheusHandle>) -> Router {
    let scrape = move |State(portal): State<Portal>| async move {
        let Some(metrics) = metrics else { return StatusCode::NOT_FOUND.into_response() };
        let (open, idle) = portal.connections();
        metrics::gauge!("portcullis_database_connections").set(open);
        let waiting = portal.waiting();
        metrics::gauge!("portcullis_database_waiting").set(u32::try_from(waiting).unwrap_or(u32::MAX));
        metrics::gauge!("portcullis_database_connections_idle").set(u32::try_from(idle).unwrap_or(u32::MAX));
        // Without the database this is what it was.
        if let Ok(Ok(count)) = timeout(PATIENCE, portal.count_not_upgraded()).await {
            metrics::gauge!("portcullis_organizations_not_upgraded").set(count);
        }
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
    };
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(portal)
}

async fn ready(State(portal): State<Portal>) -> Response {
    if portal.is_ready().await {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
    }
}

/// A directory of the site, with the compressed copies that the build has made.
fn files(site: &str, directory: &str, cache: &'static str) -> Router {
    let files = ServeDir::new(Path::new(site).join(directory)).precompressed_br().precompressed_gzip();
    kept(Router::new().fallback_service(files), cache)
}

/// What browsers keep, where there is something to keep.
fn kept(files: Router, cache: &'static str) -> Router {
    files.layer(from_fn(move |request: Request, next: Next| async move {
        let mut response = next.run(request).await;
        if response.status().is_success() {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        }
        response
    }))
}

/// Ids of our own making: what a client sends is not believed.
#[derive(Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let mut bytes = [0; 16];
        server::edges::Randomness::fill(&server::edges::SystemRandomness, &mut bytes);
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}
