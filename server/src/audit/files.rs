//! Checkpoints as files, where whoever runs the platform wants them.

use std::io::ErrorKind;
use std::path::Path;

use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use super::sql::checkpoints;
use crate::Portal;
use crate::error::Error;
use crate::store::TenantRef;

/// How many checkpoints are looked at a time.
const BATCH: i64 = 100;

/// The checkpoints, by size and note, the newest first.
#[derive(Default)]
struct Looked {
    /// Those that have no file, or none but the beginning of one.
    missing: Vec<(i64, String)>,
    /// The sizes of those whose file says something else.
    altered: Vec<i64>,
}

/// Writes the organization's hourly checkpoints that have no file yet, the oldest first: so whatever has a file, all before
/// it have theirs. The newest files that are there are compared with what was signed. No file is written over but one that
/// a crash has cut short: one that says something else is an alarm, since somebody has changed it or what is stored here.
pub(super) async fn write_missing(portal: &Portal, tenant: &TenantRef, directory: &Path) -> Result<(), Error> {
    let directory = directory.join(tenant.id.to_string());
    let Looked { missing, altered } = look(portal, tenant, &directory).await?;
    if !missing.is_empty() {
        fs::create_dir_all(&directory).await.map_err(Error::internal)?;
        for (size, note) in missing.into_iter().rev() {
            put(portal, &directory, size, &note).await.map_err(Error::internal)?;
        }
        // The directory may be new, too.
        for directory in [Some(directory.as_path()), directory.parent()].into_iter().flatten() {
            let directory = File::open(directory).await.map_err(Error::internal)?;
            directory.sync_all().await.map_err(Error::internal)?;
        }
    }
    if altered.is_empty() {
        return Ok(());
    }
    metrics::counter!("portcullis_checkpoint_files_altered_total").increment(altered.len() as u64);
    tracing::error!(organization = %tenant.id, sizes = ?altered, "files of checkpoints are not what was signed");
    Err(Error::internal("files of checkpoints are not what was signed"))
}

/// Looks at checkpoints and their files, back to some that have theirs.
async fn look(portal: &Portal, tenant: &TenantRef, directory: &Path) -> Result<Looked, Error> {
    let mut looked = Looked::default();
    let mut tx = portal.store().tenant_at_work(tenant).await?;
    let mut below = i64::MAX;
    let mut is_written = false;
    while !is_written {
        let rows = checkpoints::hourly_below(tx.conn(), below, BATCH).await?;
        let Some((smallest, _)) = rows.last() else { break };
        below = *smallest;
        for (size, note) in rows {
            match fs::read(directory.join(name(size))).await {
                Ok(file) if is_cut_short(&file, note.as_bytes()) => looked.missing.push((size, note)),
                Ok(file) => {
                    is_written = true;
                    if file != note.as_bytes() {
                        looked.altered.push(size);
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => looked.missing.push((size, note)),
                Err(error) => return Err(Error::internal(error)),
            }
        }
    }
    tx.close();
    Ok(looked)
}

/// Whether a file is only the beginning of what it was to be.
fn is_cut_short(file: &[u8], whole: &[u8]) -> bool {
    file.len() < whole.len() && whole.starts_with(file)
}

/// Writes a file under a name that no other process gives, and gives it its name when all of it is on the disk.
async fn put(portal: &Portal, directory: &Path, size: i64, note: &str) -> std::io::Result<()> {
    let part = directory.join(format!(".{size}.{:016x}.part", u64::from_be_bytes(portal.random())));
    let written = write(&part, note).await;
    if written.is_err() {
        // What cannot be taken away either is in nobody's way.
        let _ = fs::remove_file(&part).await;
        return written;
    }
    fs::rename(part, directory.join(name(size))).await
}

async fn write(path: &Path, note: &str) -> std::io::Result<()> {
    let mut file = File::create_new(path).await?;
    file.write_all(note.as_bytes()).await?;
    file.sync_all().await
}

fn name(size: i64) -> String {
    format!("{size}.txt")
}
