//! Looking for entries.
//!
//! What a page costs does not grow with the log. Actions, outcomes and times are counted by the hour, and the counts say
//! where in the log to look and how many there are; actors and targets have indexes; words and addresses are found by
//! their numbers ([`super::terms`]), a part of the log at a time.

use std::sync::Arc;

use domain::audit::{ACTS, AuditQuery, Outcome};
use domain::paging::{Cursor, PAGE_SIZE, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use time::{Duration, OffsetDateTime};

use super::sql::search::Wanted;
use super::sql::{self, EntryRow, hours, search as entries};
use super::terms::Terms;
use super::{EntryView, VIEWED};
use crate::access::{Access, Asking};
use crate::error::Error;
use crate::keys::SealingKey;
use crate::members;
use crate::store::{TenantTx, Transact as _};

/// So many of what the hours do not count are counted.
const COUNTED: i64 = 1_000;
/// So many entries are looked through at a time for what no index holds by itself, such as words.
const WINDOW: i64 = 1_000_000;
/// The most hours that are looked at for one page.
const HOURS: i64 = 400;
/// The most columns of a histogram, but for one that is cut.
const BARS: i64 = 90;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The entries, newest first.
    pub page: Page<EntryView>,
    /// How they are spread over time.
    pub histogram: Histogram,
    /// What the actor is called who is asked for.
    pub actor_name: Option<String>,
    /// The log was looked through only back to there: the cursor from which to look further.
    pub further: Option<String>,
    /// Back to when that is.
    pub back_to: Option<OffsetDateTime>,
}

/// How often something was done over time; without columns where that is not known.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// The columns, the oldest first, without gaps.
    pub bars: Vec<Bar>,
    /// Whether the columns at both ends hold nothing from outside of the time that is asked for.
    pub exact: bool,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From when.
    pub at: OffsetDateTime,
    /// Until when.
    pub until: OffsetDateTime,
    /// What was done.
    pub done: u64,
    /// What was denied, or has failed.
    pub denied: u64,
}

/// A page of the entries that somebody looks for, newest first.
///
/// # Errors
/// Forbidden; the search takes too long; the database does not answer.
pub async fn search(access: &Access, query: &AuditQuery) -> Result<Found, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let Prepared { mut tx, counted, key } = prepare(access).await?;
    let mut wanted = wanted(&mut tx, query, &key, access.request().now).await?;
    let (total, uncounted, histogram) = spread(&mut tx, &wanted, access.request().now).await?;
    let ascending = place(&mut wanted, query.cursor.as_ref());
    let (rows, looked_to) = page(&mut tx, &wanted, counted, ascending, PAGE_SIZE).await?;
    let actor_name = match query.actor {
        Some(actor) => members::sql::name_of(tx.conn(), actor).await?,
        None => None,
    };
    let back_to = match looked_to {
        Some(index) => sql::at(tx.conn(), index).await?,
        None => None,
    };
    tx.close();
    let rows = rows.into_iter().map(|row| row.open(&key, access.log())).collect();
    let mut page =
        Page::assemble(rows, query.cursor.as_ref(), total, |row: &EntryView| (String::new(), row.index.to_string()));
    page.uncounted = uncounted || counted != i64::MAX;
    let further = looked_to.map(cursor_below);
    Ok(Found { page, histogram, actor_name, further, back_to })
}

/// So many of the entries that are looked for, newest first, and the cursor from which to look further, if there is
/// more of the log: what programs read, who ask neither how many there are nor how they are spread.
pub(crate) async fn find(
    asking: &impl Asking,
    query: &AuditQuery,
    most: usize,
) -> Result<(Vec<EntryView>, Option<String>), Error> {
    let Prepared { mut tx, counted, key } = prepare(asking).await?;
    let mut wanted = wanted(&mut tx, query, &key, asking.request().now).await?;
    place(&mut wanted, query.cursor.as_ref().filter(|cursor| matches!(cursor, Cursor::After(..))));
    let (mut rows, looked_to) = page(&mut tx, &wanted, counted, false, most).await?;
    tx.close();
    let more = rows.len() > most;
    rows.truncate(most);
    let rows: Vec<EntryView> = rows.into_iter().map(|row| row.open(&key, asking.log())).collect();
    let last = rows.last().filter(|_| more).map(|row| i64::try_from(row.index).unwrap_or(0));
    Ok((rows, last.or(looked_to).map(cursor_below)))
}

/// A cursor that leads to what is older than the entry of an index.
fn cursor_below(index: i64) -> String {
    Cursor::After(String::new(), index.to_string()).encode()
}

/// What a search begins with.
struct Prepared {
    tx: TenantTx,
    /// Entries from this index on were not counted by the hour yet.
    counted: i64,
    key: Arc<SealingKey>,
}

/// Begins a transaction when what is new is counted. It is the administrator who counts, and what is counted is kept at
/// once: nobody waits for the rest of a page. Where others count already, or it takes too long, the page goes on without.
async fn prepare(asking: &impl Asking) -> Result<Prepared, Error> {
    let mut tx = asking.begin().await?;
    entries::prepare(tx.conn()).await?;
    let mut counted = hours::uncounted(tx.conn()).await?;
    let turn = counted.and_then(|_| asking.request().portal().counting().try_acquire().ok());
    if turn.is_some() {
        tx.close();
        match count(asking).await {
            Ok(()) | Err(Error::Unavailable(_) | Error::Refused(Problem::TookTooLong)) => {}
            Err(error) => return Err(error),
        }
        drop(turn);
        tx = asking.begin().await?;
        entries::prepare(tx.conn()).await?;
        counted = hours::uncounted(tx.conn()).await?;
    }
    let key = asking.request().keys().data(tx.conn(), asking.log()).await?;
    Ok(Prepared { tx, counted: counted.unwrap_or(i64::MAX), key })
}

/// Counts what is new.
async fn count(asking: &impl Asking) -> Result<(), Error> {
    let mut tx = asking.administer().await?;
    entries::plan(tx.conn()).await?;
    hours::count(tx.conn()).await?;
    tx.keep().await
}

/// The newest entries, so many at most.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn recent(access: &Access, most: u8) -> Result<Vec<EntryView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let key = access.request().keys().data(tx.conn(), access.log()).await?;
    let rows = sql::newest(tx.conn(), most.into()).await?;
    tx.close();
    Ok(rows.into_iter().map(|row| row.open(&key, access.log())).collect())
}

/// What a query asks for, of the whole log.
pub(super) async fn wanted(
    tx: &mut TenantTx,
    query: &AuditQuery,
    key: &SealingKey,
    now: OffsetDateTime,
) -> Result<Wanted, Error> {
    let (from, until) = query.bounds(now);
    let actions = match (&query.action, query.category) {
        (Some(action), _) => Some(vec![action.to_string()]),
        (None, Some(category)) => {
            let of_it = ACTS.iter().filter(|act| act.category == category);
            Some(of_it.map(|act| act.code.to_owned()).collect())
        }
        (None, None) => None,
    };
    let words = Terms::new(key);
    let mut terms = query.text.as_deref().map(|text| words.asked(text)).unwrap_or_default();
    terms.extend(query.address.map(|address| words.address(address)));
    let size = sql::number(sql::size(tx.conn()).await?)?;
    let counted = hours::uncounted(tx.conn()).await?;
    let (low, high) = if let (None, None) = (from, until) {
        (0, size)
    } else {
        let (low, high) = hours::range(tx.conn(), from, until).await?;
        // What nobody has counted yet is newer than what was.
        let is_last = until.is_none() || counted.is_some();
        (low.unwrap_or_else(|| counted.unwrap_or(size)), if is_last { size } else { high })
    };
    // Of what holds no word, nothing is found.
    let asks_nothing = query.text.as_deref().is_some_and(|text| words.asked(text).is_empty());
    let high = if asks_nothing { low } else { high };
    Ok(Wanted {
        low,
        high,
        from,
        until,
        actions,
        outcome: query.outcome.map(Outcome::code),
        actor: query.actor.map(|actor| actor.0),
        target: query.target.clone(),
        terms: (!terms.is_empty()).then_some(terms),
    })
}

/// Begins where the page does: whether it is read upwards.
fn place(wanted: &mut Wanted, cursor: Option<&Cursor>) -> bool {
    let index = |id: &str| id.parse::<i64>().ok().filter(|index| *index >= 0);
    match cursor {
        Some(Cursor::After(_, id)) => {
            wanted.high = index(id).map_or(wanted.high, |index| index.min(wanted.high));
            false
        }
        Some(Cursor::Before(_, id)) if index(id).is_some() => {
            wanted.low = index(id).map_or(wanted.low, |index| (index + 1).max(wanted.low));
            true
        }
        _ => false,
    }
}

/// The rows of a page of this size and one more, and down to which index was looked, where that is not the end.
async fn page(
    tx: &mut TenantTx,
    wanted: &Wanted,
    counted: i64,
    ascending: bool,
    size: usize,
) -> Result<(Vec<EntryRow>, Option<i64>), Error> {
    let most = i64::try_from(size + 1).unwrap_or(i64::MAX);
    if wanted.is_counted() && !wanted.is_everything() {
        let ranges = ranges(tx, wanted, counted, ascending, most).await?;
        return Ok(match ranges.as_slice() {
            [(first, last)] => {
                let within = Wanted { low: wanted.low.max(*first), high: wanted.high.min(last + 1), ..wanted.clone() };
                (entries::find(tx.conn(), &within, ascending, most).await?, None)
            }
            ranges => (entries::find_within(tx.conn(), wanted, ranges, ascending, most).await?, None),
        });
    }
    if wanted.is_indexed() {
        return Ok((entries::find(tx.conn(), wanted, ascending, most).await?, None));
    }
    if ascending {
        return Ok((upwards(tx, wanted, most).await?, None));
    }
    let floor = wanted.high.saturating_sub(WINDOW).max(wanted.low);
    let within = Wanted { low: floor, ..wanted.clone() };
    let rows = entries::find(tx.conn(), &within, false, most).await?;
    let is_full = rows.len() > size;
    Ok((rows, (!is_full && floor > wanted.low).then_some(floor)))
}

/// The first rows from the lower end on: a part of the log after the other. Whoever reads upwards comes from further down,
/// and knows that there is something.
async fn upwards(tx: &mut TenantTx, wanted: &Wanted, most: i64) -> Result<Vec<EntryRow>, Error> {
    let mut rows = Vec::new();
    let mut within = Wanted { high: wanted.low, ..wanted.clone() };
    while within.high < wanted.high && (rows.len() as u64) < most.unsigned_abs() {
        within.low = within.high;
        within.high = wanted.high.min(within.low.saturating_add(WINDOW));
        let left = most - i64::try_from(rows.len()).unwrap_or(most);
        rows.extend(entries::find(tx.conn(), &within, true, left).await?);
    }
    Ok(rows)
}

/// Where in the log a page's entries are, by the hours: enough of it, and no more than that needs.
async fn ranges(
    tx: &mut TenantTx,
    wanted: &Wanted,
    counted: i64,
    ascending: bool,
    most: i64,
) -> Result<Vec<(i64, i64)>, Error> {
    let hours = hours::nearest(tx.conn(), wanted, ascending, HOURS).await?;
    let mut ranges = Vec::new();
    let (mut found, mut hour) = (0, None);
    for row in hours {
        if found >= most && hour != Some(row.hour) {
            break;
        }
        hour = Some(row.hour);
        // Of what the edge of the page or of the time cuts, there may be less.
        let is_within = row.first >= wanted.low && row.last < wanted.high;
        let is_in_time =
            wanted.from.is_none_or(|from| row.first_at >= from) && wanted.until.is_none_or(|until| row.last_at < until);
        if is_within && is_in_time {
            found += row.times;
        }
        ranges.push((row.first, row.last));
    }
    if counted < wanted.high {
        ranges.push((counted, wanted.high));
    }
    Ok(merged(ranges))
}

/// The same, without overlaps.
fn merged(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// How many there are, whether that is only at least, and how they are spread over time.
async fn spread(tx: &mut TenantTx, wanted: &Wanted, now: OffsetDateTime) -> Result<(u64, bool, Histogram), Error> {
    let Some((first, last)) = hours::span(tx.conn()).await? else { return Ok((0, false, Histogram::default())) };
    let begin = wanted.from.map_or(first, |from| from.max(first));
    let end = wanted.until.unwrap_or(now).min(last).max(begin);
    let step = step(end - begin);
    let origin = begin.replace_time(time::Time::MIDNIGHT);
    if wanted.is_counted() {
        let tallies = hours::tally(tx.conn(), wanted, (origin, step)).await?;
        let total = tallies.iter().map(|tally| number(tally.done + tally.other)).sum();
        let exact = !tallies.iter().any(|tally| tally.is_cut);
        let found = tallies.iter().map(|tally| (tally.at, number(tally.done), number(tally.other)));
        return Ok((total, !exact, Histogram { bars: bars(found, step, end), exact }));
    }
    let floor = if wanted.is_indexed() { wanted.low } else { wanted.high.saturating_sub(WINDOW).max(wanted.low) };
    let within = Wanted { low: floor, ..wanted.clone() };
    let moments = entries::moments(tx.conn(), &within, COUNTED + 1).await?;
    if floor > wanted.low {
        // More of it may be further back: nobody has looked there.
        return Ok(((moments.len() as u64).min(COUNTED.unsigned_abs()), true, Histogram::default()));
    }
    if moments.len() > usize::try_from(COUNTED).unwrap_or(usize::MAX) {
        return Ok((COUNTED.unsigned_abs(), true, Histogram::default()));
    }
    let found = moments.iter().rev().map(|moment| {
        let steps = (moment.at - origin).whole_seconds().div_euclid(step.whole_seconds());
        let at = origin + step * i32::try_from(steps).unwrap_or(i32::MAX);
        (at, u64::from(moment.is_done), u64::from(!moment.is_done))
    });
    Ok((moments.len() as u64, false, Histogram { bars: bars(found, step, end), exact: true }))
}

/// How long a column is, so that there are not too many.
fn step(span: Duration) -> Duration {
    let hours = span.whole_hours() + 1;
    let steps = [1, 3, 6, 12, 24, 72, 168, 720];
    Duration::hours(steps.into_iter().find(|step| hours <= step * BARS).unwrap_or(8_760))
}

/// Columns of what was found at some times, with those between them in which there was nothing.
/// What is later than the end, by a clock that was ahead, counts in the last one.
fn bars(found: impl Iterator<Item = (OffsetDateTime, u64, u64)>, step: Duration, end: OffsetDateTime) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (at, done, denied) in found {
        let at = match bars.last() {
            Some(last) if at >= end => last.at,
            _ => at,
        };
        match bars.last_mut() {
            // What is older than the column before it was written after a clock was put back.
            Some(last) if at <= last.at => {
                last.done += done;
                last.denied += denied;
                continue;
            }
            _ => {}
        }
        while let Some(next) = bars.last().map(|last| last.until).filter(|until| *until < at) {
            bars.push(Bar { at: next, until: next + step, done: 0, denied: 0 });
        }
        bars.push(Bar { at, until: at + step, done, denied });
    }
    bars
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_histogram_has_no_gaps_and_not_too_many_columns() {
        let start = datetime!(2026-03-01 00:00 UTC);
        for days in [1, 2, 7, 30, 90, 365, 3_650] {
            let step = step(Duration::days(days));
            assert!(Duration::days(days).whole_hours() / step.whole_hours() <= BARS, "{days}");
        }
        let bars = bars(
            [(start, 1, 0), (start + Duration::hours(3), 0, 2)].into_iter(),
            Duration::HOUR,
            start + Duration::DAY,
        );
        assert_eq!(bars.iter().map(|bar| (bar.done, bar.denied)).collect::<Vec<_>>(), [(1, 0), (0, 0), (0, 0), (0, 2)]);
        assert!(bars.windows(2).all(|pair| pair[0].until == pair[1].at));
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(merged(vec![(7, 9), (0, 2), (3, 4), (8, 20)]), [(0, 4), (7, 20)]);
    }
}
