//! The private cluster, with real Postgres programs.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::ExposeSecret;
use server::cluster::{Cluster, ClusterError, Options};
use sqlx::{Connection, PgConnection};

async fn ask(cluster: &Cluster, question: &'static str) -> String {
    let mut connection = PgConnection::connect(cluster.url().expose_secret()).await.expect("a connection");
    let answer = sqlx::query_scalar(question).fetch_one(&mut connection).await.expect("an answer");
    connection.close().await.expect("a clean end");
    answer
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_throwaway_cluster_answers_and_leaves_nothing_behind() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("it starts");

    assert!(!cluster.joined());
    assert_eq!(ask(&cluster, "SELECT current_database()::text").await, "portcullis");
    assert_eq!(ask(&cluster, "SHOW listen_addresses").await, "");
    assert_eq!(ask(&cluster, "SHOW server_encoding").await, "UTF8");
    assert_eq!(ask(&cluster, "SHOW data_checksums").await, "on");
    assert_eq!(ask(&cluster, "SHOW fsync").await, "off");
    assert_eq!(mode(&options.data_dir.join("postgres-password")), 0o600);
    let sockets = ask(&cluster, "SHOW unix_socket_directories").await;
    assert_eq!(mode(Path::new(&sockets)), 0o700);

    cluster.stop().await.expect("it stops");
    assert!(!options.data_dir.exists());
    assert!(!Path::new(&sockets).exists());
}

#[tokio::test]
async fn whoever_comes_at_the_same_time_shares_one_cluster_and_the_last_one_stops_it() {
    let options = Options::throwaway();
    let (one, other) = tokio::join!(Cluster::start(&options), Cluster::start(&options));
    let (one, other) = (one.expect("it starts"), other.expect("it joins"));

    assert!(one.joined() ^ other.joined());
    one.stop().await.expect("it leaves");
    assert_eq!(ask(&other, "SELECT 'still there'").await, "still there");

    other.stop().await.expect("it stops");
    assert!(!options.data_dir.exists());
}

#[tokio::test]
async fn a_password_is_needed_on_the_socket_too() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("it starts");
    let password = fs::read_to_string(options.data_dir.join("postgres-password")).expect("a password");

    let url = cluster.url().expose_secret().replace(password.trim(), "guess");
    let refused = PgConnection::connect(&url).await.expect_err("a wrong password");
    let code = refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    assert_eq!(code.as_deref(), Some("28P01"));

    cluster.stop().await.expect("it stops");
}

#[tokio::test]
async fn throwaway_data_is_not_taken_for_lasting() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("it starts");

    let lasting = Options { throwaway: false, ..options };
    let refused = Cluster::start(&lasting).await.expect_err("another kind");
    assert!(matches!(refused, ClusterError::OtherKind { throwaway: true, .. }), "{refused}");

    cluster.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_cluster_that_was_killed_is_started_again_where_it_was() {
    let options = Options::throwaway();
    let mut cluster = Cluster::start(&options).await.expect("it starts");
    let url = cluster.url().expose_secret().to_owned();
    let data = PathBuf::from(ask(&cluster, "SHOW data_directory").await);
    let pid = pid(&data).expect("a pid");

    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is killed");
    let recovered = async {
        while !answers_with_another_pid(&url, &data, pid).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        error = cluster.keep() => panic!("it was given up: {error}"),
        found = tokio::time::timeout(Duration::from_mins(1), recovered) => found.expect("it answers again"),
    }

    assert_eq!(cluster.url().expose_secret(), url);
    cluster.stop().await.expect("it stops");
    assert!(!options.data_dir.exists());
}

#[tokio::test]
async fn a_cluster_that_is_frozen_is_killed_by_whoever_stops_it() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("it starts");
    let data = PathBuf::from(ask(&cluster, "SHOW data_directory").await);
    let pid = Pid::from_raw(pid(&data).expect("a pid"));
    kill(pid, Signal::SIGSTOP).expect("it is frozen");

    let stopped = tokio::time::timeout(Duration::from_secs(30), cluster.stop()).await;

    stopped.expect("it does not take for ever").expect("it stops");
    assert_eq!(kill(pid, None), Err(Errno::ESRCH), "it is gone");
}

async fn answers_with_another_pid(url: &str, data: &Path, before: i32) -> bool {
    pid(data).is_some_and(|now| now != before) && PgConnection::connect(url).await.is_ok()
}

/// The first process of the Postgres on a data directory.
fn pid(data: &Path) -> Option<i32> {
    let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    file.lines().next()?.parse().ok()
}
