//! Queries on audit logs. The search path says whose.

use domain::audit::export::{damaged_line, entry_line, unreadable_line};
use domain::audit::{Entry, Frontier, Hash, LogId, Opening, Outcome};
use domain::ids::AccountId;
use domain::paging::{Cursor, PAGE_SIZE};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{EntryView, Openings};
use crate::error::Error;
use crate::keys::{Sealed, SealingKey};

pub(super) async fn begin(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("INSERT INTO audit_head (id, size, peaks) VALUES (1, 0, '')").execute(conn).await?;
    Ok(())
}

pub(super) async fn has_begun(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(r#"SELECT true AS "found!" FROM audit_head"#).fetch_optional(conn).await?;
    Ok(found.is_some())
}

fn frontier(size: i64, peaks: &[u8]) -> Result<Frontier, Error> {
    u64::try_from(size)
        .ok()
        .and_then(|size| Frontier::from_bytes(size, peaks))
        .ok_or_else(|| Error::internal("the head of an audit log is damaged"))
}

/// The state of the log, which nobody else can move until this transaction ends.
pub(super) async fn lock_head(conn: &mut PgConnection) -> Result<Frontier, Error> {
    let row = sqlx::query!("SELECT size, peaks FROM audit_head WHERE id = 1 FOR UPDATE").fetch_one(conn).await?;
    frontier(row.size, &row.peaks)
}

/// The state of the log.
pub(super) async fn head(conn: &mut PgConnection) -> Result<Frontier, Error> {
    let row = sqlx::query!("SELECT size, peaks FROM audit_head WHERE id = 1").fetch_one(conn).await?;
    frontier(row.size, &row.peaks)
}

pub(super) async fn size(conn: &mut PgConnection) -> Result<u64, Error> {
    Ok(head(conn).await?.size())
}

pub(super) async fn move_head(conn: &mut PgConnection, frontier: &Frontier) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE audit_head SET size = $1, peaks = $2 WHERE id = 1",
        number(frontier.size())?,
        frontier.peak_bytes()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An entry to be stored.
pub(super) struct NewEntry {
    index: i64,
    at: OffsetDateTime,
    action: String,
    outcome: &'static str,
    actor: Option<Uuid>,
    target: String,
    canonical: String,
    leaf: Vec<u8>,
    openings: Vec<u8>,
}

impl NewEntry {
    pub(super) fn new(entry: &Entry, openings: &Sealed<Openings>) -> Result<Self, Error> {
        let outcome = match entry.outcome {
            Outcome::Done => "done",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        };
        Ok(Self {
            index: number(entry.index)?,
            at: entry.at,
            action: entry.action.as_str().to_owned(),
            outcome,
            actor: entry.actor.id.map(|id| id.0),
            target: entry.target.id.clone(),
            canonical: String::from_utf8(entry.canonical()).map_err(Error::internal)?,
            leaf: entry.leaf().0.to_vec(),
            openings: openings.as_bytes().to_vec(),
        })
    }
}

/// Adds entries, all of them in one statement.
pub(super) async fn add_all(conn: &mut PgConnection, entries: Vec<NewEntry>) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO audit_entries (index, at, action, outcome, actor_id, target_id, canonical, leaf, openings)
         SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::text[],
                              $7::text[], $8::bytea[], $9::bytea[])",
        &entries.iter().map(|entry| entry.index).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.at).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.action.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.outcome.to_owned()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.actor).collect::<Vec<_>>() as &[Option<Uuid>],
        &entries.iter().map(|entry| entry.target.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.canonical.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.leaf.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.openings.clone()).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) fn number(index: u64) -> Result<i64, Error> {
    i64::try_from(index).map_err(Error::internal)
}

/// An entry as it is stored.
pub(super) struct EntryRow {
    pub(super) index: i64,
    at: OffsetDateTime,
    pub(super) canonical: String,
    leaf: Vec<u8>,
    openings: Sealed<Openings>,
}

impl EntryRow {
    /// The openings of the entry's commitments.
    fn unseal(&self, key: &SealingKey, log: LogId) -> Result<Vec<Opening>, Error> {
        let opened = self.openings.open(key, log, &self.index).map_err(|error| self.damaged(log, error))?;
        Ok(opened.0)
    }

    /// Its line of an export, with the hash that is stored with it: whether that is the hash of
    /// the entry is for the export's reader to see. A damaged entry has a line that says so, and
    /// the export goes on.
    pub(super) fn line(&self, key: &SealingKey, log: LogId) -> String {
        let written = || {
            let hash = self.leaf.as_slice().try_into().map(Hash).map_err(|error| self.damaged(log, error))?;
            match self.unseal(key, log) {
                Ok(openings) => entry_line(&self.canonical, hash, openings),
                Err(_on_record) => unreadable_line(&self.canonical, hash),
            }
            .map_err(|error| self.damaged(log, error))
        };
        written().unwrap_or_else(|_on_record| damaged_line(u64::try_from(self.index).unwrap_or(0)))
    }

    /// Says, also to whoever reads the program's log, which entry it is that cannot be read.
    fn damaged(&self, log: LogId, error: impl std::fmt::Display) -> Error {
        tracing::error!(%log, index = self.index, %error, "an audit entry is damaged");
        Error::internal(format!("audit entry {}: {error}", self.index))
    }

    /// The entry, if it is the one that was hashed, and in its place.
    fn parse(&self, log: LogId) -> Result<Entry, Error> {
        let entry = Entry::parse(self.canonical.as_bytes()).map_err(|error| self.damaged(log, error))?;
        if entry.leaf().0.as_slice() != self.leaf.as_slice() {
            return Err(self.damaged(log, "it does not have the hash beside it"));
        }
        if entry.log != log || number(entry.index)? != self.index {
            return Err(self.damaged(log, "it belongs in another place"));
        }
        Ok(entry)
    }

    /// The entry as it is shown. What does not hold is shown as damaged, and the rest of a page goes on.
    pub(super) fn open(self, key: &SealingKey, log: LogId) -> EntryView {
        let Ok(entry) = self.parse(log) else {
            let index = u64::try_from(self.index).unwrap_or(0);
            return EntryView::damaged(index, self.at, hex::encode(self.leaf), self.canonical);
        };
        let openings = self.unseal(key, log).and_then(|openings| {
            let is_its_own = |opening: &Opening| entry.commitments().any(|own| own == opening.commitment());
            if openings.iter().all(is_its_own) { Ok(openings) } else { Err(self.damaged(log, "it has foreign values")) }
        });
        EntryView::new(entry, openings.ok().as_deref(), self.canonical)
    }
}

pub(super) async fn lookup(conn: &mut PgConnection, index: u64) -> Result<Option<EntryRow>, Error> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    let row = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, canonical, leaf, openings FROM audit_entries WHERE index = $1",
        index
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// A page and one more, newest first.
pub(super) async fn list(conn: &mut PgConnection, cursor: Option<&Cursor>) -> Result<Vec<EntryRow>, Error> {
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let edge = |id: &str| id.parse::<i64>().ok();
    let rows = match cursor {
        Some(Cursor::Before(_, id)) if edge(id).is_some() => sqlx::query_as!(
            EntryRow,
            "SELECT index, at, canonical, leaf, openings FROM audit_entries WHERE index > $1 ORDER BY index LIMIT $2",
            edge(id),
            limit
        )
        .fetch_all(conn)
        .await?,
        cursor => {
            let below = match cursor {
                Some(Cursor::After(_, id)) => edge(id),
                _ => None,
            };
            sqlx::query_as!(
                EntryRow,
                "SELECT index, at, canonical, leaf, openings FROM audit_entries WHERE index < $1 ORDER BY index DESC LIMIT $2",
                below.unwrap_or(i64::MAX),
                limit
            )
            .fetch_all(conn)
            .await?
        }
    };
    Ok(rows)
}

/// The newest entries of what somebody did, or of what was done to them.
pub(super) async fn about(conn: &mut PgConnection, id: AccountId, limit: i64) -> Result<Vec<EntryRow>, Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, canonical, leaf, openings FROM audit_entries WHERE index IN (
             (SELECT index FROM audit_entries WHERE actor_id = $1 ORDER BY index DESC LIMIT $3)
             UNION (SELECT index FROM audit_entries WHERE target_id = $2 ORDER BY index DESC LIMIT $3))
         ORDER BY index DESC LIMIT $3",
        id.0,
        id.to_string(),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The entries from one index on, up to another, in order.
pub(super) async fn range(conn: &mut PgConnection, from: i64, until: i64) -> Result<Vec<EntryRow>, Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, canonical, leaf, openings FROM audit_entries WHERE index >= $1 AND index < $2 ORDER BY index",
        from,
        until
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
