//! The audit logs in the database: appending, reading, exporting.
//!
//! The format, the hashing and the verification are [`domain::audit`]'s. Statements here name no
//! schema: the transaction's search path says whose log it is.

mod archive;
mod checkpoints;
mod copied;
mod damage;
mod export;
mod files;
mod held;
pub mod holds;
mod keeper;
mod mailing;
mod retention;
mod search;
mod sql;
mod table;
mod taken;
mod terms;
mod view;
pub mod views;

use domain::audit::{Action, Checkpoint, Draft, Frontier, Hash, LogId, Opening};
use domain::ids::AccountId;
use domain::problem::Problem;
use domain::roles::Permission;
use sqlx::PgConnection;
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub use checkpoints::{CheckpointView, checkpoint_note, checkpoints, consistency, proof, take_checkpoint};
pub(crate) use copied::{make_own, recount};
pub(crate) use export::EXPORTED;
pub use export::{Export, Format, begin_export, export, prepare_export};
pub(crate) use export::{begin_in, require_to_export};
pub use keeper::Keeper;
pub use mailing::{CheckpointMail, CheckpointMailForm, HOURS, change_checkpoint_mail, checkpoint_mail};
pub(crate) use retention::kept_since;
pub(crate) use search::find;
pub use search::{Bar, Found, Histogram, recent, search};
pub use view::{Damage, EntryView};

use self::terms::Terms;
use crate::access::{Access, Asking};
use crate::edges::{Randomness, RandomnessExt};
use crate::error::Error;
use crate::keys::{KeyRing, Sealable, Sealed};
use crate::store::Transact;

pub(crate) const VIEWED: Action = Action::new("audit.viewed");

/// The most entries that one statement adds.
const BATCH: usize = 500;

/// Has every statement of this transaction given up that takes too long ([`Problem::TookTooLong`]).
pub(crate) async fn limit(conn: &mut PgConnection) -> Result<(), Error> {
    sql::search::prepare(conn).await
}

/// How many entries there are in the log of the search path.
pub(crate) async fn size(conn: &mut PgConnection) -> Result<u64, Error> {
    sql::size(conn).await
}

/// The state of the log of the search path.
pub(crate) async fn head(conn: &mut PgConnection) -> Result<Frontier, Error> {
    sql::head(conn).await
}

/// How many entries there are in the log of the search path, and the root of their tree.
pub(crate) async fn root(conn: &mut PgConnection) -> Result<(u64, Hash), Error> {
    let head = sql::head(conn).await?;
    Ok((head.size(), head.root()))
}

/// How the log of the search path stands.
pub(crate) struct State {
    /// How many entries there are.
    pub(crate) size: u64,
    /// The newest checkpoint: its size, and when it was signed.
    pub(crate) checkpoint: Option<(u64, OffsetDateTime)>,
    /// Somebody has damaged it, by what was seen last.
    pub(crate) damaged: bool,
}

/// How the log of the search path stands.
pub(crate) async fn state(conn: &mut PgConnection) -> Result<State, Error> {
    let size = sql::size(&mut *conn).await?;
    let newest = sql::checkpoints::newest(&mut *conn).await?;
    let damaged = sql::damaged(conn).await?.is_some();
    Ok(State { size, checkpoint: newest.map(|row| (u64::try_from(row.size).unwrap_or(0), row.at)), damaged })
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
    let terms = Terms::new(&key);
    let mut frontier = sql::lock_head(&mut *conn).await?;
    let mut written = Vec::new();
    for (at, draft) in drafts {
        let index = frontier.size();
        let words = terms.of(&draft);
        let (entry, openings) = draft.seal(log, index, at, &mut || by.randomness().bytes());
        let sealed = Sealed::new(&key, log, &index, &Openings(openings), by.randomness())?;
        frontier.append(entry.leaf());
        written.push(sql::NewEntry::new(&entry, &sealed, &words)?);
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

/// Goes on only for whoever may look: what the page that verifies files asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare(access: &Access) -> Result<(), Error> {
    access.require(Permission::ViewAudit, VIEWED).await
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

/// The newest entries of what was done to something, in a transaction of the organization's: at most so many.
pub(crate) async fn history(
    access: &Access,
    conn: &mut PgConnection,
    target: &str,
    most: u8,
) -> Result<Vec<EntryView>, Error> {
    let log = LogId::Tenant(access.tenant());
    let rows = sql::history(conn, target, most.into()).await?;
    let key = access.request().keys().data(conn, log).await?;
    Ok(rows.into_iter().map(|row| row.open(&key, log)).collect())
}

/// One entry, and what is next to it in the log.
#[derive(Clone, Debug)]
pub struct EntryDetail {
    /// The entry.
    pub entry: EntryView,
    /// The one after it.
    pub newer: Option<u64>,
    /// The one before it.
    pub older: Option<u64>,
}

/// One entry.
///
/// # Errors
/// Forbidden; not found.
pub async fn detail(access: &Access, index: u64) -> Result<EntryDetail, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let row = lookup_row(tx.conn(), index).await?;
    let size = size(tx.conn()).await?;
    let key = access.request().keys().data(tx.conn(), access.log()).await?;
    tx.close();
    Ok(EntryDetail {
        entry: row.open(&key, access.log()),
        newer: Some(index + 1).filter(|newer| *newer < size),
        older: index.checked_sub(1),
    })
}

/// One entry, for programs.
pub(crate) async fn lookup(asking: &impl Asking, index: u64) -> Result<EntryView, Error> {
    let mut tx = asking.begin().await?;
    let row = lookup_row(tx.conn(), index).await?;
    let key = asking.request().keys().data(tx.conn(), asking.log()).await?;
    tx.close();
    Ok(row.open(&key, asking.log()))
}

async fn lookup_row(conn: &mut PgConnection, index: u64) -> Result<sql::EntryRow, Error> {
    Ok(sql::lookup(conn, index).await?.ok_or(Problem::NotFound)?)
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
