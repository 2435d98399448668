//! Counting tries in windows of time.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use domain::audit::{Action, Actor, Draft, Fact};
use domain::policy::Allowance;
use domain::problem::Problem;
use time::{Duration, OffsetDateTime};

use crate::access::Asking;
use crate::error::Error;
use crate::request::RequestContext;

/// When a limiter holds more keys than this, those whose window is over are dropped.
const KEYS_BEFORE_CLEANING: usize = 10_000;
/// How long it is left alone after that: looking through all keys for each try would help whoever floods it.
const BETWEEN_CLEANINGS: Duration = Duration::MINUTE;

/// So many in a window of time, by key.
pub(crate) struct Limiter<K> {
    most: u32,
    window: Duration,
    /// What a refusal is called in the audit log, and what its key is.
    action: Action,
    kind: &'static str,
    /// What a refusal says, of the minutes that are left of the window.
    problem: fn(u16) -> Problem,
    counts: Mutex<Counts<K>>,
}

struct Counts<K> {
    of: HashMap<K, Count>,
    cleaned: OffsetDateTime,
}

struct Count {
    since: OffsetDateTime,
    tries: u32,
    /// Whether a refusal is on record.
    refused: bool,
}

impl Count {
    fn new(since: OffsetDateTime) -> Self {
        Self { since, tries: 0, refused: false }
    }
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    /// The first that is refused in this window.
    RefusedFirst,
    RefusedAgain,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    pub(super) fn new(most: u32, window: Duration, action: Action, kind: &'static str) -> Self {
        Self {
            most,
            window,
            action,
            kind,
            problem: |minutes| Problem::TooMany { minutes },
            counts: Mutex::new(Counts { of: HashMap::new(), cleaned: OffsetDateTime::UNIX_EPOCH }),
        }
    }

    /// The same with another word for what is refused.
    pub(super) fn saying(self, problem: fn(u16) -> Problem) -> Self {
        Self { problem, ..self }
    }

    /// What is left of it for whoever is refused: nothing, for so many seconds.
    pub(crate) fn exhausted(&self, seconds: u32) -> Allowance {
        let window = u32::try_from(self.window.whole_seconds()).unwrap_or(u32::MAX);
        Allowance { limit: self.most, remaining: 0, reset: seconds, window }
    }

    /// Counts a try, and does not wait for anything.
    pub(super) fn judge(&self, request: &RequestContext, by: Actor<Fact>, key: &K, named: Fact) -> Result<(), Refusal> {
        self.judge_many(request, by, (key, 1), named)
    }

    /// Counts so many tries at once: all of them, or none when they are too many.
    pub(super) fn judge_many(
        &self,
        request: &RequestContext,
        by: Actor<Fact>,
        (key, tries): (&K, u32),
        named: Fact,
    ) -> Result<(), Refusal> {
        let (verdict, rest) = self.verdict(key, tries, request.now);
        let minutes = (rest.whole_milliseconds() + 59_999) / 60_000;
        let problem = (self.problem)(u16::try_from(minutes).unwrap_or(u16::MAX));
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::RefusedFirst => {
                let entry =
                    Draft::denied(self.action.clone(), by).target(self.kind, "", named).within(request.audited());
                Err(Refusal { problem, entry: Some(Box::new(entry)) })
            }
            Verdict::RefusedAgain => Err(Refusal { problem, entry: None }),
        }
    }

    /// What becomes of a try, and how much of its window is left.
    fn verdict(&self, key: &K, tries: u32, now: OffsetDateTime) -> (Verdict, Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.of.len() >= KEYS_BEFORE_CLEANING && now - counts.cleaned >= BETWEEN_CLEANINGS {
            counts.cleaned = now;
            counts.of.retain(|_, count| now - count.since < self.window);
        }
        let count = counts.of.entry(key.clone()).or_insert_with(|| Count::new(now));
        if now - count.since >= self.window {
            *count = Count::new(now);
        }
        let sum = count.tries.saturating_add(tries);
        if sum <= self.most || tries == 1 {
            count.tries = sum;
        }
        let verdict = if sum <= self.most {
            Verdict::Allowed
        } else if std::mem::replace(&mut count.refused, true) {
            Verdict::RefusedAgain
        } else {
            Verdict::RefusedFirst
        };
        (verdict, count.since + self.window - now)
    }

    /// Takes one try back: it was a right one.
    pub(crate) fn forgive(&self, key: &K) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.of.get_mut(key) {
            count.tries = count.tries.saturating_sub(1);
        }
    }

    /// Takes all tries back: who they were about has proven themselves in another way.
    pub(crate) fn forget(&self, key: &K) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).of.remove(key);
    }
}

impl<K: Eq + Hash + Clone + Display> Limiter<K> {
    /// Counts a try that is the platform's business.
    ///
    /// # Errors
    /// [`Problem::TooMany`] when there were too many before it; the database does not answer, so that
    /// the first refusal is not on record.
    pub(crate) async fn count(&self, request: &RequestContext, by: Actor<Fact>, key: &K) -> Result<(), Error> {
        match self.judge(request, by, key, Fact::Personal(key.to_string())) {
            Ok(()) => Ok(()),
            Err(refusal) => Err(refusal.on_platform(request).await?),
        }
    }
}

/// A try that was one too many.
#[must_use]
pub(crate) struct Refusal {
    problem: Problem,
    /// What goes on record, for the first one of a window.
    entry: Option<Box<Draft>>,
}

impl Refusal {
    /// Puts it on the platform's record.
    pub(crate) async fn on_platform(self, request: &RequestContext) -> Result<Error, Error> {
        if let Some(entry) = self.entry {
            request.portal().store().platform().await?.commit(request, *entry).await?;
        }
        Ok(self.problem.into())
    }

    /// Puts it on the organization's record, in a transaction of its own: what the try had begun is undone before.
    pub(crate) async fn in_organization(self, asking: &impl Asking) -> Result<Error, Error> {
        if let Some(entry) = self.entry {
            asking.begin().await?.commit(asking.request(), *entry).await?;
        }
        Ok(self.problem.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn limiter(most: u32) -> Limiter<u8> {
        Limiter::new(most, Duration::minutes(15), Action::new("sign_in.limited"), "number")
    }

    #[test]
    fn a_window_holds_so_many_and_then_begins_anew() {
        let limiter = limiter(2);
        let start = datetime!(2026-01-01 00:00 UTC);
        for verdict in [Verdict::Allowed, Verdict::Allowed, Verdict::RefusedFirst, Verdict::RefusedAgain] {
            assert_eq!(limiter.verdict(&1, 1, start).0, verdict);
        }
        assert_eq!(limiter.verdict(&2, 1, start).0, Verdict::Allowed);
        assert_eq!(limiter.verdict(&1, 1, start + Duration::minutes(4)).1, Duration::minutes(11));
        let next = start + Duration::minutes(15);
        for verdict in [Verdict::Allowed, Verdict::Allowed, Verdict::RefusedFirst] {
            assert_eq!(limiter.verdict(&1, 1, next).0, verdict);
        }
    }

    #[test]
    fn right_tries_do_not_count() {
        let limiter = limiter(1);
        let now = datetime!(2026-01-01 00:00 UTC);
        for _ in 0..5 {
            assert_eq!(limiter.verdict(&1, 1, now).0, Verdict::Allowed);
            limiter.forgive(&1);
        }
    }

    #[test]
    fn a_right_try_does_not_make_the_next_refusal_a_first_one() {
        let limiter = limiter(1);
        let now = datetime!(2026-01-01 00:00 UTC);
        assert_eq!(limiter.verdict(&1, 1, now).0, Verdict::Allowed);
        assert_eq!(limiter.verdict(&1, 1, now).0, Verdict::RefusedFirst);
        limiter.forgive(&1);
        limiter.forgive(&1);
        assert_eq!(limiter.verdict(&1, 1, now).0, Verdict::Allowed);
        assert_eq!(limiter.verdict(&1, 1, now).0, Verdict::RefusedAgain);
    }
}
