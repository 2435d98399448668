//! How often somebody may try.
//!
//! Counters live in memory: one machine serves an installation, and a restart forgives. A try is
//! counted before it is judged, so that a hundred at once are not a hundred free ones; one that
//! succeeds is forgiven afterwards.
//!
//! The first try of a window that is refused goes on record, and the others do not: a flood of them
//! must not fill the log. What a limit is about is known before anything is looked up, so refusals
//! are the same for accounts that exist and others.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::problem::Problem;
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::request::RequestContext;

const SIGN_IN_LIMITED: Action = Action::new("sign_in.limited");
const SIGN_UP_LIMITED: Action = Action::new("sign_up.limited");
const MAIL_LIMITED: Action = Action::new("mail.limited");

/// When a limiter holds more keys than this, those whose window is over are dropped.
const KEYS_BEFORE_CLEANING: usize = 10_000;
/// How long it is left alone after that: looking through all keys for each try would help whoever floods it.
const BETWEEN_CLEANINGS: Duration = Duration::MINUTE;

/// The limits of one portal.
pub struct Limits {
    /// Wrong passwords for one account, known or not: 10 in 15 minutes.
    pub(crate) sign_in_account: Limiter<EmailAddress>,
    /// Wrong passwords from one network: 100 in 15 minutes.
    pub(crate) sign_in_network: Limiter<IpAddr>,
    /// Sign-ups from one network: 60 in an hour.
    pub(crate) sign_up: Limiter<IpAddr>,
    /// Mails to one address that anybody can ask for: 5 in an hour.
    pub(crate) mail: Limiter<EmailAddress>,
    /// Such mails that one network asks for: 60 in an hour.
    pub(crate) mail_network: Limiter<IpAddr>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_account: Limiter::new(10, Duration::minutes(15), SIGN_IN_LIMITED, "account"),
            sign_in_network: Limiter::new(100, Duration::minutes(15), SIGN_IN_LIMITED, "network"),
            sign_up: Limiter::new(60, Duration::hours(1), SIGN_UP_LIMITED, "network"),
            mail: Limiter::new(5, Duration::hours(1), MAIL_LIMITED, "address"),
            mail_network: Limiter::new(60, Duration::hours(1), MAIL_LIMITED, "network"),
        }
    }
}

/// So many in a window of time, by key.
pub(crate) struct Limiter<K> {
    most: u32,
    window: Duration,
    /// What a refusal is called in the audit log, and what its key is.
    action: Action,
    kind: &'static str,
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

impl<K: Eq + Hash + Clone + Display> Limiter<K> {
    fn new(most: u32, window: Duration, action: Action, kind: &'static str) -> Self {
        Self {
            most,
            window,
            action,
            kind,
            counts: Mutex::new(Counts { of: HashMap::new(), cleaned: OffsetDateTime::UNIX_EPOCH }),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// [`Problem::TooMany`] when there were too many before it; the database does not answer, so that
    /// the first refusal is not on record.
    pub(crate) async fn count(&self, request: &RequestContext, by: Actor<Fact>, key: &K) -> Result<(), Error> {
        match self.judge(key, request.now) {
            Verdict::Allowed => return Ok(()),
            Verdict::RefusedFirst => {
                let entry = Draft::denied(self.action.clone(), by)
                    .target(self.kind, "", Personal(key.to_string()))
                    .within(request.audited());
                request.portal().store().platform().await?.commit(request, entry).await?;
            }
            Verdict::RefusedAgain => {}
        }
        Err(Problem::TooMany { minutes: u16::try_from(self.window.whole_minutes()).unwrap_or(u16::MAX) }.into())
    }

    fn judge(&self, key: &K, now: OffsetDateTime) -> Verdict {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.of.len() >= KEYS_BEFORE_CLEANING && now - counts.cleaned >= BETWEEN_CLEANINGS {
            counts.cleaned = now;
            counts.of.retain(|_, count| now - count.since < self.window);
        }
        let count = counts.of.entry(key.clone()).or_insert_with(|| Count::new(now));
        if now - count.since >= self.window {
            *count = Count::new(now);
        }
        count.tries = count.tries.saturating_add(1);
        if count.tries <= self.most {
            Verdict::Allowed
        } else if std::mem::replace(&mut count.refused, true) {
            Verdict::RefusedAgain
        } else {
            Verdict::RefusedFirst
        }
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

/// The network that an address counts for: itself, or its /64 for IPv6, of which one customer
/// usually has all addresses.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn limiter(most: u32) -> Limiter<u8> {
        Limiter::new(most, Duration::minutes(15), SIGN_IN_LIMITED, "number")
    }

    #[test]
    fn a_window_holds_so_many_and_then_begins_anew() {
        let limiter = limiter(2);
        let start = datetime!(2026-01-01 00:00 UTC);
        for verdict in [Verdict::Allowed, Verdict::Allowed, Verdict::RefusedFirst, Verdict::RefusedAgain] {
            assert_eq!(limiter.judge(&1, start), verdict);
        }
        assert_eq!(limiter.judge(&2, start), Verdict::Allowed);
        let next = start + Duration::minutes(15);
        for verdict in [Verdict::Allowed, Verdict::Allowed, Verdict::RefusedFirst] {
            assert_eq!(limiter.judge(&1, next), verdict);
        }
    }

    #[test]
    fn right_tries_do_not_count() {
        let limiter = limiter(1);
        let now = datetime!(2026-01-01 00:00 UTC);
        for _ in 0..5 {
            assert_eq!(limiter.judge(&1, now), Verdict::Allowed);
            limiter.forgive(&1);
        }
    }

    #[test]
    fn a_right_try_does_not_make_the_next_refusal_a_first_one() {
        let limiter = limiter(1);
        let now = datetime!(2026-01-01 00:00 UTC);
        assert_eq!(limiter.judge(&1, now), Verdict::Allowed);
        assert_eq!(limiter.judge(&1, now), Verdict::RefusedFirst);
        limiter.forgive(&1);
        limiter.forgive(&1);
        assert_eq!(limiter.judge(&1, now), Verdict::Allowed);
        assert_eq!(limiter.judge(&1, now), Verdict::RefusedAgain);
    }

    #[test]
    fn ipv6_counts_by_its_network() {
        let one: IpAddr = "2001:db8:1:2:3::1".parse().unwrap();
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(network(one), network(other));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
