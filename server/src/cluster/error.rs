//! Why a private cluster could not be used, in words for whoever typed the command.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a private cluster could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// No directory holds programs that can be run.
    #[error(
        "no Postgres programs were found{tried}\n\
         On Debian or Ubuntu install them with: apt-get install postgresql\n\
         Elsewhere set PORTCULLIS_PG_BINDIR to the directory of `initdb` and `postgres`,\n\
         or DATABASE_URL to a Postgres server that is running already."
    )]
    NoBinaries {
        /// Where they were looked for and why that place did not do, a line each.
        tried: String,
    },
    /// The cluster was made by a version of Postgres that is not installed.
    #[error(
        "the cluster in the data directory was made by Postgres {wanted}; installed are: {found}\n\
         Install Postgres {wanted} (Debian: apt-get install postgresql-{wanted}), or move the data with pg_upgrade."
    )]
    OtherVersion {
        /// Its version.
        wanted: u32,
        /// The versions that are installed.
        found: String,
    },
    /// Run as root, and there is nobody whom Postgres could run as.
    #[error("Postgres refuses to run as root, and this system has neither a user `postgres` nor `nobody` to run it as")]
    NoUser,
    /// Postgres ended by itself and runs again, at another place.
    #[error("the private Postgres was started anew by another program, and is to be found elsewhere now")]
    Moved,
    /// Something in the file system is in the way.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The cluster is there, its password is not.
    #[error(
        "{} is missing, so nobody can sign in to the cluster beside it: bring the file back from a backup, \
         or move the whole data directory away to begin with an empty one", path.display()
    )]
    NoPassword {
        /// Where the password should be.
        path: PathBuf,
    },
    /// The password does not fit the cluster.
    #[error("the password in {} is not the one of the cluster beside it", path.display())]
    WrongPassword {
        /// Where the password is.
        path: PathBuf,
    },
    /// A throwaway cluster was asked for where real data lives, or the reverse.
    #[error(
        "{} holds a {} cluster: use another directory", data_dir.display(), if *throwaway { "throwaway" } else { "lasting" }
    )]
    OtherKind {
        /// The data directory.
        data_dir: PathBuf,
        /// Whether what is there is for throwing away.
        throwaway: bool,
    },
    /// Another process has been starting or stopping the cluster for too long.
    #[error("another process has been holding {} for two minutes: is a `portcullis` hanging?", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// `initdb` did not succeed.
    #[error("a private Postgres cluster could not be made:\n{output}")]
    Initdb {
        /// What it wrote.
        output: String,
    },
    /// Postgres ended instead of starting.
    #[error("Postgres did not start; the end of {}:\n{tail}", log.display())]
    Refused {
        /// Its log.
        log: PathBuf,
        /// What it wrote last.
        tail: String,
    },
    /// Postgres runs but does not answer.
    #[error("Postgres has been running for two minutes without taking connections; see {}", log.display())]
    NotReady {
        /// Its log.
        log: PathBuf,
    },
    /// Postgres was asked to end, and killed, and has not ended.
    #[error("Postgres (process {pid}) has not ended, although it was killed in the end; see {}", log.display())]
    StillRunning {
        /// Its process.
        pid: i32,
        /// Its log.
        log: PathBuf,
    },
    /// Postgres answered the first question with an error.
    #[error("the private Postgres answers with an error")]
    Database(#[from] sqlx::Error),
}

impl ClusterError {
    /// For `map_err`: an error of the file system, with what was tried on which path.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}
