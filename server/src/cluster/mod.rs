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
//! name and mode 0700, and asks for the password there too.

mod binaries;
mod error;
mod files;
mod locks;
mod postmaster;
mod ready;
mod run_as;

use std::{fs::File, path::PathBuf};

use secrecy::SecretString;

pub use self::error::ClusterError;
use self::{binaries::Binaries, files::Files, postmaster::Postmaster, run_as::RunAs};

/// Tries of a start: one that finds Postgres just leaving begins again.
const ATTEMPTS: u32 = 20;

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
        let run_as = RunAs::choose(files.cluster()?.as_deref())?;

        let mut cluster = Self { url: String::new().into(), joined: false, files, users, starting, postmaster: None };
        for _ in 0..ATTEMPTS {
            if cluster.attempt(&run_as, options.throwaway).await? {
                cluster.starting = None;
                return Ok(cluster);
            }
        }
        Err(cluster.files.refused(0))
    }

    /// Whether the cluster answers now. Not when it was just ending, or recovering from a kill: then another try helps.
    async fn attempt(&mut self, run_as: &RunAs, throwaway: bool) -> Result<bool, ClusterError> {
        let running = Postmaster::find(&self.files)?;
        self.joined = running.is_some();
        let postmaster = match running {
            Some(postmaster) => postmaster,
            None => launch(&self.files, run_as, throwaway).await?,
        };
        let postmaster = self.postmaster.insert(postmaster);
        let Some(url) = ready::wait(&self.files, postmaster).await? else {
            return Ok(false);
        };
        self.url = url;
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

    /// Leaves the cluster, and when nobody else uses it stops it and waits for its end.
    ///
    /// # Errors
    ///
    /// [`ClusterError::StillRunning`] when Postgres does not end in time; it is left to finish by itself.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        let Some(users) = self.users.take() else {
            return Ok(());
        };
        let _stopping = locks::exclusive(&self.files.lock()).await?;
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
async fn launch(files: &Files, run_as: &RunAs, throwaway: bool) -> Result<Postmaster, ClusterError> {
    let binaries = Binaries::find(run_as, files.major_version()?).await?;
    if files.cluster()?.is_none() {
        tracing::info!(data_dir = %files.data_dir().display(), version = binaries.major(), "making a private Postgres cluster");
        binaries.make_cluster(files, run_as, throwaway).await?;
    }
    Postmaster::launch(&binaries, files, run_as, throwaway)
}
