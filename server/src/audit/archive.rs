//! What was taken away of a trail, as a file: an export of a part of it, which anybody can verify.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use domain::audit::export::{Manifest, gap_line, manifest_line};
use sha2::{Digest as _, Sha256};
use tokio::fs::{self, DirBuilder, File, OpenOptions};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::sql::tree;
use crate::error::Error;
use crate::store::TenantTx;

/// A file that is being written, under a name of its own until it is whole. Unless it is kept, it is gone in the end.
pub(super) struct Archive {
    directory: PathBuf,
    name: String,
    part: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    /// The first entry that no line is about yet.
    position: u64,
}

impl Archive {
    /// Begins a file of this name in a directory, which is made if it is not there. Nobody but the program's own user may
    /// read either.
    pub(super) async fn begin(directory: PathBuf, name: String, manifest: Manifest) -> Result<Self, Error> {
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).await.map_err(Error::internal)?;
        let part = directory.join(format!(".{name}.part"));
        // Of a run that was cut off.
        match fs::remove_file(&part).await {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::internal(error)),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).await;
        let file = BufWriter::new(file.map_err(Error::internal)?);
        let position = manifest.from;
        let mut archive = Self { directory, name, part, file, hash: Sha256::new(), position };
        archive.write(&manifest_line(manifest)).await?;
        Ok(archive)
    }

    /// Adds the lines of some entries, with those for what is left out before each, and up to an end, where there is one.
    /// False, when a hash of what is left out is missing: then this is no archive that anybody could verify.
    pub(super) async fn add(
        &mut self,
        tx: &mut TenantTx,
        lines: Vec<(u64, String)>,
        end: Option<u64>,
    ) -> Result<bool, Error> {
        let entries: Vec<u64> = lines.iter().map(|(index, _)| *index).collect();
        let gaps = tree::between(self.position, &entries, end);
        let hashes = tree::gaps(tx.conn(), &gaps).await?;
        let mut left_out = HashMap::new();
        for ((from, until), hashes) in gaps.into_iter().zip(hashes) {
            let Some(hashes) = hashes else { return Ok(false) };
            left_out.insert(until, gap_line(from, until, &hashes));
        }
        for (index, line) in lines {
            if let Some(gap) = left_out.remove(&index) {
                self.write(&gap).await?;
            }
            self.write(&line).await?;
            self.position = index + 1;
        }
        if let Some(end) = end {
            if let Some(gap) = left_out.remove(&end) {
                self.write(&gap).await?;
            }
            self.position = end;
        }
        Ok(true)
    }

    async fn write(&mut self, line: &str) -> Result<(), Error> {
        for text in [line, "\n"] {
            self.hash.update(text);
            self.file.write_all(text.as_bytes()).await.map_err(Error::internal)?;
        }
        Ok(())
    }

    /// Puts the file into its place, when all of it is on the disk: what it is called there, and its hash. No file that is
    /// there already is touched.
    pub(super) async fn keep(mut self) -> Result<(String, String), Error> {
        self.file.flush().await.map_err(Error::internal)?;
        self.file.get_ref().sync_all().await.map_err(Error::internal)?;
        let mut file = format!("{}.ndjson", self.name);
        let mut number = 1;
        while fs::try_exists(self.directory.join(&file)).await.map_err(Error::internal)? {
            number += 1;
            file = format!("{}-{number}.ndjson", self.name);
        }
        fs::rename(&self.part, self.directory.join(&file)).await.map_err(Error::internal)?;
        // The directory may be new, too.
        for directory in [Some(self.directory.as_path()), self.directory.parent()].into_iter().flatten() {
            let directory = File::open(directory).await.map_err(Error::internal)?;
            directory.sync_all().await.map_err(Error::internal)?;
        }
        Ok((file, hex::encode(std::mem::take(&mut self.hash).finalize())))
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        // Where it was kept, there is nothing under this name.
        let _ = std::fs::remove_file(&self.part);
    }
}
