//! The log as a file: one that anybody can verify, and one to be read.

use domain::audit::export::{Manifest, manifest_line};
use domain::audit::{Action, Draft, Frontier, LogId, Public};
use domain::roles::Permission;
use futures::stream::{self, Stream, StreamExt};

use super::sql::{self, EntryRow};
use super::table;
use crate::access::Access;
use crate::error::Error;
use crate::keys::SealingKey;
use crate::store::Transact;

pub(crate) const EXPORTED: Action = Action::new("audit.exported");

/// How many entries are read at a time.
const BATCH: u64 = 500;

/// The whole log as NDJSON, some lines at a time, each with its newline. The export is an entry itself, and in it.
///
/// # Errors
/// Forbidden; a step-up is needed; the database does not answer, before the first line or between two batches.
pub async fn export(access: Access) -> Result<impl Stream<Item = Result<String, Error>> + Send + 'static, Error> {
    note(&access, "ndjson").await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let frontier = sql::head(tx.conn()).await?;
    let signer = access.request().keys().signer(tx.conn(), log).await?;
    tx.close();
    let manifest = Manifest::new(log, &Frontier::default(), &frontier, access.request().now, &signer);
    let head = stream::once(async move { Ok(manifest_line(manifest) + "\n") });
    let lines = |rows: Vec<EntryRow>, key: &SealingKey, log| {
        Ok(rows.into_iter().map(|row| row.line(key, log) + "\n").collect())
    };
    Ok(head.chain(batches(access, frontier.size(), lines)))
}

/// The whole log as CSV, some lines at a time, oldest first. It proves nothing: it is for people and their
/// spreadsheets. The export is an entry itself, and in it.
///
/// # Errors
/// As [`export`].
pub async fn export_table(access: Access) -> Result<impl Stream<Item = Result<String, Error>> + Send + 'static, Error> {
    note(&access, "csv").await?;
    let mut tx = access.begin().await?;
    let size = sql::size(tx.conn()).await?;
    tx.close();
    let head = stream::once(async { table::head() });
    let rows = |rows: Vec<EntryRow>, key: &SealingKey, log| table::rows(rows.into_iter().map(|row| row.open(key, log)));
    Ok(head.chain(batches(access, size, rows)))
}

/// Puts an export on record, before anything of it is read.
async fn note(access: &Access, format: &'static str) -> Result<(), Error> {
    access.require(Permission::ExportAudit, EXPORTED).await?;
    access.require_export(EXPORTED).await?;
    let entry = Draft::done(EXPORTED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("format", format)
        .within(access.request().audited());
    access.begin().await?.commit(access.request(), entry).await
}

/// How a batch of entries is written.
type Write = fn(Vec<EntryRow>, &SealingKey, LogId) -> Result<String, Error>;

/// The first so many entries, batch by batch.
fn batches(access: Access, size: u64, write: Write) -> impl Stream<Item = Result<String, Error>> + Send + 'static {
    let starts = (0..size.div_ceil(BATCH)).map(move |number| (number * BATCH, ((number + 1) * BATCH).min(size)));
    stream::iter(starts).then(move |(from, until)| {
        let access = access.clone();
        async move { batch(&access, (from, until), write).await }
    })
}

async fn batch(access: &Access, (from, until): (u64, u64), write: Write) -> Result<String, Error> {
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    let rows = sql::range(tx.conn(), sql::number(from)?, sql::number(until)?).await?;
    tx.close();
    write(rows, &key, log)
}
