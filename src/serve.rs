//! Serving until somebody says stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::background::Background;
use crate::router::{Parts, router};

/// How long what has begun may take to end: requests, and what runs in the background.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// All that serves.
pub struct Service {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// What answers requests.
    pub parts: Parts,
    /// What runs beside.
    pub background: Background,
    /// How long what has begun may take to end.
    pub patience: Duration,
}

/// Where scripts and styles are: what was set, `site` beside the program, or the build's directory.
pub fn site(set: Option<PathBuf>) -> String {
    let beside = std::env::current_exe().unwrap_or_default().with_file_name("site");
    let site = set.unwrap_or_else(|| if beside.is_dir() { beside } else { PathBuf::from("target/site") });
    site.to_string_lossy().into_owned()
}

impl Service {
    /// Serves until `stop` turns true, the database is lost, or what runs beside panics. Requests and tasks that have begun
    /// are finished if they do not take too long, and connections to the database are closed, whether it answers or not.
    ///
    /// # Errors
    /// When the address cannot be listened on; why the database is lost; what has panicked.
    pub async fn run(
        self,
        stop: &watch::Sender<bool>,
        lost: impl Future<Output = anyhow::Error>,
    ) -> anyhow::Result<()> {
        let Self { listen, parts, background, patience } = self;
        let portal = parts.portal.clone();
        let serving = async {
            let served = tokio::select! {
                served = serve(listen, parts, stop.subscribe(), patience) => served,
                lost = lost => Err(lost),
            };
            // Whatever ended it ends the rest, too.
            stop.send_replace(true);
            served
        };
        let (served, ended) = tokio::join!(serving, background.end(stop, patience));
        portal.close().await;
        served.and(ended)
    }
}

/// Listens, and serves until `stop` turns true. Requests that have begun are finished.
async fn serve(
    listen: SocketAddr,
    parts: Parts,
    mut stop: watch::Receiver<bool>,
    patience: Duration,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    // Small answers leave at once instead of waiting for an acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
    });
    let service = router(parts).into_make_service_with_connect_info::<SocketAddr>();
    let mut stopping = stop.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let overdue = async {
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        served = serving.into_future() => served.context("serving failed"),
        () = overdue => {
            tracing::warn!("some requests were not finished in time");
            Ok(())
        }
    }
}

/// Turns true when the program is asked to end, or when somebody sends it.
///
/// # Errors
/// When signals cannot be listened to.
pub fn stop_signal() -> anyhow::Result<watch::Sender<bool>> {
    let stop = watch::Sender::new(false);
    let tell = stop.clone();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        tell.send_replace(true);
    });
    Ok(stop)
}
