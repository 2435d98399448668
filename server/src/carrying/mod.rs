//! One organization as a file: taken out, brought back, and compared with what is there.
//!
//! The file is sealed with a passphrase (see `file`) and holds a header, the rows of every table as Postgres' `COPY` writes
//! them, and a manifest of how many there were and what they hash to (see `manifest`). It is written and read in constant
//! memory. What is read counts only when all of it was: until then it is a transaction of which nothing is kept.
//!
//! Keys leave the installation in this file and in no other way: unwrapped, because elsewhere is another master key.

mod compare;
mod export;
mod file;
mod import;
mod manifest;
mod platform;

use std::io;

use domain::audit::Action;
use time::OffsetDateTime;

pub use compare::{Compared, compare};
pub use export::{Exported, export};
pub use import::{Imported, import};

use crate::error::Error;
use crate::keys::KeyError;
#[cfg(feature = "testing")]
use crate::keys::Passphrase;

const EXPORTED: Action = Action::new("organization.exported");
const IMPORTED: Action = Action::new("organization.imported");

/// The table of keys, which has no rows in the file: what it holds is in the header, in another form.
const KEYS: &str = "keys";

/// Why a file was not written, not read, or not taken for an organization. Nothing was made of it then.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The disk is full, or whoever reads the other end has gone.
    #[error("the export cannot be written: {0}")]
    Write(#[source] io::Error),
    /// The file cannot be read.
    #[error("the export cannot be read: {0}")]
    Read(#[source] io::Error),
    /// It is some other file.
    #[error("this is no export of an organization")]
    Foreign,
    /// A later program has written it.
    #[error("the export has a format that this program does not know: a later program has written it")]
    Format,
    /// Nothing of it opens.
    #[error("the export does not open: the passphrase is another one, or the file was altered or cut short")]
    Closed,
    /// It opens up to somewhere.
    #[error("the export was altered or cut short: it does not open behind its first {0} MiB")]
    Altered(u32),
    /// A later program has written it.
    #[error(
        "the export's tables are at version {found}, and this program knows them up to {known}: use a later program"
    )]
    Newer {
        /// The file's.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// The organization is there.
    #[error("the organization is there, as {0}: delete it for good first, or restore the export beside it")]
    There(String),
    /// It opens, and contradicts itself or the program.
    #[error("the export does not hold what it says: {0}")]
    Inconsistent(String),
    /// The database's errors, and the portal's.
    #[error(transparent)]
    Portal(#[from] Error),
}

impl From<sqlx::Error> for CarryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Portal(error.into())
    }
}

impl From<KeyError> for CarryError {
    fn from(error: KeyError) -> Self {
        Self::Portal(error.into())
    }
}

/// All that a file holds, one frame behind the other.
#[cfg(feature = "testing")]
pub(crate) async fn open_all(file: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, CarryError> {
    let mut reader = file::Reader::begin(file, passphrase).await?;
    let mut all = Vec::new();
    loop {
        let frame = reader.next().await?;
        all.extend_from_slice(&frame.bytes);
        if frame.kind == file::Kind::Manifest {
            reader.end().await?;
            return Ok(all);
        }
    }
}

/// A file with this header and these rows of tables.
#[cfg(feature = "testing")]
pub(crate) async fn write_all(
    passphrase: &Passphrase,
    randomness: &dyn crate::edges::Randomness,
    header: &serde_json::Value,
    tables: &[(&str, String)],
) -> Result<Vec<u8>, CarryError> {
    let mut all = Vec::new();
    let mut writer = file::Writer::begin(&mut all, passphrase, randomness).await?;
    writer.add(file::Kind::Header, header.to_string().as_bytes()).await?;
    let mut sums = Vec::new();
    for (table, rows) in tables {
        writer.add(file::Kind::Table, table.as_bytes()).await?;
        writer.add(file::Kind::Rows, rows.as_bytes()).await?;
        let mut counter = manifest::Counter::default();
        counter.add(rows.as_bytes());
        sums.push(counter.sum(table));
    }
    writer.add(file::Kind::Manifest, &serde_json::to_vec(&sums).map_err(Error::internal)?).await?;
    writer.finish().await?;
    Ok(all)
}

/// As the trail holds times.
fn rfc3339(at: OffsetDateTime) -> String {
    // Formatting fails only for years that no clock of ours shows.
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
