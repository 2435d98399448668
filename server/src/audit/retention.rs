//! Taking away entries that are older than the policy has them kept: class by class, month by month.
//!
//! What goes is written into an archive first, and is emptied in the transaction that says so in the trail. The hashes
//! stay where they are, so that every proof and every checkpoint is as good as before. What a hold is on stays, and so does
//! what is not as it was hashed; as long as the stored hashes are not those that were signed, nothing goes.

use std::path::Path;

use domain::audit::export::Manifest;
use domain::audit::{ACTS, Action, Actor, AuditQuery, Draft, Public, Retention};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, Time, UtcOffset};

use super::archive::Archive;
use super::checkpoints::filled_state;
use super::held::{Hold, held};
use super::search;
use super::sql::retention::{self as sql, Progress};
use super::sql::search::{self as entries, Wanted};
use super::sql::{EntryRow, holds, hours};
use crate::Portal;
use crate::error::Error;
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

const ARCHIVED: Action = Action::new("audit.archived");

/// How many entries are read at a time.
const BATCH: i64 = 500;
/// How many entries one statement looks through for them.
const WINDOW: i64 = 100_000;
/// How long a trail is left alone once it was looked through: somewhat less than the day after which its turn comes again.
const PAUSE: Duration = Duration::hours(23);

/// From when on entries of a class are kept, if older ones were taken away.
pub(crate) async fn kept_since(conn: &mut PgConnection, class: Retention) -> Result<Option<OffsetDateTime>, Error> {
    Ok(sql::lookup(conn, class).await?.and_then(|progress| progress.cut_at))
}

/// Looks through the trail of an organization for what is too old, unless that was done today, and takes it away: each
/// month in a transaction of its own, as long as it may go on. Up to where the stored hashes are those that were signed: what
/// is not as it was hashed is known by them.
pub(super) async fn run(
    portal: &Portal,
    tenant: &TenantRef,
    (directory, signed): (&Path, u64),
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(), Error> {
    let now = portal.now();
    let mut tx = portal.store().tenant_at_work(tenant).await?;
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
    let archivist = Archivist { portal, tenant, directory, signed, now };
    for (class, cut) in due {
        while may_go_on() && archivist.look_through(class, cut).await? {}
    }
    Ok(())
}

struct Archivist<'a> {
    portal: &'a Portal,
    tenant: &'a TenantRef,
    directory: &'a Path,
    /// Up to where the stored hashes are those that were signed.
    signed: u64,
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
        let found = hours::first_from(tx.conn(), from).await?.map(month_of).filter(|month| *month < cut);
        let end = found.map_or(cut, |month| month_of(month + Duration::days(31)));
        // By hours that were counted: what goes is judged by its own time.
        let last = hours::end_of(tx.conn(), end).await?;
        let until = last.min(super::sql::number(self.signed)?).max(from);
        let begin = found.filter(|_| until > from);
        let progress = Progress {
            until,
            cut_at: if until >= last { before.cut_at.max(Some(end)) } else { before.cut_at },
            released: holds.released,
            looked_at: if begin.is_none() { Some(self.now) } else { before.looked_at },
        };
        sql::save(tx.conn(), class, &progress).await?;
        let Some(begin) = begin else {
            tx.keep().await?;
            return Ok(false);
        };
        let month = Month { class, begin, end, from, until };
        let (archive, taken) = match self.take(&mut tx, &month).await? {
            Take::Some(archive, taken) => (archive, taken),
            Take::Nothing => {
                tx.keep().await?;
                return Ok(true);
            }
            Take::Damaged => {
                tx.close();
                self.pass_over(class, &progress).await?;
                return Ok(true);
            }
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

    /// Leaves a month as it is, whose archive could not be verified, and goes on with the next: the entries stay until the
    /// trail is whole again.
    async fn pass_over(&self, class: Retention, progress: &Progress) -> Result<(), Error> {
        tracing::error!(organization = %self.tenant.id, class = class.code(), until = progress.until, "damaged entries stay");
        let mut tx = self.portal.store().administer(self.tenant).await?;
        let before = sql::lock(tx.conn(), class).await?;
        // What is empty besides was emptied by somebody else: that month was not taken away.
        sql::save(tx.conn(), class, &Progress { cut_at: before.cut_at, ..*progress }).await?;
        tx.keep().await
    }

    /// Takes away what is to go of a month.
    async fn take(&self, tx: &mut TenantTx, month: &Month) -> Result<Take, Error> {
        let mut wanted = month.wanted();
        if !is_any(tx, &wanted).await? {
            return Ok(Take::Nothing);
        }
        let log = tx.log();
        let key = self.portal.keys().data(tx.conn(), log).await?;
        let mut holds = Vec::new();
        for query in holds::active(tx.conn()).await? {
            holds.push(Hold::new(search::wanted(tx, &AuditQuery::from_text(&query), &key, self.now).await?));
        }
        let Some(mut archive) = self.begin(tx, month).await? else { return Ok(Take::Damaged) };
        let mut taken = 0;
        while wanted.low < month.until {
            let rows = read(tx, &mut wanted).await?;
            let held = held(tx, &holds, &rows, &key).await?;
            let (mut due, mut lines) = (Vec::new(), Vec::new());
            for row in &rows {
                let line = match row.removed_line() {
                    None if held.contains(&row.index) => None,
                    // One that is not as it was hashed is evidence, and stays where it is.
                    None => row.whole_line(&key, log).inspect(|_| due.push(row.index)),
                    removed => removed,
                };
                if let Some(line) = line {
                    lines.push((number(row.index)?, line));
                }
            }
            if !archive.add(tx, lines, None).await? {
                return Ok(Take::Damaged);
            }
            sql::empty(tx.conn(), &due).await?;
            taken += due.len() as u64;
        }
        if !archive.add(tx, Vec::new(), Some(number(month.until)?)).await? {
            return Ok(Take::Damaged);
        }
        Ok(if taken > 0 { Take::Some(Box::new(archive), taken) } else { Take::Nothing })
    }

    /// Begins the file of a month, if the state of the log before and after it is known.
    async fn begin(&self, tx: &mut TenantTx, month: &Month) -> Result<Option<Archive>, Error> {
        let log = tx.log();
        let before = filled_state(tx, number(month.from)?).await?;
        let after = filled_state(tx, number(month.until)?).await?;
        let Some((before, after)) = before.zip(after) else { return Ok(None) };
        let signer = self.portal.keys().signer(tx.conn(), log).await?;
        let manifest = Manifest::new(log, &before, &after, self.now, &signer);
        let manifest = manifest.filtered(format!("retention={}", month.class.code()));
        let directory = self.directory.join(self.tenant.id.to_string());
        let name = format!("{}-{}", month.name(), month.class.code());
        Archive::begin(directory, name, manifest).await.map(Some)
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

/// What comes of a month.
enum Take {
    /// The file of it, and how many entries are in it that were not taken away before.
    Some(Box<Archive>, u64),
    /// There is nothing to go.
    Nothing,
    /// Hashes of what is between its entries are missing.
    Damaged,
}

/// The next entries that are wanted, from a part of the log, behind which the others begin then.
async fn read(tx: &mut TenantTx, wanted: &mut Wanted) -> Result<Vec<EntryRow>, Error> {
    let until = wanted.high.min(wanted.low + WINDOW);
    let rows = entries::find(tx.conn(), &Wanted { high: until, ..wanted.clone() }, true, BATCH).await?;
    wanted.low = match rows.last() {
        Some(last) if rows.len() as u64 >= BATCH.unsigned_abs() => last.index + 1,
        _ => until,
    };
    Ok(rows)
}

/// Whether there is anything that is wanted: looked for in one part of the log after the other.
async fn is_any(tx: &mut TenantTx, wanted: &Wanted) -> Result<bool, Error> {
    let mut within = wanted.clone();
    while within.low < wanted.high {
        within.high = wanted.high.min(within.low + WINDOW);
        if entries::count(tx.conn(), &within, 1).await? > 0 {
            return Ok(true);
        }
        within.low = within.high;
    }
    Ok(false)
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
