//! Taking away entries that are older than the policy has them kept: class by class, month by month.
//!
//! What goes is written into an archive first, and is emptied in the transaction that says so in the trail. The hashes
//! stay where they are, so that every proof and every checkpoint is as good as before. What a hold is on stays.

use std::collections::HashSet;
use std::path::Path;

use domain::audit::export::Manifest;
use domain::audit::{ACTS, Action, Actor, AuditQuery, Draft, Public, Retention};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, Time, UtcOffset};

use super::archive::Archive;
use super::checkpoints::filled_state;
use super::search;
use super::sql::retention::{self as sql, Progress};
use super::sql::search::{self as entries, Wanted};
use super::sql::{holds, hours};
use crate::Portal;
use crate::error::Error;
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

const ARCHIVED: Action = Action::new("audit.archived");

/// How many entries are read at a time.
const BATCH: i64 = 500;
/// How long a trail is left alone once it was looked through: somewhat less than the day after which its turn comes again.
const PAUSE: Duration = Duration::hours(23);

/// From when on entries of a class are kept, if older ones were taken away.
pub(crate) async fn kept_since(conn: &mut PgConnection, class: Retention) -> Result<Option<OffsetDateTime>, Error> {
    Ok(sql::lookup(conn, class).await?.and_then(|progress| progress.cut_at))
}

/// Looks through the trail of an organization for what is too old, unless that was done today, and takes it away: each
/// month in a transaction of its own, as long as it may go on.
pub(super) async fn run(
    portal: &Portal,
    tenant: &TenantRef,
    directory: &Path,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(), Error> {
    let now = portal.now();
    let mut tx = portal.store().tenant(tenant).await?;
    let policy = policy::in_force(&mut tx).await?;
    let mut due = Vec::new();
    for class in Retention::ALL {
        let Some(days) = policy.document().retain_days(class) else { continue };
        let last = sql::lookup(tx.conn(), class).await?.and_then(|progress| progress.looked_at);
        if last.is_none_or(|last| now - last >= PAUSE) {
            due.push((class, month_of(now - Duration::days(days.into()))));
        }
    }
    tx.close();
    let archivist = Archivist { portal, tenant, directory, now };
    for (class, cut) in due {
        while may_go_on() && archivist.look_through(class, cut).await? {}
    }
    Ok(())
}

struct Archivist<'a> {
    portal: &'a Portal,
    tenant: &'a TenantRef,
    directory: &'a Path,
    now: OffsetDateTime,
}

/// What tells of archives, holds and damage stays: an archive is compared with it.
const STAYS: [&str; 4] = ["audit.archived", "audit.damaged", "audit.hold_placed", "audit.hold_released"];

/// Entries of a class from one month.
struct Month {
    class: Retention,
    begin: OffsetDateTime,
    end: OffsetDateTime,
    from: i64,
    until: i64,
}

impl Archivist<'_> {
    /// Looks through the next month: false, when there is none any more before this one.
    async fn look_through(&self, class: Retention, cut: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.portal.store().administer(self.tenant).await?;
        entries::prepare(tx.conn()).await?;
        let before = sql::lock(tx.conn(), class).await?;
        let holds = holds::counts(tx.conn()).await?;
        // What was held until it was released may go now.
        let from = if holds.released == before.released { before.until } else { 0 };
        let begin = hours::first_from(tx.conn(), from).await?.map(month_of).filter(|month| *month < cut);
        let end = begin.map_or(cut, |month| month_of(month + Duration::days(31)));
        // By hours that were counted, and never beyond the log: what goes is judged by its own time.
        let size = super::sql::number(super::sql::size(tx.conn()).await?)?;
        let until = hours::end_of(tx.conn(), end).await?.min(size).max(from);
        let progress = Progress {
            until,
            cut_at: before.cut_at.max(Some(end)),
            released: holds.released,
            looked_at: if begin.is_none() { Some(self.now) } else { before.looked_at },
        };
        sql::save(tx.conn(), class, &progress).await?;
        let Some(begin) = begin else {
            tx.keep().await?;
            return Ok(false);
        };
        let month = Month { class, begin, end, from, until };
        let Some((archive, taken)) = self.take(&mut tx, &month).await? else {
            tx.keep().await?;
            return Ok(true);
        };
        holds::freeze(tx.conn()).await?;
        if holds::counts(tx.conn()).await? != holds {
            // A hold that was placed meanwhile may be on what was taken: all of it once more.
            tx.close();
            return Ok(true);
        }
        let (file, hash) = archive.keep().await?;
        tracing::info!(organization = %self.tenant.id, file, taken, "archived old audit entries");
        let entry = Draft::done(ARCHIVED, Actor::system())
            .target("organization", self.tenant.id, Public(self.tenant.name.clone()))
            .added("class", class.code())
            .added("month", Public(month.name()))
            .added("from", Public(from.to_string()))
            .added("until", Public(until.to_string()))
            .added("entries", Public(taken.to_string()))
            .added("sha256", Public(hash))
            .added("file", Public(file));
        tx.commit(&RequestContext::internal(self.portal), entry).await?;
        Ok(true)
    }

    /// Takes away what is to go of a month: the file of it, and how many entries that were; nothing, if none were.
    async fn take(&self, tx: &mut TenantTx, month: &Month) -> Result<Option<(Archive, u64)>, Error> {
        let mut wanted = month.wanted();
        if entries::count(tx.conn(), &wanted, 1).await? == 0 {
            return Ok(None);
        }
        let log = tx.log();
        let key = self.portal.keys().data(tx.conn(), log).await?;
        let mut holds = Vec::new();
        for query in holds::active(tx.conn()).await? {
            holds.push(search::wanted(tx, &AuditQuery::from_text(&query), &key, self.now).await?);
        }
        let mut archive = self.begin(tx, month).await?;
        let mut taken = 0;
        loop {
            let rows = entries::find(tx.conn(), &wanted, true, BATCH).await?;
            let Some(last) = rows.last() else { break };
            wanted.low = last.index + 1;
            let held = held(tx, &holds, rows.iter().map(|row| row.index).collect()).await?;
            let mut due = Vec::new();
            for row in &rows {
                let line = match row.removed_line() {
                    None if held.contains(&row.index) => None,
                    // One that is not as it was hashed is evidence, and stays where it is.
                    None => row.whole_line(&key, log).inspect(|_| due.push(row.index)),
                    removed => removed,
                };
                if let Some(line) = line {
                    archive.add(tx, number(row.index)?, &line).await?;
                }
            }
            sql::empty(tx.conn(), &due).await?;
            taken += due.len() as u64;
        }
        archive.pass(tx, number(month.until)?).await?;
        Ok((taken > 0).then_some((archive, taken)))
    }

    /// Begins the file of a month.
    async fn begin(&self, tx: &mut TenantTx, month: &Month) -> Result<Archive, Error> {
        let log = tx.log();
        let before = filled_state(tx, number(month.from)?).await?;
        let after = filled_state(tx, number(month.until)?).await?;
        let signer = self.portal.keys().signer(tx.conn(), log).await?;
        let manifest = Manifest::new(log, &before, &after, self.now, &signer);
        let manifest = manifest.filtered(format!("retention={}", month.class.code()));
        let directory = self.directory.join(self.tenant.id.to_string());
        Archive::begin(directory, format!("{}-{}", month.name(), month.class.code()), manifest).await
    }
}

impl Month {
    fn name(&self) -> String {
        format!("{}-{:02}", self.begin.year(), u8::from(self.begin.month()))
    }

    /// Its entries. What an act is that this program does not know, and how long that is kept, nobody can say.
    fn wanted(&self) -> Wanted {
        let acts = ACTS.iter().filter(|act| act.retention == self.class && !STAYS.contains(&act.code));
        Wanted {
            low: self.from,
            high: self.until,
            from: None,
            until: Some(self.end),
            actions: Some(acts.map(|act| act.code.to_owned()).collect()),
            outcome: None,
            actor: None,
            target: None,
            terms: None,
        }
    }
}

/// Which of these entries a hold is on.
async fn held(tx: &mut TenantTx, holds: &[Wanted], indexes: Vec<i64>) -> Result<HashSet<i64>, Error> {
    let mut held = HashSet::new();
    for hold in holds {
        held.extend(entries::among(tx.conn(), hold, &indexes).await?);
    }
    Ok(held)
}

/// The beginning of the month, in UTC, that a time is in.
fn month_of(at: OffsetDateTime) -> OffsetDateTime {
    let day = at.to_offset(UtcOffset::UTC).replace_time(Time::MIDNIGHT);
    day - Duration::days(i64::from(day.day()) - 1)
}

fn number(index: i64) -> Result<u64, Error> {
    u64::try_from(index).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_month_begins_at_midnight_of_its_first_day_in_utc() {
        for (at, begin) in [
            (datetime!(2026-03-31 23:59:59 UTC), datetime!(2026-03-01 0:00 UTC)),
            (datetime!(2026-04-01 01:30 +2), datetime!(2026-03-01 0:00 UTC)),
            (datetime!(2028-02-29 12:00 UTC), datetime!(2028-02-01 0:00 UTC)),
            (datetime!(2027-01-01 0:00 UTC), datetime!(2027-01-01 0:00 UTC)),
        ] {
            assert_eq!(month_of(at), begin);
        }
        let mut month = datetime!(2026-01-01 0:00 UTC);
        for _ in 0..48 {
            let next = month_of(month + Duration::days(31));
            assert_eq!((next - Duration::DAY).month(), month.month(), "no month is left out");
            month = next;
        }
    }
}
