//! Whoever is asked to end does so, also without a Postgres that answers.

use std::time::Duration;

use axum::http::StatusCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portcullis::background::{Background, Needs};
use portcullis::serve::Service;
use server::cluster::{Cluster, Options};
use server::testing::TestPortal;
use tokio::sync::watch;

use crate::support::{Browser, parts};

/// How long what has begun may take in these tests.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long all of it may take: connections get some seconds more, and `/readyz` before.
const WITHIN: Duration = Duration::from_secs(25);

/// A Postgres none of whose processes goes on until this is dropped.
struct Frozen(Vec<Pid>);

impl Frozen {
    fn of(options: &Options) -> Self {
        let first = postmaster(options);
        // It makes no others from here on.
        kill(first, Signal::SIGSTOP).expect("it is frozen");
        let others = children(first);
        for process in &others {
            // One may have ended just now.
            kill(*process, Signal::SIGSTOP).ok();
        }
        Self([vec![first], others].concat())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            kill(*process, Signal::SIGCONT).ok();
        }
    }
}

/// The first process of the Postgres of a cluster.
pub fn postmaster(options: &Options) -> Pid {
    let file = std::fs::read_to_string(options.data_dir.join("postgres/postmaster.pid")).expect("a Postgres that runs");
    Pid::from_raw(file.lines().next().and_then(|line| line.parse().ok()).expect("its number"))
}

fn children(of: Pid) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").expect("processes").flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw);
    processes.filter(|process| parent(*process) == Some(of)).collect()
}

fn parent(process: Pid) -> Option<Pid> {
    // `123 (postgres) S 1 …`
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok().map(Pid::from_raw)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_frozen_keeps_nothing_from_ending() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("a Postgres");
    TestPortal::run_on(cluster.url(), async |t| {
        let stop = watch::Sender::new(false);
        let needs = Needs {
            direct_url: t.database().url().clone(),
            mailer: None,
            checkpoint_dir: None,
            archive_dir: options.data_dir.join("archives"),
            metrics: None,
        };
        let service = Service {
            listen: "127.0.0.1:0".parse().expect("an address"),
            parts: parts(t.portal()),
            background: Background::of(t.portal(), needs, &stop).expect("it begins"),
            patience: PATIENCE,
        };
        let asking = async {
            let browser = Browser::fresh(parts(t.portal()));
            assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
            let frozen = Frozen::of(&options);
            // By the time that this is given up, every task waits for an answer, too.
            assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
            stop.send_replace(true);
            frozen
        };

        let serving = tokio::time::timeout(WITHIN, service.run(&stop, std::future::pending()));
        let (ended, frozen) = tokio::join!(serving, asking);

        ended.expect("it ends in time").expect("it ends well");
        drop(frozen);
    })
    .await;
    cluster.stop().await.expect("it is over");
}
