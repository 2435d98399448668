//! The two locks of a data directory; both are the kernel's and end with the process that holds them.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use super::ClusterError;

/// How often a lock is asked for.
const PAUSE: Duration = Duration::from_millis(50);
/// How many times: for two minutes, enough for a recovery after a power cut.
const TRIES: u32 = 2_400;
/// How many times by whoever leaves: for ten seconds.
const TRIES_TO_LEAVE: u32 = 200;

/// Waits until nobody else starts or stops the cluster.
pub(super) async fn exclusive(path: &Path) -> Result<File, ClusterError> {
    within(path, TRIES).await?.ok_or_else(|| ClusterError::Locked { path: path.to_owned() })
}

/// As [`exclusive`], for whoever leaves the cluster: nothing, when somebody else takes long to start it.
pub(super) async fn soon(path: &Path) -> Result<Option<File>, ClusterError> {
    within(path, TRIES_TO_LEAVE).await
}

async fn within(path: &Path, tries: u32) -> Result<Option<File>, ClusterError> {
    for _ in 0..tries {
        if let Some(lock) = try_exclusive(path)? {
            return Ok(Some(lock));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

/// The lock, unless somebody else holds it.
pub(super) fn try_exclusive(path: &Path) -> Result<Option<File>, ClusterError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(ClusterError::file("lock", path)(source)),
    }
}

/// Joins the users of the cluster, for as long as the answer lives.
pub(super) fn shared(path: &Path) -> Result<File, ClusterError> {
    let file = open(path)?;
    // It never waits: the lock is exclusive only for an instant, in `is_last`, whose callers hold the other lock.
    file.lock_shared().map_err(ClusterError::file("lock", path))?;
    Ok(file)
}

/// Whether nobody else uses the cluster. The caller does not use it any more from here on.
pub(super) fn is_last(users: &File) -> bool {
    users.try_lock().is_ok()
}

fn open(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::file("open", path))
}
