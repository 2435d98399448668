//! The audit logs in the database: appending, reading, exporting.
//!
//! The format, the hashing and the verification are [`domain::audit`]'s. Statements here name no
//! schema: the transaction's search path says whose log it is.

mod export;
mod sql;

use domain::audit::{Action, Checkpoint, Draft, Entry, LogId, Opening, Value};
use domain::ids::AccountId;
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub(crate) use export::EXPORTED;
pub use export::export;

use crate::access::Access;
use crate::edges::{Randomness, RandomnessExt};
use crate::error::Error;
use crate::keys::{KeyRing, Place};
use crate::store::Transact;

const VIEWED: Action = Action::new("audit.viewed");

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
    let key = by.keys().data(&mut *conn, log).await.map_err(Error::internal)?;
    let mut frontier = sql::lock_head(&mut *conn).await?;
    for (at, draft) in drafts {
        let index = frontier.size();
        let (entry, openings) = draft.seal(log, index, at, &mut || by.randomness().bytes());
        let plain = serde_json::to_vec(&openings).map_err(Error::internal)?;
        let sealed = key.seal(&place(&log.to_string(), &index.to_string()), &plain, by.randomness());
        frontier.append(entry.leaf());
        sql::add(&mut *conn, &entry, &sealed).await?;
    }
    sql::move_head(conn, &frontier).await
}

fn place<'a>(log: &'a str, row: &'a str) -> Place<'a> {
    Place { tenant: log, table: "audit_entries", column: "openings", row }
}

/// An entry as it is shown: with its personal values, as far as they were not erased.
#[derive(Clone, Debug)]
pub struct EntryView {
    /// Its place in the log.
    pub index: u64,
    /// When it happened.
    pub at: OffsetDateTime,
    /// What was done, such as `member.role_changed`.
    pub action: String,
    /// Whether it was done, denied or failed.
    pub outcome: domain::audit::Outcome,
    /// In which capacity somebody did it.
    pub actor_kind: domain::audit::ActorKind,
    /// The account of who did it.
    pub actor: Option<AccountId>,
    /// Their name at that time.
    pub actor_name: Option<String>,
    /// Kind of what it was done to.
    pub target_kind: String,
    /// Id of what it was done to.
    pub target: String,
    /// Its name at that time.
    pub target_name: Option<String>,
    /// What is different: field, before, after.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    /// Why.
    pub reason: Option<String>,
    /// The address that it came from.
    pub ip: Option<String>,
    /// What the browser said it is.
    pub device: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Its hash in the tree.
    pub leaf: String,
    /// The bytes that are hashed.
    pub canonical: String,
    /// What is wrong with it as it is stored.
    pub damage: Option<Damage>,
}

/// What somebody has done to an entry behind the portal's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The entry is not the one that was hashed: nothing of it is to be believed.
    Entry,
    /// The entry holds, and the sealed personal values beside it do not match it.
    Values,
}

/// What stands for a value that was erased.
const ERASED: &str = "(erased)";
/// What stands for a value whose sealed opening does not match the entry.
const UNREADABLE: &str = "(unreadable)";

impl EntryView {
    /// Without openings, those that are stored do not match.
    fn new(entry: Entry, openings: Option<&[Opening]>, canonical: String) -> Self {
        let missing = if openings.is_some() { ERASED } else { UNREADABLE };
        let known = openings.unwrap_or_default();
        let reveal = |value: &Value| value.reveal(known).unwrap_or(missing).to_owned();
        let optional = |value: &Option<Value>| value.as_ref().map(reveal);
        Self {
            index: entry.index,
            at: entry.at,
            action: entry.action.to_string(),
            outcome: entry.outcome,
            actor_kind: entry.actor.kind,
            actor: entry.actor.id,
            actor_name: optional(&entry.actor.name),
            target_kind: entry.target.kind.clone(),
            target: entry.target.id.clone(),
            target_name: optional(&entry.target.name),
            changes: entry
                .changes
                .iter()
                .map(|change| (change.field.clone(), optional(&change.before), optional(&change.after)))
                .collect(),
            reason: optional(&entry.reason),
            ip: optional(&entry.context.ip),
            device: optional(&entry.context.device),
            request_id: entry.context.request_id.clone(),
            leaf: entry.leaf().to_string(),
            canonical,
            damage: openings.is_none().then_some(Damage::Values),
        }
    }

    /// An entry of which only the place is known. The time is that of a column that nothing vouches for.
    fn damaged(index: u64, at: OffsetDateTime, leaf: String, canonical: String) -> Self {
        Self {
            index,
            at,
            action: String::new(),
            outcome: domain::audit::Outcome::Failed,
            actor_kind: domain::audit::ActorKind::System,
            actor: None,
            actor_name: Some(UNREADABLE.to_owned()),
            target_kind: String::new(),
            target: String::new(),
            target_name: None,
            changes: Vec::new(),
            reason: None,
            ip: None,
            device: None,
            request_id: None,
            leaf,
            canonical,
            damage: Some(Damage::Entry),
        }
    }
}

/// One page of the organization's log, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, cursor: Option<&Cursor>) -> Result<Page<EntryView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let total = size(tx.conn()).await?;
    let rows = sql::list(tx.conn(), cursor).await?;
    let key = access.request().keys().data(tx.conn(), log).await.map_err(Error::internal)?;
    tx.end().await?;
    let rows = rows.into_iter().map(|row| row.open(&key, log)).collect();
    Ok(Page::assemble(rows, cursor, total, |row| (String::new(), row.index.to_string())))
}

/// One entry.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, index: u64) -> Result<EntryView, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let log = LogId::Tenant(access.tenant());
    let mut tx = access.begin().await?;
    let row = sql::lookup(tx.conn(), index).await?;
    let key = access.request().keys().data(tx.conn(), log).await.map_err(Error::internal)?;
    tx.end().await?;
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
    let signer = access.request().keys().signer(tx.conn(), log).await.map_err(Error::internal)?;
    tx.end().await?;
    Ok((Checkpoint::of(log, &frontier).sign(&signer), signer.verifier().to_string()))
}
