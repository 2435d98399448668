//! `portcullis serve`.

use std::process::ExitCode;

use clap::Args;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use portcullis::background::{Background, Needs};
use portcullis::config::{Data, Http, Trails};
use portcullis::router::{Parts, TIME_LIMIT};
use portcullis::serve::{PATIENCE, Service, site, stop_signal};
use tokio::sync::watch;

use crate::runtime::{Database, mailer};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    http: Http,
    #[command(flatten)]
    trails: Trails,
}

pub async fn run(data: Data, options: Options) -> anyhow::Result<ExitCode> {
    let stop = stop_signal()?;
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let mut database = Database::start(&data).await?;
    let served = serve_on(&mut database, &data, options, metrics, stop).await;
    database.stop().await?;
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve_on(
    database: &mut Database,
    data: &Data,
    Options { http, trails }: Options,
    metrics: PrometheusHandle,
    stop: watch::Sender<bool>,
) -> anyhow::Result<()> {
    let mut stopping = stop.subscribe();
    let portal = tokio::select! {
        portal = database.portal(data) => portal?,
        // Nobody waits for a database that does not answer once it is over.
        _ = stopping.wait_for(|stop| *stop) => return Ok(()),
    };
    let archive_dir = trails.archive_dir(data);
    let needs = Needs {
        direct_url: database.direct_url().clone(),
        mailer: mailer(data)?,
        checkpoint_dir: trails.checkpoint_dir,
        archive_dir,
        metrics: Some(metrics.clone()),
    };
    let background = Background::of(&portal, needs, &stop)?;
    tracing::info!(listen = %http.listen, base_url = data.base_url, "serving");
    let parts = Parts {
        portal,
        trusted_proxies: http.trusted_proxies,
        site: site(http.site),
        metrics: Some(metrics),
        time_limit: TIME_LIMIT,
    };
    let service = Service { listen: http.listen, parts, background, patience: PATIENCE };
    service.run(&stop, database.keep()).await
}
