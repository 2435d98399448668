//! The process of a running cluster: found by its pid file or started, asked to end, waited for.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::process::{Child, Command};

use super::{
    ClusterError, RunAs,
    binaries::Binaries,
    files::{self, Files},
};

/// Socket directories are `/tmp/portcullis-<random>`: the address of a socket may have 107 bytes at most.
const SOCKETS: &str = "/tmp/portcullis-";
/// How it is asked to end, and how long that may take each time: fast, which writes everything that is still in memory;
/// at once, after which the next start recovers; and by the kernel, also while it is frozen.
const ENDINGS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(90)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(5)),
];
/// As long as one may take at most that has nothing worth being written.
const THROWAWAY_ENDING: Duration = Duration::from_secs(3);
/// How often it is looked at whether it has ended.
const END_PAUSE: Duration = Duration::from_millis(50);

/// How every cluster is run: reached by its socket alone, small, and with a log that repeats no values and no statements.
const SETTINGS: [&str; 12] = [
    "listen_addresses=",
    "port=5432",
    "max_connections=120",
    "shared_buffers=64MB",
    "cluster_name=portcullis",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "password_encryption=scram-sha-256",
];
/// What a cluster gives up that nobody will miss.
const THROWAWAY: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The first process of a running Postgres.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    /// Only of one that this process has started: then it must be waited for, or it stays a zombie.
    child: Option<Child>,
    /// The directory of its socket. Of one that was found it is known as soon as that listens.
    sockets: Option<PathBuf>,
    /// Where its words begin in the log.
    log_from: u64,
}

/// What is to be found on a cluster.
#[derive(Debug)]
pub(super) enum Found {
    /// It runs.
    Running(Box<Postmaster>),
    /// It does not run.
    Ended {
        /// Where it listened, if it was killed: others look for it there.
        sockets: Option<PathBuf>,
    },
}

/// What Postgres writes into `postmaster.pid`: its process, and once it listens where its socket is.
struct PidFile {
    path: PathBuf,
    pid: Pid,
    sockets: Option<PathBuf>,
}

impl Postmaster {
    /// The Postgres that runs on the cluster. Clears away what one that was killed has left behind.
    pub(super) fn find(files: &Files) -> Result<Found, ClusterError> {
        let Some(cluster) = files.cluster()? else {
            return Ok(Found::Ended { sockets: None });
        };
        let Some(file) = PidFile::read(&cluster)? else {
            return Ok(Found::Ended { sockets: None });
        };
        if runs_on(file.pid, &cluster) {
            let running = Self { pid: file.pid, child: None, sockets: file.sockets, log_from: 0 };
            return Ok(Found::Running(Box::new(running)));
        }
        file.clear();
        Ok(Found::Ended { sockets: file.sockets.filter(|sockets| is_ours(sockets)) })
    }

    /// Starts Postgres on the cluster, with its socket in this directory, deaf to the terminal's Ctrl-C: whoever uses it
    /// drains first and stops it then.
    pub(super) fn launch(
        binaries: &Binaries,
        files: &Files,
        run_as: &RunAs,
        sockets: PathBuf,
        throwaway: bool,
    ) -> Result<Self, ClusterError> {
        let postgres = binaries.postgres();
        let cluster = files.cluster()?.ok_or_else(|| files.refused(0))?;
        remove_sockets(&sockets);
        files::private_dir(&sockets, run_as)?;
        let (log, log_from) = files.open_log()?;
        let errors = log.try_clone().map_err(ClusterError::file("open", &files.log()))?;

        let mut command = Command::new(&postgres);
        run_as.apply(&mut command).arg("-D").arg(&cluster).arg("-k").arg(&sockets);
        for setting in SETTINGS.iter().chain(throwaway.then_some(&THROWAWAY).into_iter().flatten()) {
            command.args(["-c", setting]);
        }
        let child = command
            .current_dir(&cluster)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(ClusterError::file("run", &postgres))?;
        // A child that has not been waited for has an id, and no id is beyond what the kernel gives out.
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| files.refused(log_from))?;
        Ok(Self { pid: Pid::from_raw(pid), child: Some(child), sockets: Some(sockets), log_from })
    }

    /// The directory of the socket, as far as it is known.
    pub(super) fn sockets(&self) -> Option<PathBuf> {
        self.sockets.clone()
    }

    /// Whether this process has started it.
    pub(super) fn is_child(&self) -> bool {
        self.child.is_some()
    }

    /// The directory of the socket, once Postgres listens.
    pub(super) fn listens_in(&mut self, files: &Files) -> Result<Option<PathBuf>, ClusterError> {
        let Some(cluster) = files.cluster()? else {
            return Ok(None);
        };
        let Some(file) = PidFile::read(&cluster)?.filter(|file| file.pid == self.pid) else {
            return Ok(None);
        };
        if file.sockets.is_some() {
            self.sockets.clone_from(&file.sockets);
        }
        Ok(file.sockets)
    }

    /// What it has written into the log.
    pub(super) fn words(&self, files: &Files) -> String {
        files.log_tail(self.log_from)
    }

    /// The error for one that ended instead of starting.
    pub(super) fn refused(&self, files: &Files) -> ClusterError {
        files.refused(self.log_from)
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&mut self, files: &Files) -> bool {
        match (&mut self.child, files.cluster()) {
            (Some(child), _) => !matches!(child.try_wait(), Ok(None)),
            (None, Ok(Some(cluster))) => !runs_on(self.pid, &cluster),
            (None, _) => true,
        }
    }

    /// Asks for a fast shutdown, in which sessions end and everything is written, and takes the socket away.
    pub(super) fn interrupt(&mut self, files: &Files) {
        self.signal(files, Signal::SIGINT);
        self.remove_sockets();
    }

    fn signal(&mut self, files: &Files, signal: Signal) {
        if !self.has_ended(files) && kill(self.pid, signal).is_err() {
            tracing::warn!(pid = %self.pid, %signal, "Postgres could not be asked to end");
        }
    }

    /// Asks for a fast shutdown and waits for it, and is less and less patient with one that does not end.
    pub(super) async fn stop(&mut self, files: &Files) -> Result<(), ClusterError> {
        self.remove_sockets();
        for (signal, patience) in ENDINGS {
            self.signal(files, signal);
            let patience = if files.is_throwaway() { patience.min(THROWAWAY_ENDING) } else { patience };
            if tokio::time::timeout(patience, self.end(files)).await.is_ok() {
                tracing::info!("private Postgres has ended");
                return Ok(());
            }
            tracing::warn!(pid = %self.pid, %signal, "private Postgres has not ended in time");
        }
        Err(ClusterError::StillRunning { pid: self.pid.as_raw(), log: files.log() })
    }

    /// Waits for the end.
    async fn end(&mut self, files: &Files) {
        while !self.has_ended(files) {
            tokio::time::sleep(END_PAUSE).await;
        }
    }

    /// Removes the directory of the socket.
    pub(super) fn remove_sockets(&mut self) {
        if let Some(sockets) = self.sockets.take() {
            remove_sockets(&sockets);
        }
    }
}

impl PidFile {
    fn read(cluster: &Path) -> Result<Option<Self>, ClusterError> {
        let path = cluster.join("postmaster.pid");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ClusterError::file("read", &path)(error)),
        };
        let mut lines = text.lines();
        let Some(pid) = lines.next().and_then(|line| line.trim().parse().ok()) else {
            return Ok(None);
        };
        // Line 5 is the socket's directory.
        let sockets = lines.nth(3).map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from);
        Ok(Some(Self { path, pid: Pid::from_raw(pid), sockets }))
    }

    /// Clears away what a killed Postgres has left. It would notice a process that is gone by itself, but not one whose
    /// number another process has got since, as every restart of a container brings about.
    fn clear(&self) {
        tracing::warn!("the private Postgres was killed; it recovers now");
        if let Some(sockets) = &self.sockets {
            remove_sockets(sockets);
        }
        if !matches!(kill(self.pid, None), Err(Errno::ESRCH)) {
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Whether the process exists and is a Postgres on this cluster.
fn runs_on(pid: Pid, cluster: &Path) -> bool {
    // Signal 0 asks whether a signal would be taken. Somebody else's process (EPERM) is not our Postgres.
    if kill(pid, None).is_err() {
        return false;
    }
    let process = PathBuf::from(format!("/proc/{pid}"));
    // `123 (postgres) S …`; a zombie (Z) has ended, it only waits for a parent to notice. Other systems have no such file.
    if let Ok(status) = fs::read_to_string(process.join("stat"))
        && (!status.contains("(postgres)") || status.contains("(postgres) Z"))
    {
        return false;
    }
    // Not every root may read another user's working directory (containers); then the name has to do.
    fs::read_link(process.join("cwd")).map_or(true, |directory| directory == cluster)
}

/// A directory for the socket of a Postgres that is started for the first time.
pub(super) fn new_sockets() -> PathBuf {
    PathBuf::from(format!("{SOCKETS}{}", files::random_hex::<8>()))
}

fn is_ours(directory: &Path) -> bool {
    directory.to_string_lossy().starts_with(SOCKETS)
}

fn remove_sockets(directory: &Path) {
    if is_ours(directory) {
        fs::remove_dir_all(directory).ok();
    }
}
