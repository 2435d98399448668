//! Postgres goes away and comes back while the portal serves.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use axum::http::{StatusCode, header};
use server::cluster::{Cluster, Options};
use server::testing::{TestPortal, World};

use crate::support::{Answer, Browser};

/// The Postgres of a cluster, handled as its operator would, by `pg_ctl`.
struct Postgres {
    directory: PathBuf,
    control: PathBuf,
}

impl Postgres {
    fn of(options: &Options) -> Self {
        let directory = options.data_dir.join("postgres").canonicalize().expect("a cluster");
        // `/usr/lib/postgresql/17/bin/postgres "-D" …`
        let command = std::fs::read_to_string(directory.join("postmaster.opts")).expect("how it was started");
        let program = Path::new(command.split_whitespace().next().expect("a program"));
        Self { control: program.with_file_name("pg_ctl"), directory }
    }

    /// Postgres does not run as root.
    fn control(&self, arguments: &[&str]) -> bool {
        let owner = std::fs::metadata(&self.directory).expect("its directory");
        Command::new(&self.control)
            .arg("-D")
            .arg(&self.directory)
            .args(arguments)
            .current_dir(&self.directory)
            .uid(owner.uid())
            .gid(owner.gid())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("pg_ctl is beside postgres")
            .success()
    }

    fn stop(&self) {
        assert!(self.control(&["stop", "-w", "-m", "fast"]), "Postgres stops");
    }

    /// Starts it as it was started before, on the same socket. (`restart` of one that does not run.)
    fn start(&self) {
        assert!(self.control(&["restart", "-w", "-l", "/dev/null"]), "Postgres starts");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.control(&["stop", "-w", "-m", "immediate"]);
    }
}

/// More than there are connections, each of which may be one from before.
const TRIES: usize = 48;

/// Asks until the page is there, which takes no longer than it takes to use every old connection up.
async fn until_it_is_there(browser: &Browser, path: &str) {
    for _ in 0..TRIES {
        let answer = browser.get(path).await;
        if answer.status == StatusCode::OK {
            return;
        }
        assert_unavailable(&answer, path);
    }
    panic!("{path} does not come back");
}

fn assert_unavailable(answer: &Answer, path: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    assert!(answer.text.contains("cannot reach its database"), "{path}");
    assert!(answer.headers.contains_key(header::RETRY_AFTER), "{path}");
    let id = answer.headers["x-request-id"].to_str().expect("a request id");
    assert!(answer.text.contains(id), "{path} shows the request id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_down_pages_say_so_and_afterwards_all_is_well() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("it starts");
    let postgres = Postgres::of(&options);
    TestPortal::run_on(cluster.url(), async |t| {
        let World { ada, gus, .. } = t.world().await;
        let browsers = [(Browser::of(&t, &ada).await, "/o/acme"), (Browser::of(&t, &gus).await, "/o/globex")];
        for (browser, path) in &browsers {
            assert_eq!(browser.get(path).await.status, StatusCode::OK);
        }
        for _ in 0..2 {
            postgres.stop();
            for (browser, path) in &browsers {
                for _ in 0..3 {
                    assert_unavailable(&browser.get(path).await, path);
                }
                assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
                assert_eq!(browser.get("/healthz").await.status, StatusCode::OK, "the process lives");
            }
            postgres.start();
            for (browser, path) in &browsers {
                until_it_is_there(browser, path).await;
                for _ in 0..TRIES {
                    assert_eq!(browser.get(path).await.status, StatusCode::OK, "and it stays");
                }
                assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
            }
        }
    })
    .await;
    drop(postgres);
    cluster.stop().await.expect("it is over");
}
