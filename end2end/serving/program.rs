//! The program itself, as its operator starts it.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::ExposeSecret as _;
use server::cluster::{Cluster, Options};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::stopping::postmaster;

/// The longest that the program may take for anything here.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program with a Postgres that is not its own.
struct Program {
    options: Options,
    cluster: Cluster,
    listen: SocketAddr,
}

impl Program {
    /// With tables, to listen on this address.
    async fn prepare(listen: SocketAddr) -> Self {
        let options = Options::throwaway();
        let cluster = Cluster::start(&options).await.expect("a Postgres");
        let program = Self { options, cluster, listen };
        assert!(program.command("migrate").status().await.expect("it runs").success());
        program
    }

    fn command(&self, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        program
            .arg(command)
            .env("DATABASE_URL", self.cluster.url().expose_secret())
            .env_remove("PORTCULLIS_DIRECT_DATABASE_URL")
            .env("PORTCULLIS_DATA_DIR", self.options.data_dir.join("of-the-program"))
            .env("PORTCULLIS_LISTEN", self.listen.to_string())
            .env("PORTCULLIS_SMTP_URL", "smtp://127.0.0.1:1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        program
    }

    async fn remove(self) {
        std::fs::remove_dir_all(self.options.data_dir.join("of-the-program")).expect("its directory");
        self.cluster.stop().await.expect("Postgres stops");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_ends_the_program_with_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = taken.local_addr().expect("its name");
    let program = Program::prepare(address).await;

    let served = tokio::time::timeout(PATIENCE, program.command("serve").output()).await;

    let served = served.expect("it ends by itself").expect("it runs");
    let said = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(!served.status.success() && said.contains(&format!("cannot listen on {address}")), "{said}");
    program.remove().await;
}

#[tokio::test]
async fn a_postgres_that_was_killed_does_not_keep_the_program_from_ending() {
    let free = TcpListener::bind("127.0.0.1:0").expect("an address").local_addr().expect("its name");
    let program = Program::prepare(free).await;
    let mut served = program.command("serve").stderr(Stdio::null()).spawn().expect("it runs");
    let listens = async {
        while TcpStream::connect(free).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, listens).await.expect("it listens");

    kill(postmaster(&program.options), Signal::SIGKILL).expect("Postgres is killed");
    let id = served.id().and_then(|id| i32::try_from(id).ok()).expect("it runs still");
    kill(Pid::from_raw(id), Signal::SIGTERM).expect("it is asked to end");

    let ended = tokio::time::timeout(PATIENCE, served.wait()).await;
    assert!(ended.expect("it ends in time").expect("it ran").success());
    program.remove().await;
}
