//! The private Postgres cluster that serves when no `DATABASE_URL` is given.
//!
//! Everything hangs on one data directory:
//!
//! ```text
//! data/postgres            the cluster, or a symlink to it when Postgres' own user cannot reach the directory
//! data/postgres-password   the superuser's password, mode 0600
//! data/postgres.log        what Postgres says, without values that people typed
//! data/postgres.lock       held while somebody starts or stops the cluster
//! data/postgres.users      held, shared, by every process that uses the cluster
//! ```
//!
//! The last process to leave stops Postgres. So a second `portcullis` on the same directory joins what is running,
//! never pulls it away from under the first, and a cluster whose owner was killed is neither lost nor left over: the
//! next start joins it and its end stops it. Both locks are the kernel's (flock) and die with their process.
//!
//! Postgres listens on a Unix socket alone, in a directory below `/tmp` that is made anew at each start with a random
//! name and mode 0700, and asks for the password there too. One that was killed is started again in the same place.

mod binaries;
mod error;
mod files;
mod locks;
mod postmaster;
mod ready;
mod run_as;

use std::{fs::File, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

pub use self::error::ClusterError;
use self::{
    binaries::Binaries,
    files::Files,
    postmaster::{Found, Postmaster},
    run_as::RunAs,
};

/// Tries of a start: one that finds Postgres just leaving begins again.
const ATTEMPTS: u32 = 20;
/// How often [`Cluster::keep`] looks whether Postgres is there.
const WATCH: Duration = Duration::from_millis(250);

/// Where a cluster lives and how much its data is worth.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that holds the cluster; made when it is missing.
    pub data_dir: PathBuf,
    /// For tests: quick instead of safe from a power cut, and removed by the last [`Cluster::stop`].
    pub throwaway: bool,
}

impl Options {
    /// A throwaway cluster in a directory of its own below the system's directory for temporary files.
    #[must_use]
    pub fn throwaway() -> Self {
        let name = format!("portcullis-throwaway-{}", files::random_hex::<8>());
        Self { data_dir: std::env::temp_dir().join(name), throwaway: true }
    }
}

/// A running private cluster. [`stop`](Self::stop) it at the end; merely dropped, it is asked to leave but not waited for.
#[derive(Debug)]
pub struct Cluster {
    url: SecretString,
    joined: bool,
    files: Files,
    /// Says to other processes that this one uses the cluster.
    users: Option<File>,
    /// Keeps other processes from starting or stopping it; held until it answers.
    starting: Option<File>,
    postmaster: Option<Postmaster>,
    /// The directory of its socket, which stays the same when Postgres has to be started again.
    sockets: Option<PathBuf>,
}

impl Cluster {
    /// Joins the cluster that runs on the data directory, or makes and starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// A [`ClusterError`] that says what is missing and what helps: no programs, a directory that cannot be used, a
    /// cluster of another version, or what Postgres itself wrote when it refused to start.
    pub async fn start(options: &Options) -> Result<Self, ClusterError> {
        let files = Files::prepare(options)?;
        let starting = Some(locks::exclusive(&files.lock()).await?);
        let users = Some(locks::shared(&files.users())?);
        files.check_kind(options.throwaway)?;
        let (url, joined) = (String::new().into(), false);
        let mut cluster = Self { url, joined, files, users, starting, postmaster: None, sockets: None };
        cluster.run(options.throwaway).await?;
        Ok(cluster)
    }

    /// Starts Postgres again, where it was, whenever it ends without having been asked to: killed for want of memory,
    /// say. Connections that are made anew find it, so whoever serves on it recovers.
    ///
    /// Returns only when that cannot be done, and says why.
    pub async fn keep(&mut self) -> ClusterError {
        loop {
            tokio::time::sleep(WATCH).await;
            let ended = self.postmaster.as_mut().is_none_or(|postmaster| postmaster.has_ended(&self.files));
            if ended && let Err(error) = self.restart().await {
                return error;
            }
        }
    }

    async fn restart(&mut self) -> Result<(), ClusterError> {
        tracing::error!("the private Postgres has ended by itself and is started again");
        let before = self.url.clone();
        self.starting = Some(locks::exclusive(&self.files.lock()).await?);
        self.run(self.files.is_throwaway()).await?;
        if self.url.expose_secret() == before.expose_secret() { Ok(()) } else { Err(ClusterError::Moved) }
    }

    /// Tries until the cluster answers, under the lock of those who start it.
    async fn run(&mut self, throwaway: bool) -> Result<(), ClusterError> {
        let run_as = RunAs::choose(self.files.cluster()?.as_deref())?;
        for _ in 0..ATTEMPTS {
            if self.attempt(&run_as, throwaway).await? {
                self.starting = None;
                return Ok(());
            }
        }
        Err(self.files.refused(0))
    }

    /// Whether the cluster answers now. Not when it was just ending, or recovering from a kill: then another try helps.
    async fn attempt(&mut self, run_as: &RunAs, throwaway: bool) -> Result<bool, ClusterError> {
        let postmaster = match Postmaster::find(&self.files)? {
            Found::Running(postmaster) => {
                self.joined = true;
                *postmaster
            }
            Found::Ended { sockets } => {
                self.joined = false;
                let sockets = self.sockets.take().or(sockets).unwrap_or_else(postmaster::new_sockets);
                self.sockets = Some(sockets.clone());
                launch(&self.files, run_as, sockets, throwaway).await?
            }
        };
        let postmaster = self.postmaster.insert(postmaster);
        let Some(url) = ready::wait(&self.files, postmaster).await? else {
            return Ok(false);
        };
        self.url = url;
        self.sockets = postmaster.sockets();
        tracing::info!(joined = self.joined, data_dir = %self.files.data_dir().display(), "private Postgres is ready");
        Ok(true)
    }

    /// Where the superuser of the cluster connects: a URL with a socket and a password in it.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// Whether the cluster was running already.
    pub fn joined(&self) -> bool {
        self.joined
    }

    /// Leaves the cluster, and when nobody else uses it stops it and waits for its end. One that does not end in time is
    /// killed: the next start recovers.
    ///
    /// # Errors
    ///
    /// [`ClusterError::StillRunning`] when Postgres does not even end by that.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        let Some(users) = self.users.take() else {
            return Ok(());
        };
        let _stopping = match self.starting.take() {
            // It was about to be started again.
            Some(lock) => lock,
            None => match locks::soon(&self.files.lock()).await? {
                Some(lock) => lock,
                // Whoever holds it is about to use the cluster.
                None => return Ok(()),
            },
        };
        if !locks::is_last(&users) {
            return Ok(());
        }
        if let Some(postmaster) = &mut self.postmaster {
            postmaster.stop(&self.files).await?;
        }
        if self.files.is_throwaway() {
            self.files.remove();
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(users) = self.users.take() else {
            return;
        };
        // Somebody else who holds the lock is about to use the cluster.
        let lock = self.starting.take().or_else(|| locks::try_exclusive(&self.files.lock()).ok().flatten());
        if let (Some(_stopping), Some(postmaster)) = (lock, &mut self.postmaster)
            && locks::is_last(&users)
        {
            postmaster.interrupt(&self.files);
        }
    }
}

/// Makes the cluster when there is none yet, and starts Postgres on it.
async fn launch(files: &Files, run_as: &RunAs, sockets: PathBuf, throwaway: bool) -> Result<Postmaster, ClusterError> {
    let binaries = Binaries::find(run_as, files.major_version()?).await?;
    if files.cluster()?.is_none() {
        tracing::info!(data_dir = %files.data_dir().display(), version = binaries.major(), "making a private Postgres cluster");
        binaries.make_cluster(files, run_as, throwaway).await?;
    }
    Postmaster::launch(&binaries, files, run_as, sockets, throwaway)
}
