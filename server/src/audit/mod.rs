//! The audit logs in the database: appending, reading, exporting.
//!
//! The format, the hashing and the verification are [`domain::audit`]'s. Statements here name no
//! schema: the transaction's search path says whose log it is.

mod export;
mod sql;
mod table;
mod view;

use domain::audit::{Action, Checkpoint, Draft, LogId, Opening};
use domain::ids::AccountId;
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use sqlx::PgConnection;
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub(crate) use export::EXPORTED;
pub use export::{export, export_table};
pub use view::{Damage, EntryView};

use crate::access::Access;
use crate::edges::{Randomness, RandomnessExt};
use crate::error::Error;
use crate::keys::{KeyRing, Sealable, Sealed};
use crate::store::Transact;

const VIEWED: Action = Action::new("audit.viewed");

/// The most entries that one statement adds.
const BATCH: usize = 500;

/// How many entries there are in the log of the search path.
pub(crate) async fn size(conn: &mut PgConnection) -> Result<u64, Error> {
    sql::size(conn).await
}

/// Begins a log and makes its owner's keys.
pub(crate) async fn begin(conn: &mut PgConnection, by: &impl Transact, log: LogId) -> Result<(), Error> {
    Ok(begin_with(conn, by.keys(), by.randomness(), log, by.now()).await?)
}

/// As [`begin`], before there is a portal.
pub(crate) async fn begin_with(
    conn: &mut PgConnection,
    keys: &KeyRing,
    randomness: &dyn Randomness,
    log: LogId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sql::begin(conn).await?;
    keys.create(conn, log, randomness, now).await
}

/// Whether a log was begun here.
pub(crate) async fn has_begun(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sql::has_begun(conn).await
}

/// Appends the entry of an act, in the act's transaction and as its last statements: the log's head
/// is locked from here to the end.
pub(crate) async fn append(conn: &mut PgConnection, by: &impl Transact, log: LogId, draft: Draft) -> Result<(), Error> {
    append_all(conn, by, log, [(by.now(), draft)]).await
}

/// As [`append`], for what happened at several times, the first of them first.
pub(crate) async fn append_all(
    conn: &mut PgConnection,
    by: &impl Transact,
    log: LogId,
    drafts: impl IntoIterator<Item = (OffsetDateTime, Draft)>,
) -> Result<(), Error> {
    let key = by.keys().data(&mut *conn, log).await?;
    let mut frontier = sql::lock_head(&mut *conn).await?;
    let mut written = Vec::new();
    for (at, draft) in drafts {
        let index = frontier.size();
        let (entry, openings) = draft.seal(log, index, at, &mut || by.randomness().bytes());
        let sealed = Sealed::new(&key, log, &index, &Openings(openings), by.randomness())?;
        frontier.append(entry.leaf());
        written.push(sql::NewEntry::new(&entry, &sealed)?);
        if written.len() == BATCH {
            sql::add_all(&mut *conn, std::mem::take(&mut written)).await?;
        }
    }
    sql::add_all(&mut *conn, written).await?;
    sql::move_head(conn, &frontier).await
}

/// The openings of an entry's commitments.
struct Openings(Vec<Opening>);

impl Sealable for Openings {
    const TABLE: &'static str = "audit_entries";
    const COLUMN: &'static str = "openings";

    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        serde_json::to_vec(&self.0).map(Zeroizing::new).map_err(Error::internal)
    }

    fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        serde_json::from_slice(&plain).map(Self).map_err(Error::internal)
    }
}

/// One page of the organization's log, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, cursor: Option<&Cursor>) -> Result<Page<EntryView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let total = size(tx.conn()).await?;
    let rows = sql::list(tx.conn(), cursor).await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    tx.close();
    let rows = rows.into_iter().map(|row| row.open(&key, log)).collect();
    Ok(Page::assemble(rows, cursor, total, |row| (String::new(), row.index.to_string())))
}

/// The newest entries of what somebody did here, or of what was done to them: at most so many.
///
/// # Errors
/// As [`list`].
pub async fn about(access: &Access, id: AccountId, most: u8) -> Result<Vec<EntryView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "account", id).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let rows = sql::about(tx.conn(), id, most.into()).await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    tx.close();
    Ok(rows.into_iter().map(|row| row.open(&key, log)).collect())
}

/// One entry.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, index: u64) -> Result<EntryView, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let row = sql::lookup(tx.conn(), index).await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    tx.close();
    Ok(row.ok_or(Problem::NotFound)?.open(&key, log))
}

/// The log's state, as a signed note that anybody can keep and hold against a later export, and the
/// key that verifies it.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn checkpoint(access: &Access) -> Result<(String, String), Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let frontier = sql::head(tx.conn()).await?;
    let signer = access.request().keys().signer(tx.conn(), log).await?;
    tx.close();
    Ok((Checkpoint::of(log, &frontier).sign(&signer), signer.verifier().to_string()))
}
