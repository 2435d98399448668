//! The files of a private cluster: where they are, who may read them, and how they go away again.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::{ClusterError, Options, RunAs, run_as};

/// Where a cluster goes when Postgres' user cannot reach the data directory. Only root ever needs it.
const ELSEWHERE: &str = "/var/lib/portcullis";
/// A log of this size is put aside at the next start; one older log is kept.
const LOG_LIMIT: u64 = 8 << 20;
/// How much of the log an error shows.
const TAIL: u64 = 2_048;

/// The files of one data directory.
#[derive(Debug)]
pub(super) struct Files {
    data_dir: PathBuf,
}

impl Files {
    /// Makes the data directory when it is missing.
    pub(super) fn prepare(options: &Options) -> Result<Self, ClusterError> {
        // Another user's Postgres has to pass through the directory; what lies in it is closed file by file.
        let mode = if run_as::is_root() { 0o711 } else { 0o700 };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(&options.data_dir)
            .map_err(ClusterError::file("make the directory", &options.data_dir))?;
        let data_dir = options.data_dir.canonicalize().map_err(ClusterError::file("read", &options.data_dir))?;
        Ok(Self { data_dir })
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.data_dir.join("postgres.lock")
    }

    pub(super) fn users(&self) -> PathBuf {
        self.data_dir.join("postgres.users")
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.data_dir.join("postgres-password")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    fn throwaway_mark(&self) -> PathBuf {
        self.data_dir.join("postgres.throwaway")
    }

    /// Where the cluster is, or the symlink to it.
    fn link(&self) -> PathBuf {
        self.data_dir.join("postgres")
    }

    /// The cluster's real directory, if there is one.
    pub(super) fn cluster(&self) -> Result<Option<PathBuf>, ClusterError> {
        let link = self.link();
        match link.canonicalize() {
            Ok(path) => Ok(Some(path)),
            // A symlink that leads nowhere is lost data, not a place for a new cluster.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !link.is_symlink() => Ok(None),
            Err(error) => Err(ClusterError::file("follow", &link)(error)),
        }
    }

    /// The version of Postgres that made the cluster, if there is one.
    pub(super) fn major_version(&self) -> Result<Option<u32>, ClusterError> {
        let Some(cluster) = self.cluster()? else {
            return Ok(None);
        };
        let path = cluster.join("PG_VERSION");
        let text = fs::read_to_string(&path).map_err(ClusterError::file("read", &path))?;
        Ok(text.trim().parse().ok())
    }

    /// An empty directory that becomes the cluster by [`adopt`](Self::adopt), in a place that Postgres' user can reach.
    pub(super) fn nursery(&self, reachable: bool, run_as: &RunAs) -> Result<PathBuf, ClusterError> {
        let path = if reachable {
            self.data_dir.join("postgres.new")
        } else {
            let parent = Path::new(ELSEWHERE);
            DirBuilder::new()
                .recursive(true)
                .mode(0o711)
                .create(parent)
                .map_err(ClusterError::file("make the directory", parent))?;
            parent.join(random_hex::<8>())
        };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ClusterError::file("remove what an interrupted start left in", &path)(error));
            }
            _ => {}
        }
        private_dir(&path, run_as)?;
        Ok(path)
    }

    /// Makes a finished cluster the data directory's own. What was interrupted before this never counts.
    pub(super) fn adopt(&self, nursery: &Path) -> Result<(), ClusterError> {
        let link = self.link();
        if nursery.starts_with(&self.data_dir) {
            fs::rename(nursery, &link).map_err(ClusterError::file("rename", nursery))
        } else {
            symlink(nursery, &link).map_err(ClusterError::file("make the symlink", &link))
        }
    }

    /// The superuser's password.
    pub(super) fn password(&self) -> Result<SecretString, ClusterError> {
        let path = self.password_file();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned().into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ClusterError::NoPassword { path }),
            Err(error) => Err(ClusterError::file("read", &path)(error)),
        }
    }

    /// A new password for a new cluster, kept in its file.
    pub(super) fn new_password(&self) -> Result<SecretString, ClusterError> {
        let path = self.password_file();
        let password = SecretString::from(random_hex::<32>());
        // A start that was interrupted may have left one.
        fs::remove_file(&path).ok();
        write_private(&path, &password)?;
        Ok(password)
    }

    /// Refuses to treat lasting data as throwaway, or to keep data where it will be thrown away.
    pub(super) fn check_kind(&self, throwaway: bool) -> Result<(), ClusterError> {
        if self.cluster()?.is_none() {
            return if throwaway { self.mark_throwaway() } else { Ok(()) };
        }
        if self.is_throwaway() == throwaway {
            return Ok(());
        }
        Err(ClusterError::OtherKind { data_dir: self.data_dir.clone(), throwaway: self.is_throwaway() })
    }

    fn mark_throwaway(&self) -> Result<(), ClusterError> {
        let path = self.throwaway_mark();
        fs::write(&path, "").map_err(ClusterError::file("write", &path))
    }

    pub(super) fn is_throwaway(&self) -> bool {
        self.throwaway_mark().exists()
    }

    /// The log, for appending. It is opened by the caller, so that Postgres' user needs no right to the directory.
    /// With it comes where the next words will stand.
    pub(super) fn open_log(&self) -> Result<(File, u64), ClusterError> {
        let path = self.log();
        if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LIMIT) {
            fs::rename(&path, path.with_extension("log.old")).map_err(ClusterError::file("put aside", &path))?;
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(ClusterError::file("open", &path))?;
        let length = log.metadata().map_err(ClusterError::file("read", &path))?.len();
        Ok((log, length))
    }

    /// The error for a Postgres that ended instead of starting, with the end of its log.
    pub(super) fn refused(&self, log_from: u64) -> ClusterError {
        ClusterError::Refused { log: self.log(), tail: self.log_tail(log_from) }
    }

    /// The last lines of the log, nothing from before `from`; empty when it cannot be read.
    pub(super) fn log_tail(&self, from: u64) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut log = File::open(self.log())?;
            let start = log.metadata()?.len().saturating_sub(TAIL).max(from);
            log.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        String::from_utf8_lossy(&read().unwrap_or_default()).trim().to_owned()
    }

    /// Removes a throwaway cluster and whatever else this module has put into the data directory.
    pub(super) fn remove(&self) {
        if let Ok(Some(cluster)) = self.cluster() {
            fs::remove_dir_all(cluster).ok();
        }
        for file in [self.link(), self.password_file(), self.log(), self.throwaway_mark(), self.users(), self.lock()] {
            fs::remove_file(file).ok();
        }
        // Stays when something else lies in it.
        fs::remove_dir(&self.data_dir).ok();
    }
}

/// Makes a directory that only Postgres' user may enter. Fails when the name is taken, by whomever.
pub(super) fn private_dir(path: &Path, run_as: &RunAs) -> Result<(), ClusterError> {
    DirBuilder::new().mode(0o700).create(path).map_err(ClusterError::file("make the directory", path))?;
    run_as.give(path)
}

/// Writes a new file that only its owner may read.
pub(super) fn write_private(path: &Path, secret: &SecretString) -> Result<(), ClusterError> {
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            writeln!(file, "{}", secret.expose_secret())?;
            file.sync_all()
        })
        .map_err(ClusterError::file("write", path))
}

/// `N` random bytes, in hex.
pub(super) fn random_hex<const N: usize>() -> String {
    hex::encode(rand::random::<[u8; N]>())
}
