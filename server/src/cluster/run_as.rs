//! Whom Postgres runs as: the caller, or an ordinary user when the caller is root, which Postgres refuses.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use nix::unistd::{Gid, Uid, User, geteuid};
use tokio::process::Command;

use super::ClusterError;

/// The users that root may lend to Postgres, the best first.
const LENT: [&str; 2] = ["postgres", "nobody"];

/// Whether the caller is root, whose Postgres runs as another user.
pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// Whom Postgres runs as.
#[derive(Debug)]
pub(super) struct RunAs(Option<(Uid, Gid)>);

impl RunAs {
    /// The caller itself. For root the owner of the cluster, and for a new one an ordinary user of the system.
    pub(super) fn choose(cluster: Option<&Path>) -> Result<Self, ClusterError> {
        if !is_root() {
            return Ok(Self(None));
        }
        if let Some(owner) = cluster.and_then(|path| fs::metadata(path).ok()).filter(|owner| owner.uid() != 0) {
            return Ok(Self(Some((Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid())))));
        }
        LENT.iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self(Some((user.uid, user.gid))))
            .ok_or(ClusterError::NoUser)
    }

    /// Lets a command run as this user, without the caller's groups, locale and Postgres settings.
    pub(super) fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").env("TZ", "UTC");
        if let Some((uid, gid)) = self.0 {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }

    /// Makes this user the owner of a file or directory that the caller has just made.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        let Some((uid, gid)) = self.0 else {
            return Ok(());
        };
        chown(path, Some(uid.as_raw()), Some(gid.as_raw())).map_err(ClusterError::file("give to Postgres' user", path))
    }

    /// Whether this user can run a program, there, and it says that all is well.
    pub(super) async fn can_run(&self, program: &Path, argument: &str, directory: &Path) -> Result<String, String> {
        let mut command = Command::new(program);
        self.apply(&mut command).arg(argument).current_dir(directory);
        match command.output().await {
            Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err("Postgres' user may not run it".to_owned())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
