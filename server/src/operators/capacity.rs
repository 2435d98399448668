//! How large the platform is, and what it holds of its server.

use std::io::ErrorKind;

use domain::operators::{PACE_DAYS, Reading};
use time::{Duration, OffsetDateTime};

use super::{OperatorAccess, sql};
use crate::Portal;
use crate::error::Error;

/// How long readings are kept.
const KEPT: Duration = Duration::days(400);

/// What the page of the capacity shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// How large the platform was, day by day, for as long as its pace is told by, the oldest first.
    pub readings: Vec<Reading>,
    /// When that was found out last.
    pub taken_at: Option<OffsetDateTime>,
    /// Connections to the server, whoever's they are.
    pub connections: u64,
    /// How many there may be.
    pub connections_max: u64,
    /// What the database's processes take, where that can be known.
    pub memory: Option<Memory>,
}

/// Memory of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes that are theirs alone.
    pub bytes: u64,
    /// How many processes.
    pub processes: usize,
}

/// How large the platform is.
///
/// # Errors
/// The database does not answer.
pub async fn capacity(access: &OperatorAccess) -> Result<Capacity, Error> {
    let pool = access.request().portal().store().operator_pool();
    let from = access.request().now - Duration::days(PACE_DAYS);
    let (readings, taken_at) = sql::readings(pool, from.date()).await?;
    let sql::Connections { used, most, pids } = sql::connections(pool).await?;
    // Files of the kernel's: nothing to wait for, but some milliseconds of work each.
    let memory = tokio::task::spawn_blocking(move || memory_of(&pids)).await.map_err(Error::internal)?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Capacity { readings, taken_at, connections: count(used), connections_max: count(most), memory })
}

/// Notes how large the platform is, once a day.
pub(crate) async fn measure(portal: &Portal) -> Result<(), Error> {
    let now = portal.now();
    let mut tx = portal.store().platform().await?;
    sql::note_reading(tx.conn(), (now, (now - KEPT).date())).await?;
    tx.end().await
}

/// What these processes take; nothing where they are not on this machine, or not this program's to look at.
fn memory_of(pids: &[i32]) -> Option<Memory> {
    let mut memory = Memory { bytes: 0, processes: 0 };
    for pid in pids {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}"));
        // Another may have the number of one that has ended: of another machine's numbers, all are like this.
        if !read("comm").is_ok_and(|name| name.trim_end() == "postgres") {
            continue;
        }
        match read("smaps_rollup") {
            Ok(rollup) => {
                memory.bytes += private_bytes(&rollup);
                memory.processes += 1;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return None,
        }
    }
    (memory.processes > 0).then_some(memory)
}

/// The sum of the lines `Private_Clean:  12 kB` and their like.
fn private_bytes(rollup: &str) -> u64 {
    let private = rollup.lines().filter(|line| line.starts_with("Private_"));
    let kilobytes = private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.sum::<u64>() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_processs_own_counts() {
        let rollup =
            "Rss: 900 kB\nShared_Clean: 600 kB\nPrivate_Clean:  12 kB\nPrivate_Dirty:  88 kB\nPrivate_Hugetlb: 0 kB\n";
        assert_eq!(private_bytes(rollup), 100 * 1024);
        assert_eq!(private_bytes(""), 0);
    }

    #[test]
    fn of_processes_that_are_not_here_nothing_is_known() {
        assert_eq!(memory_of(&[]), None);
        assert_eq!(memory_of(&[i32::MAX]), None);
    }
}
