//! Queries on audit logs. The search path says whose.

pub(super) mod checkpoints;
pub(super) mod holds;
pub(super) mod hours;
pub(super) mod mailing;
pub(super) mod retention;
pub(super) mod search;
pub(super) mod terms;
pub(super) mod tree;

use domain::audit::export::{damaged_line, entry_line, removed_line, unreadable_line};
use domain::audit::{Entry, Frontier, Hash, LogId, Opening, Outcome};
use domain::ids::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::terms::Terms;
use super::{EntryView, Openings};
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::{Sealed, SealingKey};

pub(super) async fn begin(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("INSERT INTO audit_head (id, size, peaks) VALUES (1, 0, '')").execute(&mut *conn).await?;
    sqlx::query!("INSERT INTO audit_progress (id, counted, unindexed, blocks, checked) VALUES (1, 0, 0, 0, 0)")
        .execute(conn)
        .await?;
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
    /// An array, in Postgres' own words: an array of arrays of different lengths is none to it.
    terms: String,
}

/// Numbers as an array in Postgres' own words.
fn array(numbers: &[i64]) -> String {
    format!("{{{}}}", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

impl NewEntry {
    pub(super) fn new(entry: &Entry, openings: &Sealed<Openings>, terms: &[i64]) -> Result<Self, Error> {
        Ok(Self {
            index: number(entry.index)?,
            at: entry.at,
            action: entry.action.as_str().to_owned(),
            outcome: entry.outcome.code(),
            actor: entry.actor.id.map(|id| id.0),
            target: entry.target.id.clone(),
            canonical: String::from_utf8(entry.canonical()).map_err(Error::internal)?,
            leaf: entry.leaf().0.to_vec(),
            openings: openings.as_bytes().to_vec(),
            terms: array(terms),
        })
    }
}

/// Adds entries, all of them in one statement.
pub(super) async fn add_all(conn: &mut PgConnection, entries: Vec<NewEntry>) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO audit_entries (index, at, action, outcome, actor_id, target_id, canonical, leaf, openings, terms)
         SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings, terms::bigint[]
         FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::text[],
                     $7::text[], $8::bytea[], $9::bytea[], $10::text[])
              AS entry (index, at, action, outcome, actor_id, target_id, canonical, leaf, openings, terms)",
        &entries.iter().map(|entry| entry.index).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.at).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.action.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.outcome.to_owned()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.actor).collect::<Vec<_>>() as &[Option<Uuid>],
        &entries.iter().map(|entry| entry.target.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.canonical.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.leaf.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.openings.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|entry| entry.terms.clone()).collect::<Vec<_>>()
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
    pub(super) at: OffsetDateTime,
    pub(super) action: String,
    outcome: String,
    actor_id: Option<Uuid>,
    target_id: String,
    pub(super) canonical: String,
    leaf: Vec<u8>,
    openings: Sealed<Openings>,
}

impl EntryRow {
    /// Whether retention has taken the entry away: its hash is left, and what the columns beside it say.
    pub(super) fn is_archived(&self) -> bool {
        self.canonical.is_empty() && self.openings.as_bytes().is_empty() && self.leaf().is_ok()
    }

    /// Whether this is the row of an entry: in its place, and found by what it says.
    pub(super) fn is_of(&self, entry: &Entry, log: LogId) -> bool {
        entry.log == log
            && number(entry.index).is_ok_and(|index| index == self.index)
            && entry.at == self.at
            && entry.action.as_str() == self.action
            && entry.outcome.code() == self.outcome
            && entry.actor.id.map(|id| id.0) == self.actor_id
            && entry.target.id == self.target_id
    }

    /// The openings of the entry's commitments.
    fn unseal(&self, key: &SealingKey, log: LogId) -> Result<Vec<Opening>, Error> {
        let opened = self.openings.open(key, log, &self.index).map_err(|error| self.damaged(log, error))?;
        Ok(opened.0)
    }

    /// As [`EntryRow::unseal`], if all of them are the entry's own.
    fn openings_of(&self, entry: &Entry, key: &SealingKey, log: LogId) -> Result<Vec<Opening>, Error> {
        let openings = self.unseal(key, log)?;
        let is_its_own = |opening: &Opening| entry.commitments().any(|own| own == opening.commitment());
        if openings.iter().all(is_its_own) { Ok(openings) } else { Err(self.damaged(log, "it has foreign values")) }
    }

    /// The hash that is stored with it.
    pub(super) fn leaf(&self) -> Result<Hash, Error> {
        self.leaf.as_slice().try_into().map(Hash).map_err(Error::internal)
    }

    /// The canonical bytes, and what they disclose: of an entry that is the one that was hashed.
    pub(super) fn disclose(&self, key: &SealingKey, log: LogId) -> Result<(String, Vec<Opening>), Error> {
        self.parse(log)?;
        Ok((self.canonical.clone(), self.unseal(key, log)?))
    }

    /// The same as an entry of another log, whose data the same key seals. One that is not what was hashed stays as it is,
    /// and so does what retention has left of one, and what does not open.
    pub(super) fn renewed(
        &self,
        key: &SealingKey,
        (from, to): (LogId, LogId),
        randomness: &dyn Randomness,
    ) -> Result<RenewedEntry, Error> {
        let as_it_is = |leaf| RenewedEntry {
            index: self.index,
            canonical: self.canonical.clone(),
            leaf,
            openings: self.openings.as_bytes().to_vec(),
        };
        if self.is_archived() {
            return Ok(as_it_is(self.leaf()?));
        }
        let Ok(mut entry) = self.parse(from) else { return Ok(as_it_is(self.leaf()?)) };
        entry.log = to;
        let mut renewed = RenewedEntry {
            canonical: String::from_utf8(entry.canonical()).map_err(Error::internal)?,
            ..as_it_is(entry.leaf())
        };
        if let Ok(openings) = self.openings.open(key, from, &self.index) {
            let sealed = Sealed::new(key, to, &self.index, &openings, randomness)?;
            renewed.openings = sealed.as_bytes().to_vec();
        }
        Ok(renewed)
    }

    /// The numbers of its words; none for one that is damaged, or was taken away.
    pub(super) fn terms(&self, key: &SealingKey, log: LogId, terms: &Terms) -> Vec<i64> {
        if self.is_archived() {
            return Vec::new();
        }
        let Ok(entry) = self.parse(log) else { return Vec::new() };
        let openings = self.unseal(key, log).unwrap_or_default();
        let address = entry.context.ip.as_ref().and_then(|ip| ip.reveal(&openings)).and_then(|ip| ip.parse().ok());
        // As in a draft: the address is no word, and the device is not looked for.
        let named = [&entry.actor.name, &entry.target.name, &entry.reason].into_iter().flatten();
        let values = named.chain(entry.changes.iter().flat_map(|change| change.before.iter().chain(&change.after)));
        let words = values.filter_map(|value| value.reveal(&openings));
        let plain = [entry.action.as_str(), &entry.target.id].into_iter().chain(entry.context.request_id.as_deref());
        terms.of_texts(plain.chain(words), address)
    }

    /// Its line of an export, with the hash that is stored with it: whether that is the hash of
    /// the entry is for the export's reader to see. A damaged entry has a line that says so, and
    /// the export goes on.
    pub(super) fn line(&self, key: &SealingKey, log: LogId) -> String {
        if let Some(line) = self.removed_line() {
            return line;
        }
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

    /// Its line of an export, if retention has taken it away.
    pub(super) fn removed_line(&self) -> Option<String> {
        let index = u64::try_from(self.index).ok().filter(|_| self.is_archived())?;
        self.leaf().ok().map(|leaf| removed_line(index, leaf))
    }

    /// Its line of an export, if there is nothing wrong with it and it discloses what was not erased.
    pub(super) fn whole_line(&self, key: &SealingKey, log: LogId) -> Option<String> {
        let openings = self.openings_of(&self.parse(log).ok()?, key, log).ok()?;
        entry_line(&self.canonical, self.leaf().ok()?, openings).ok()
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
        if !self.is_of(&entry, log) {
            return Err(self.damaged(log, "it belongs in another place, or the columns beside it say something else"));
        }
        Ok(entry)
    }

    /// The entry as it is shown. What does not hold is shown as damaged, and the rest of a page goes on.
    pub(super) fn open(self, key: &SealingKey, log: LogId) -> EntryView {
        if self.is_archived() {
            let index = u64::try_from(self.index).unwrap_or(0);
            let outcome = Outcome::from_code(&self.outcome).unwrap_or(Outcome::Done);
            return EntryView::archived(index, self.at, self.action, outcome, hex::encode(self.leaf));
        }
        let Ok(entry) = self.parse(log) else {
            let index = u64::try_from(self.index).unwrap_or(0);
            return EntryView::damaged(index, self.at, hex::encode(self.leaf), self.canonical);
        };
        let openings = self.openings_of(&entry, key, log);
        EntryView::new(entry, openings.ok().as_deref(), self.canonical)
    }
}

/// An entry as another log has it.
pub(super) struct RenewedEntry {
    index: i64,
    canonical: String,
    pub(super) leaf: Hash,
    openings: Vec<u8>,
}

/// Writes entries anew.
pub(super) async fn renew_all(conn: &mut PgConnection, entries: Vec<RenewedEntry>) -> Result<(), Error> {
    let indexes: Vec<_> = entries.iter().map(|entry| entry.index).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| entry.leaf.0.to_vec()).collect();
    let (canonical, openings): (Vec<_>, Vec<_>) =
        entries.into_iter().map(|entry| (entry.canonical, entry.openings)).unzip();
    sqlx::query!(
        "UPDATE audit_entries e SET canonical = renewed.canonical, leaf = renewed.leaf, openings = renewed.openings
         FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[]) AS renewed (index, canonical, leaf, openings)
         WHERE e.index = renewed.index",
        &indexes,
        &canonical,
        &leaves,
        &openings
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what was made of hashes that have changed: those of subtrees, checkpoints, and how far somebody has looked.
pub(super) async fn forget_hashes(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("DELETE FROM audit_nodes").execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM audit_checkpoints").execute(&mut *conn).await?;
    sqlx::query!("UPDATE audit_progress SET blocks = 0, checked = 0, damaged = NULL WHERE id = 1")
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn lookup(conn: &mut PgConnection, index: u64) -> Result<Option<EntryRow>, Error> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    let row = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries WHERE index = $1",
        index
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// The newest entries.
pub(super) async fn newest(conn: &mut PgConnection, limit: i64) -> Result<Vec<EntryRow>, Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries ORDER BY index DESC LIMIT $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The newest entries of what somebody did, or of what was done to them.
pub(super) async fn about(conn: &mut PgConnection, id: AccountId, limit: i64) -> Result<Vec<EntryRow>, Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries WHERE index IN (
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

/// Whether damage to an entry is on record.
pub(super) async fn is_reported(conn: &mut PgConnection, action: &str, index: u64) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM audit_entries WHERE target_id = $2 AND action = $1 LIMIT 1"#,
        action,
        index.to_string()
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// The entry that was found damaged when somebody looked last.
pub(super) async fn damaged(conn: &mut PgConnection) -> Result<Option<i64>, Error> {
    Ok(sqlx::query_scalar!("SELECT damaged FROM audit_progress WHERE id = 1").fetch_one(conn).await?)
}

/// Notes which entry was found damaged, or that none was.
pub(super) async fn set_damaged(conn: &mut PgConnection, damaged: Option<i64>) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE audit_progress SET damaged = $1::bigint WHERE id = 1 AND damaged IS DISTINCT FROM $1::bigint",
        damaged
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// From which entry on older entries are looked at for damage.
pub(super) async fn checked(conn: &mut PgConnection) -> Result<i64, Error> {
    let checked = sqlx::query_scalar!("SELECT checked FROM audit_progress WHERE id = 1 FOR UPDATE").fetch_one(conn);
    Ok(checked.await?)
}

/// Notes from which entry on the next time.
pub(super) async fn set_checked(conn: &mut PgConnection, checked: i64) -> Result<(), Error> {
    sqlx::query!("UPDATE audit_progress SET checked = $1 WHERE id = 1", checked).execute(conn).await?;
    Ok(())
}

/// When an entry was written.
pub(super) async fn at(conn: &mut PgConnection, index: i64) -> Result<Option<OffsetDateTime>, Error> {
    let at = sqlx::query_scalar!("SELECT at FROM audit_entries WHERE index = $1", index).fetch_optional(conn).await?;
    Ok(at)
}

/// The newest entries of what was done to something.
pub(super) async fn history(conn: &mut PgConnection, target: &str, limit: i64) -> Result<Vec<EntryRow>, Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries
         WHERE target_id = $1 ORDER BY index DESC LIMIT $2",
        target,
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
        "SELECT index, at, action, outcome, actor_id, target_id, canonical, leaf, openings FROM audit_entries
         WHERE index >= $1 AND index < $2 ORDER BY index",
        from,
        until
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
