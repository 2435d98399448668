//! Checkpoints as files, where whoever runs the platform wants them.

use std::path::Path;

use tokio::fs;

use super::sql::checkpoints;
use crate::Portal;
use crate::error::Error;
use crate::store::TenantRef;

/// How many checkpoints are looked at a time.
const BATCH: i64 = 100;

/// Writes the organization's hourly checkpoints that have no file yet, the oldest first: so whatever has a file, all before
/// it have theirs.
pub(super) async fn write_missing(portal: &Portal, tenant: &TenantRef, directory: &Path) -> Result<(), Error> {
    let directory = directory.join(tenant.id.to_string());
    let mut tx = portal.store().tenant(tenant).await?;
    let (mut missing, mut below) = (Vec::new(), i64::MAX);
    'all: loop {
        let rows = checkpoints::hourly_below(tx.conn(), below, BATCH).await?;
        let Some((smallest, _)) = rows.last() else { break };
        below = *smallest;
        for (size, note) in rows {
            if fs::try_exists(directory.join(name(size))).await.map_err(Error::internal)? {
                break 'all;
            }
            missing.push((size, note));
        }
    }
    tx.close();
    if missing.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(&directory).await.map_err(Error::internal)?;
    for (size, note) in missing.into_iter().rev() {
        // Under a name of its own until it is whole.
        let part = directory.join(format!(".{size}.part"));
        fs::write(&part, note).await.map_err(Error::internal)?;
        fs::rename(part, directory.join(name(size))).await.map_err(Error::internal)?;
    }
    Ok(())
}

fn name(size: i64) -> String {
    format!("{size}.txt")
}
