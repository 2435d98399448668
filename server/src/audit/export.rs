//! The log as a file that anybody can verify.

use domain::audit::export::{Manifest, manifest_line};
use domain::audit::{Action, Draft, Frontier, LogId, Public};
use domain::roles::Permission;
use futures::stream::{self, Stream, StreamExt, TryStreamExt};

use super::sql;
use crate::access::Access;
use crate::error::Error;
use crate::store::Transact;

pub(crate) const EXPORTED: Action = Action::new("audit.exported");

/// How many entries are read at a time.
const BATCH: i64 = 500;

/// The whole log, line by line, each with its newline. The export is an entry itself, and in it.
///
/// # Errors
/// Forbidden; the database does not answer, before the first line or between two batches.
pub async fn export(access: Access) -> Result<impl Stream<Item = Result<String, Error>> + Send + 'static, Error> {
    access.require(Permission::ExportAudit, EXPORTED).await?;
    let log = LogId::Tenant(access.tenant());
    let entry = Draft::done(EXPORTED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("format", "ndjson")
        .within(access.request().audited());
    access.begin().await?.commit(access.request(), entry).await?;

    let mut tx = access.begin().await?;
    let frontier = sql::head(tx.conn()).await?;
    let signer = access.request().keys().signer(tx.conn(), log).await?;
    tx.close();
    let size = i64::try_from(frontier.size()).map_err(Error::internal)?;
    let manifest = Manifest::new(log, &Frontier::default(), &frontier, access.request().now, &signer);
    let head = stream::once(async move { Ok(with_newline(manifest_line(manifest))) });
    let batches = stream::iter(
        (0..size).step_by(usize::try_from(BATCH).unwrap_or(1)).map(move |from| (from, (from + BATCH).min(size))),
    );
    let lines = batches
        .then(move |(from, until)| {
            let access = access.clone();
            async move { batch(&access, log, from, until).await }
        })
        .map_ok(|lines| stream::iter(lines.into_iter().map(Ok)))
        .try_flatten();
    Ok(head.chain(lines))
}

async fn batch(access: &Access, log: LogId, from: i64, until: i64) -> Result<Vec<String>, Error> {
    let mut tx = access.begin().await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    let rows = sql::range(tx.conn(), from, until).await?;
    tx.close();
    Ok(rows.into_iter().map(|row| with_newline(row.line(&key, log))).collect())
}

fn with_newline(mut line: String) -> String {
    line.push('\n');
    line
}
