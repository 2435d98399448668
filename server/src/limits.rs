//! How often somebody may try.
//!
//! Counters live in memory: one machine serves an installation, and a restart forgives. A try is
//! counted before it is judged, so that a hundred at once are not a hundred free ones; one that
//! succeeds is forgiven afterwards.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use domain::email::EmailAddress;
use domain::problem::Problem;
use time::{Duration, OffsetDateTime};

use crate::error::Error;

/// When a limiter holds more keys than this, those whose window is over are dropped.
const KEYS_BEFORE_CLEANING: usize = 10_000;

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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_account: Limiter::new(10, Duration::minutes(15)),
            sign_in_network: Limiter::new(100, Duration::minutes(15)),
            sign_up: Limiter::new(60, Duration::hours(1)),
            mail: Limiter::new(5, Duration::hours(1)),
        }
    }
}

/// So many in a window of time, by key.
pub(crate) struct Limiter<K> {
    most: u32,
    window: Duration,
    counts: Mutex<HashMap<K, Count>>,
}

struct Count {
    since: OffsetDateTime,
    tries: u32,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    fn new(most: u32, window: Duration) -> Self {
        Self { most, window, counts: Mutex::new(HashMap::new()) }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// [`Problem::TooMany`] when there were too many before it.
    pub(crate) fn count(&self, key: &K, now: OffsetDateTime) -> Result<(), Error> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= KEYS_BEFORE_CLEANING {
            counts.retain(|_, count| now - count.since < self.window);
        }
        let count = counts.entry(key.clone()).or_insert(Count { since: now, tries: 0 });
        if now - count.since >= self.window {
            *count = Count { since: now, tries: 0 };
        }
        count.tries = count.tries.saturating_add(1);
        if count.tries > self.most { Err(Problem::TooMany.into()) } else { Ok(()) }
    }

    /// Takes one try back: it was a right one.
    pub(crate) fn forgive(&self, key: &K) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(key) {
            count.tries = count.tries.saturating_sub(1);
        }
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

    #[test]
    fn a_window_holds_so_many_and_then_begins_anew() {
        let limiter = Limiter::new(2, Duration::minutes(15));
        let start = datetime!(2026-01-01 00:00 UTC);
        assert!(limiter.count(&1, start).is_ok());
        assert!(limiter.count(&1, start).is_ok());
        assert!(limiter.count(&1, start).is_err());
        assert!(limiter.count(&2, start).is_ok());
        assert!(limiter.count(&1, start + Duration::minutes(15)).is_ok());
    }

    #[test]
    fn right_tries_do_not_count() {
        let limiter = Limiter::new(1, Duration::minutes(15));
        let now = datetime!(2026-01-01 00:00 UTC);
        for _ in 0..5 {
            assert!(limiter.count(&1, now).is_ok());
            limiter.forgive(&1);
        }
    }

    #[test]
    fn ipv6_counts_by_its_network() {
        let one: IpAddr = "2001:db8:1:2:3::1".parse().unwrap();
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(network(one), network(other));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
