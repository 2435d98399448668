//! The log as a file: one that anybody can verify, and one to be read.
//!
//! To export is an act that is allowed and put on record once: what comes of it is a ticket, with which whoever it was
//! given to reads the file, and goes on reading where a connection broke off. The file is of the log as it was then.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
pub use domain::audit::export::Format;
use domain::audit::export::{Manifest, damaged_line, gap_line, manifest_line};
use domain::audit::{Action, AuditQuery, Draft, Frontier, Hash, Public};
use domain::members::MemberStatus;
use domain::problem::Problem;
use domain::roles::Permission;
use futures::stream::{self, Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::checkpoints::fill_as_administrator;
use super::sql::search::{self as entries, Wanted};
use super::sql::{self, EntryRow, tree};
use super::{search, table};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;
use crate::keys::{Place, SealingKey};
use crate::members;
use crate::store::{TenantTx, Transact as _};

pub(crate) const EXPORTED: Action = Action::new("audit.exported");
const FINISHED: Action = Action::new("audit.export_finished");

/// How many entries are read at a time.
const BATCH: i64 = 500;
/// How many entries one statement looks through for them, so that each ends soon, however rare is what is looked for.
const WINDOW: u64 = 100_000;
/// For how long a ticket is good.
const GOOD_FOR: Duration = Duration::days(1);
/// What tickets are sealed for.
const TICKETS: &str = "audit export tickets";

/// A file that somebody may read.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ticket {
    format: Format,
    /// As in the list's address.
    query: String,
    /// How many entries the log had, and the peaks of their tree.
    size: u64,
    peaks: Vec<Hash>,
    #[serde(with = "time::serde::timestamp::microseconds")]
    at: OffsetDateTime,
    /// Others have approved it.
    #[serde(default)]
    approved: bool,
}

/// A file under way.
pub struct Export {
    /// How it is written.
    pub format: Format,
    /// Its lines, some at a time, each with its newline.
    pub lines: std::pin::Pin<Box<dyn Stream<Item = Result<String, Error>> + Send>>,
}

/// Goes on only for whoever may export the log: what the page asks that asks others for it.
///
/// # Errors
/// Forbidden.
pub async fn prepare_export(access: &Access) -> Result<(), Error> {
    access.require(Permission::ExportAudit, EXPORTED).await
}

/// Begins an export of what a query asks for, and puts it on record: the ticket with which the file is read. The export is
/// an entry itself, and in it.
///
/// # Errors
/// Forbidden; a step-up is needed; others have to approve it ([`Problem::ApprovalFirst`]); the database does not answer.
pub async fn begin_export(access: &Access, format: Format, query: &AuditQuery) -> Result<String, Error> {
    require_to_export(access).await?;
    let mut tx = access.begin().await?;
    approvals::require_none_for_export(&mut tx).await?;
    let query = query.clone().settled(access.request().now).to_text();
    begin_in(access, tx, (format, query), false).await
}

/// Goes on only for whoever may export the log.
///
/// # Errors
/// Forbidden; a step-up is needed.
pub(crate) async fn require_to_export(access: &Access) -> Result<(), Error> {
    prepare_export(access).await?;
    access.require_export(EXPORTED).await
}

/// Begins an export in a transaction in which it was allowed, or others have approved it: that it is on record is what the
/// transaction ends with, and after it nothing keeps the ticket from whoever asks.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn begin_in(
    access: &Access,
    tx: TenantTx,
    (format, query): (Format, String),
    approved: bool,
) -> Result<String, Error> {
    let mut entry = Draft::done(EXPORTED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("format", format.code());
    if !query.is_empty() {
        // It may hold names.
        entry = entry.added("filter", domain::audit::Personal(query.clone()));
    }
    let state = tx.commit_at(access.request(), entry.within(access.request().audited())).await?;
    let (size, peaks) = (state.size(), state.peaks().to_vec());
    let ticket = Ticket { format, query, size, peaks, at: access.request().now, approved };
    let plain = serde_json::to_vec(&ticket).map_err(Error::internal)?;
    let portal = access.request().portal();
    let sealed = with_place(access, |place, key| key.seal(place, &plain, portal.randomness()));
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// Seals and opens tickets: they are good in one organization, for one person.
fn with_place<T>(access: &Access, act: impl FnOnce(&Place<'_>, &SealingKey) -> T) -> T {
    let (tenant, row) = (access.tenant().to_string(), access.account().to_string());
    let place = Place { tenant: &tenant, table: "audit_entries", column: "ticket", row: &row };
    act(&place, &access.request().keys().derived(TICKETS))
}

/// The file of a ticket, from its beginning or from behind an entry on.
///
/// # Errors
/// Forbidden; not found, for a ticket that is none, is another's, or is too old; others have to approve it by now
/// ([`Problem::ApprovalFirst`]); the database does not answer, before the first line or between two batches.
pub async fn export(access: Access, ticket: &str, after: Option<u64>) -> Result<Export, Error> {
    access.require(Permission::ExportAudit, EXPORTED).await?;
    access.require_exporter(EXPORTED).await?;
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(ticket).map_err(|_| Problem::NotFound)?;
    let plain = with_place(&access, |place, key| key.open(place, &sealed)).map_err(|_| Problem::NotFound)?;
    let ticket: Ticket = serde_json::from_slice(&plain).map_err(|_| Problem::NotFound)?;
    if access.request().now - ticket.at >= GOOD_FOR {
        return Err(Problem::NotFound.into());
    }
    if !ticket.approved {
        let mut tx = access.begin().await?;
        approvals::require_none_for_export(&mut tx).await?;
        tx.close();
    }
    if ticket.format == Format::Ndjson && !ticket.query.is_empty() {
        match fill_as_administrator(&access, ticket.size).await {
            // Somebody has damaged what hashes are made of: the file will say so where it is.
            Ok(()) | Err(Error::Internal(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let from = after.map_or(0, |after| after.saturating_add(1).min(ticket.size));
    let head = if from > 0 { String::new() } else { head(&access, &ticket).await? };
    let query = AuditQuery::from_text(&ticket.query);
    let mut tx = access.begin().await?;
    let key = access.request().keys().data(tx.conn(), access.log()).await?;
    let wanted = search::wanted(&mut tx, &query, &key, access.request().now).await?;
    tx.close();
    let size = sql::number(ticket.size)?;
    let wanted = Wanted { low: 0, high: size, ..wanted };
    let format = ticket.format;
    let (position, looked) = (from, from);
    let reader = Reader { access, ticket, wanted, position, looked, entries: 0, bytes: 0, hash: Sha256::new(), from };
    let first = stream::once(async move { head });
    let lines = stream::unfold((reader, first.boxed()), |(mut reader, mut head)| async move {
        let text = match head.next().await {
            Some(head) if !head.is_empty() => Ok(Some(head)),
            _ => reader.next().await,
        };
        let text = match text {
            Ok(None) => return None,
            Ok(Some(text)) => Ok(text),
            Err(error) => Err(error),
        };
        if let Ok(text) = &text {
            reader.hash.update(text);
            reader.bytes += text.len() as u64;
        }
        Some((text, (reader, head)))
    });
    // What compresses an answer asks once more after its end.
    Ok(Export { format, lines: lines.fuse().boxed() })
}

/// What stands before the first entry.
async fn head(access: &Access, ticket: &Ticket) -> Result<String, Error> {
    if ticket.format == Format::Csv {
        return table::head();
    }
    let state = Frontier::new(ticket.size, ticket.peaks.clone()).ok_or(Problem::NotFound)?;
    let mut tx = access.begin().await?;
    let signer = access.request().keys().signer(tx.conn(), access.log()).await?;
    tx.close();
    let manifest = Manifest::new(access.log(), &Frontier::default(), &state, ticket.at, &signer);
    let manifest = if ticket.query.is_empty() { manifest } else { manifest.filtered(ticket.query.clone()) };
    Ok(manifest_line(manifest) + "\n")
}

/// How far a file was read.
struct Reader {
    access: Access,
    ticket: Ticket,
    wanted: Wanted,
    from: u64,
    /// The first entry that no line is about yet.
    position: u64,
    /// The first entry that was not looked at yet.
    looked: u64,
    entries: u64,
    bytes: u64,
    hash: Sha256,
}

impl Reader {
    /// The next lines; none, when that was all.
    async fn next(&mut self) -> Result<Option<String>, Error> {
        while self.looked < self.ticket.size {
            let text = self.look().await?;
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        if self.bytes > 0 {
            self.finish().await?;
            self.bytes = 0;
        }
        Ok(None)
    }

    /// The lines of a part of the log: none, if nothing in it is wanted.
    async fn look(&mut self) -> Result<String, Error> {
        let until = self.ticket.size.min(self.looked + WINDOW);
        let within = Wanted { low: sql::number(self.looked)?, high: sql::number(until)?, ..self.wanted.clone() };
        let mut tx = self.access.begin().await?;
        self.require_still(&mut tx).await?;
        entries::prepare(tx.conn()).await?;
        let rows = entries::find(tx.conn(), &within, true, BATCH).await?;
        let key = self.access.request().keys().data(tx.conn(), self.access.log()).await?;
        let is_full = rows.len() as u64 >= BATCH.unsigned_abs();
        self.looked = match rows.last() {
            Some(last) if is_full => last.index.unsigned_abs() + 1,
            _ => until,
        };
        self.entries += rows.len() as u64;
        let text = match self.ticket.format {
            Format::Ndjson => self.proven(&mut tx, rows, &key).await?,
            Format::Csv => table::rows(rows.into_iter().map(|row| row.open(&key, self.access.log())))?,
        };
        tx.close();
        Ok(text)
    }

    /// Goes on only while whoever reads may export the log: a file may take long.
    async fn require_still(&self, tx: &mut TenantTx) -> Result<(), Error> {
        let member = members::sql::lookup(tx, self.access.account()).await?;
        let member = member.filter(|member| member.status == MemberStatus::Active);
        let may = member.is_some_and(|member| member.permissions.allow(Permission::ExportAudit));
        if may { Ok(()) } else { Err(Problem::Forbidden.into()) }
    }

    /// Lines of entries, and of what a filter leaves out between them.
    async fn proven(&mut self, tx: &mut TenantTx, rows: Vec<EntryRow>, key: &SealingKey) -> Result<String, Error> {
        let indexes: Vec<u64> = rows.iter().map(|row| row.index.unsigned_abs()).collect();
        let end = Some(self.ticket.size).filter(|size| self.looked >= *size);
        let mut gaps = self.gaps(tx, &indexes, end).await?;
        let mut text = String::new();
        for (row, index) in rows.into_iter().zip(indexes) {
            text.push_str(&gaps.remove(&index).unwrap_or_default());
            text.push_str(&row.line(key, self.access.log()));
            text.push('\n');
            self.position = index + 1;
        }
        if let Some(end) = end {
            text.push_str(&gaps.remove(&end).unwrap_or_default());
            self.position = end;
        }
        Ok(text)
    }

    /// The lines for what is left out, by the entry before which it is, or the end.
    async fn gaps(&self, tx: &mut TenantTx, entries: &[u64], end: Option<u64>) -> Result<HashMap<u64, String>, Error> {
        if self.ticket.query.is_empty() {
            return Ok(HashMap::new());
        }
        let gaps = tree::between(self.position, entries, end);
        let hashes = tree::gaps(tx.conn(), &gaps).await?;
        let lines = gaps.into_iter().zip(hashes).map(|((from, until), hashes)| {
            // Somebody has damaged what is left out: the export says so and goes on.
            let line = hashes.map_or_else(|| damaged_line(from), |hashes| gap_line(from, until, &hashes));
            (until, line + "\n")
        });
        Ok(lines.collect())
    }

    /// Puts on record that all of it was read, and what it was.
    async fn finish(&mut self) -> Result<(), Error> {
        let hash = hex::encode(std::mem::take(&mut self.hash).finalize());
        let mut entry = Draft::done(FINISHED, self.access.actor())
            .target("organization", self.access.tenant(), Public(self.access.organization().to_owned()))
            .added("format", self.ticket.format.code())
            .added("entries", Public(self.entries.to_string()))
            .added("bytes", Public(self.bytes.to_string()))
            .added("sha256", Public(hash));
        if self.from > 0 {
            entry = entry.added("from", Public(self.from.to_string()));
        }
        let request = self.access.request();
        self.access.begin().await?.commit(request, entry.within(request.audited())).await
    }
}
