//! `portcullis serve`.

use std::process::ExitCode;

use clap::Args;
use metrics_exporter_prometheus::PrometheusBuilder;
use portcullis::config::{Data, Http, Trails};
use portcullis::router::{Parts, TIME_LIMIT};
use portcullis::serve::{serve, site, stop_signal};
use server::audit::Keeper;
use server::housekeeping::Housekeeping;
use server::outbox::Worker;

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
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    stop: tokio::sync::watch::Sender<bool>,
) -> anyhow::Result<()> {
    if database.is_private() {
        database.migrate(data, |_| {}).await?;
    }
    let portal = database.portal(data).await?;
    let upkeep = tokio::spawn(keep_metrics_small(metrics.clone()));
    let housekeeping = tokio::spawn(Housekeeping::new(&portal).run(stop.subscribe()));
    let archives = trails.archive_dir(data);
    let keeper = Keeper::new(&portal, trails.checkpoint_dir).archiving(archives);
    let keeper = tokio::spawn(keeper.run(stop.subscribe()));
    let jobs = tokio::spawn(server::jobs::Worker::new(&portal).run(stop.subscribe()));
    let quotas = tokio::spawn(server::quotas::Worker::new(&portal).run(stop.subscribe()));
    let detections = tokio::spawn(server::detections::Worker::new(&portal).run(stop.subscribe()));
    let webhooks = server::webhooks::Worker::new(&portal)?;
    let webhooks = tokio::spawn(webhooks.run(stop.subscribe()));
    let listener = server::detections::Listener::new(&portal, database.direct_url());
    let listener = tokio::spawn(listener.run(stop.subscribe()));
    let worker = mailer(data)?.map(|mailer| tokio::spawn(Worker::new(&portal, mailer).run(stop.subscribe())));
    if worker.is_none() {
        tracing::info!("no mail server is set: mail stays in the outbox (`portcullis mail list`)");
    }
    tracing::info!(listen = %http.listen, base_url = data.base_url, "serving");
    let parts = Parts {
        portal: portal.clone(),
        trusted_proxies: http.trusted_proxies,
        site: site(http.site),
        metrics: Some(metrics),
        time_limit: TIME_LIMIT,
    };
    let served = tokio::select! {
        served = serve(http.listen, parts, stop.subscribe()) => served,
        lost = database.keep() => Err(lost),
    };
    // Whatever ended it ends the rest, too.
    stop.send_replace(true);
    if let Some(worker) = worker {
        worker.await?;
    }
    jobs.await?;
    quotas.await?;
    webhooks.await?;
    keeper.await?;
    listener.await?;
    detections.await?;
    housekeeping.await?;
    upkeep.abort();
    portal.close().await;
    served
}

/// Sums up what the histograms have collected: nobody may come to scrape them.
async fn keep_metrics_small(metrics: metrics_exporter_prometheus::PrometheusHandle) {
    let mut interval = tokio::time::interval(std::time::Duration::from_secs(5));
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}
