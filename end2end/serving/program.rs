//! The program itself, as its operator starts it.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use server::cluster::{Cluster, Options};
use tokio::process::Command;

#[tokio::test]
async fn an_address_that_is_taken_ends_the_program_with_an_error() {
    let options = Options::throwaway();
    let cluster = Cluster::start(&options).await.expect("a Postgres");
    let taken = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = taken.local_addr().expect("its name").to_string();
    let portcullis = |command| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        program
            .arg(command)
            .env("DATABASE_URL", cluster.url().expose_secret())
            .env_remove("PORTCULLIS_DIRECT_DATABASE_URL")
            .env("PORTCULLIS_DATA_DIR", options.data_dir.join("of-the-program"))
            .env("PORTCULLIS_LISTEN", &address)
            .env("PORTCULLIS_SMTP_URL", "smtp://127.0.0.1:1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        program
    };
    assert!(portcullis("migrate").status().await.expect("it runs").success());

    let served = tokio::time::timeout(Duration::from_mins(1), portcullis("serve").output()).await;

    let served = served.expect("it ends by itself").expect("it runs");
    let said = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(!served.status.success() && said.contains(&format!("cannot listen on {address}")), "{said}");
    std::fs::remove_dir_all(options.data_dir.join("of-the-program")).expect("its directory");
    cluster.stop().await.expect("Postgres stops");
}
