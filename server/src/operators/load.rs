//! How much each organization asks of this program, for the last hour: noted in memory, and gone with the program.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::TenantId;
use time::{Duration, OffsetDateTime};

use crate::request::RequestContext;

/// How far back it is told.
pub const LOAD_WINDOW: Duration = Duration::HOUR;
/// What is noted goes by this span.
const SPAN: Duration = Duration::minutes(5);
/// How many spans are told together.
const SPANS: usize = 12;
const BACK: i64 = 12;
/// Of how many organizations something is noted, at most. When there are more, those go that have not asked for an hour; of
/// others nothing is noted.
const ORGANIZATIONS: usize = 20_000;

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A page or a form.
    Page,
    /// An answer for a program.
    Call,
}

/// What an organization has asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Pages and forms.
    pub(crate) pages: u64,
    /// Answers for programs.
    pub(crate) calls: u64,
    /// How long all of them took.
    pub(crate) milliseconds: u64,
}

impl Asked {
    fn add(&mut self, other: Self) {
        self.pages += other.pages;
        self.calls += other.calls;
        self.milliseconds += other.milliseconds;
    }
}

/// What was asked for in which span, the spans one after the other in a ring.
type Ring = [(i64, Asked); SPANS];

/// What is noted.
#[derive(Default)]
pub(crate) struct Load(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    since: Option<OffsetDateTime>,
    rings: HashMap<TenantId, Ring>,
}

/// Notes that an organization was served: by a request that is answered now.
pub fn note_work(request: &RequestContext, tenant: TenantId, work: Work) {
    let portal = request.portal();
    let now = portal.now();
    portal.load().note(now, tenant, work, now - request.now);
}

/// The number of the span that a time is in.
const fn span_of(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(SPAN.whole_seconds())
}

impl Load {
    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, now: OffsetDateTime, tenant: TenantId, work: Work, took: Duration) {
        let span = span_of(now);
        let mut noted = self.lock();
        noted.since.get_or_insert(now);
        if noted.rings.len() >= ORGANIZATIONS && !noted.rings.contains_key(&tenant) {
            noted.rings.retain(|_, ring| ring.iter().any(|(of, _)| is_recent(*of, span)));
            if noted.rings.len() >= ORGANIZATIONS {
                return;
            }
        }
        let ring = noted.rings.entry(tenant).or_insert([(i64::MIN, Asked::default()); SPANS]);
        let place = usize::try_from(span.rem_euclid(BACK)).unwrap_or(0);
        if ring[place].0 != span {
            ring[place] = (span, Asked::default());
        }
        let milliseconds = u64::try_from(took.whole_milliseconds()).unwrap_or(0);
        let (pages, calls) = if work == Work::Page { (1, 0) } else { (0, 1) };
        ring[place].1.add(Asked { pages, calls, milliseconds });
    }

    /// The organizations that have kept this program busy longest, and since when that is known.
    pub(crate) fn most(&self, now: OffsetDateTime, count: usize) -> (Vec<(TenantId, Asked)>, Option<OffsetDateTime>) {
        let span = span_of(now);
        let noted = self.lock();
        let since = noted.since.map(|since| since.max(now - LOAD_WINDOW));
        let mut all: Vec<_> = noted.rings.iter().map(|(tenant, ring)| (*tenant, sum(ring, span))).collect();
        drop(noted);
        all.retain(|(_, asked)| asked.pages + asked.calls > 0);
        all.sort_unstable_by_key(|(tenant, asked)| (std::cmp::Reverse(asked.milliseconds), *tenant));
        all.truncate(count);
        (all, since)
    }
}

fn sum(ring: &Ring, span: i64) -> Asked {
    let mut asked = Asked::default();
    ring.iter().filter(|(of, _)| is_recent(*of, span)).for_each(|(_, of_span)| asked.add(*of_span));
    asked
}

fn is_recent(of: i64, span: i64) -> bool {
    of > span - BACK && of <= span
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;

    const NOW: OffsetDateTime = datetime!(2026-01-05 09:02 UTC);

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    #[test]
    fn who_keeps_the_program_busy_comes_first() {
        let load = Load::default();
        assert_eq!(load.most(NOW, 20), (Vec::new(), None));
        for _ in 0..3 {
            load.note(NOW, tenant(1), Work::Page, Duration::milliseconds(5));
        }
        load.note(NOW, tenant(2), Work::Call, Duration::milliseconds(40));
        let (most, since) = load.most(NOW + Duration::MINUTE, 20);
        let asked = |pages, calls, milliseconds| Asked { pages, calls, milliseconds };
        assert_eq!(most, [(tenant(2), asked(0, 1, 40)), (tenant(1), asked(3, 0, 15))]);
        assert_eq!(since, Some(NOW));
        assert_eq!(load.most(NOW, 1).0.len(), 1);
    }

    #[test]
    fn after_an_hour_it_is_forgotten() {
        let load = Load::default();
        load.note(NOW, tenant(1), Work::Page, Duration::milliseconds(5));
        let later = NOW + Duration::minutes(54);
        load.note(later, tenant(1), Work::Page, Duration::milliseconds(7));
        assert_eq!(load.most(later, 20).0[0].1.milliseconds, 12);
        let (most, since) = load.most(NOW + Duration::minutes(63), 20);
        assert_eq!(most[0].1.milliseconds, 7);
        assert_eq!(since, Some(NOW + Duration::minutes(3)));
        assert!(load.most(NOW + Duration::hours(3), 20).0.is_empty());
    }
}
