//! What the program does beside answering requests: tasks that begin together, and end together when they are told to.

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use anyhow::anyhow;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use server::audit::Keeper;
use server::housekeeping::Housekeeping;
use server::mail::Mailer;
use server::{Error, Portal, detections, jobs, outbox, quotas, webhooks};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

/// How often what the histograms have collected is summed up.
const SUMMED_UP: Duration = Duration::from_secs(5);

/// What the tasks need beside the portal.
pub struct Needs {
    /// Where Postgres is heard without a pooler in between.
    pub direct_url: SecretString,
    /// What sends mail; without, it stays in the outbox.
    pub mailer: Option<Mailer>,
    /// Where checkpoints of the audit trails are written, if they are.
    pub checkpoint_dir: Option<PathBuf>,
    /// Where archives of the audit trails are written.
    pub archive_dir: PathBuf,
    /// What collects metrics, if something does.
    pub metrics: Option<PrometheusHandle>,
}

/// Tasks that run until they are told to stop, each with a name for the log.
#[derive(Default)]
pub struct Background {
    tasks: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Background {
    /// All tasks of a portal that is served. They end soon after `stop` turns true.
    ///
    /// # Errors
    /// There is no TLS.
    pub fn of(portal: &Portal, needs: Needs, stop: &watch::Sender<bool>) -> Result<Self, Error> {
        let Needs { direct_url, mailer, checkpoint_dir, archive_dir, metrics } = needs;
        let webhooks = webhooks::Worker::new(portal)?;
        let keeper = Keeper::new(portal, checkpoint_dir).archiving(archive_dir);
        let listener = detections::Listener::new(portal, &direct_url);
        let mut tasks = Self::default();
        tasks.spawn("housekeeping", Housekeeping::new(portal).run(stop.subscribe()));
        tasks.spawn("audit trails", keeper.run(stop.subscribe()));
        tasks.spawn("jobs", jobs::Worker::new(portal).run(stop.subscribe()));
        tasks.spawn("quotas", quotas::Worker::new(portal).run(stop.subscribe()));
        tasks.spawn("detections", detections::Worker::new(portal).run(stop.subscribe()));
        tasks.spawn("webhooks", webhooks.run(stop.subscribe()));
        tasks.spawn("listener", listener.run(stop.subscribe()));
        if let Some(mailer) = mailer {
            tasks.spawn("mail", outbox::Worker::new(portal, mailer).run(stop.subscribe()));
        } else {
            tracing::info!("no mail server is set: mail stays in the outbox (`portcullis mail list`)");
        }
        if let Some(metrics) = metrics {
            tasks.spawn("metrics", keep_metrics_small(metrics, stop.subscribe()));
        }
        Ok(tasks)
    }

    /// Begins one more task.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until all tasks have ended. Those that have not when `stop` has been true for so long are given up. The log
    /// names them, and any that panics as soon as it does. Then `stop` turns true, so that whoever supervises the program
    /// starts it anew.
    ///
    /// # Errors
    /// One has ended by a panic.
    pub async fn end(mut self, stop: &watch::Sender<bool>, patience: Duration) -> anyhow::Result<()> {
        let mut stopping = stop.subscribe();
        let mut overdue = pin!(async move {
            let _ = stopping.wait_for(|stop| *stop).await;
            tokio::time::sleep(patience).await;
        });
        let mut outcome = Ok(());
        loop {
            tokio::select! {
                ended = self.tasks.join_next_with_id() => {
                    let Some(ended) = ended else { return outcome };
                    if let Some(task) = self.note(&ended) {
                        outcome = Err(anyhow!("what runs in the background has ended by a panic: {task}"));
                        stop.send_replace(true);
                    }
                }
                () = &mut overdue => break,
            }
        }
        for task in self.names.values() {
            tracing::warn!(task, "what runs in the background did not end in time");
        }
        outcome
    }

    /// Which task has ended by a panic, if it has.
    fn note(&mut self, ended: &Result<(Id, ()), JoinError>) -> Option<&'static str> {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id);
        let task = self.names.remove(&id).unwrap_or_default();
        let error = ended.as_ref().err()?;
        tracing::error!(%error, task, "what runs in the background has ended by a panic");
        Some(task)
    }
}

/// Sums up what the histograms have collected: nobody may come to scrape them.
async fn keep_metrics_small(metrics: PrometheusHandle, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        metrics.run_upkeep();
        tokio::select! {
            () = tokio::time::sleep(SUMMED_UP) => {}
            _ = stop.changed() => {}
        }
    }
}
