//! How much one person may ask for.
//!
//! A minute's requests are counted by the generic cell rate algorithm: they come evenly, and so many at once as the burst
//! allows. An hour's are counted in windows, which begin with the first request.

use time::{Duration, OffsetDateTime};

use super::{Key, SecurityPolicy};

/// What somebody has asked for by now.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// When the requests of until now would be over, if they came evenly.
    busy_until: OffsetDateTime,
    /// When the hour began, and how many requests it has had.
    hour: (OffsetDateTime, u32),
}

/// A request that there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many requests there are of whichever limit is nearer.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// In how many seconds all of them are there again.
    pub reset: u32,
    /// For how many seconds there are so many.
    pub window: u32,
}

/// A request that there is no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Which limit says so.
    pub key: Key,
    /// What it allows.
    pub limit: u32,
    /// In how many seconds there is room for one.
    pub seconds: u32,
}

const HOUR: Duration = Duration::HOUR;

impl Excess {
    /// What is left of the limit that says so: nothing, until there is room for one.
    pub const fn allowance(self) -> Allowance {
        let window = if matches!(self.key, Key::RequestsPerHour) { 3_600 } else { 60 };
        Allowance { limit: self.limit, remaining: 0, reset: self.seconds, window }
    }
}

impl Spent {
    /// Nothing yet.
    pub const fn nothing(now: OffsetDateTime) -> Self {
        Self { busy_until: now, hour: (now, 0) }
    }

    /// Counts a request, if there is room for it; nothing, where the policy knows no limit.
    ///
    /// # Errors
    /// There is no room.
    pub fn take(&mut self, policy: &SecurityPolicy, now: OffsetDateTime) -> Result<Option<Allowance>, Excess> {
        if now - self.hour.0 >= HOUR {
            self.hour = (now, 0);
        }
        let minute = policy.requests_per_minute.map(|limit| self.minute(limit, policy.burst.unwrap_or(limit), now));
        let minute = minute.transpose()?;
        let hour = policy.requests_per_hour.map(|limit| self.of_hour(limit, now)).transpose()?;
        if let Some((busy_until, _)) = minute {
            self.busy_until = busy_until;
        }
        self.hour.1 = self.hour.1.saturating_add(1);
        let both = [minute.map(|(_, allowance)| allowance), hour];
        Ok(both.into_iter().flatten().min_by_key(|allowance| allowance.remaining))
    }

    fn minute(&self, limit: u32, burst: u32, now: OffsetDateTime) -> Result<(OffsetDateTime, Allowance), Excess> {
        let each = Duration::MINUTE / limit.max(1);
        let busy_until = self.busy_until.max(now) + each;
        let ahead = busy_until - now;
        let room = each * burst.max(1);
        if ahead > room {
            return Err(Excess { key: Key::RequestsPerMinute, limit, seconds: seconds(ahead - room) });
        }
        let left = (room - ahead).whole_nanoseconds() / each.whole_nanoseconds().max(1);
        let remaining = u32::try_from(left).unwrap_or(0);
        Ok((busy_until, Allowance { limit, remaining, reset: seconds(ahead), window: 60 }))
    }

    fn of_hour(&self, limit: u32, now: OffsetDateTime) -> Result<Allowance, Excess> {
        let (since, count) = self.hour;
        let rest = seconds(since + HOUR - now);
        if count >= limit {
            return Err(Excess { key: Key::RequestsPerHour, limit, seconds: rest });
        }
        Ok(Allowance { limit, remaining: limit - count - 1, reset: rest, window: 3_600 })
    }
}

/// Whole seconds, and one for what is begun of another.
fn seconds(time: Duration) -> u32 {
    let begun = i64::from(time.subsec_nanoseconds() > 0);
    u32::try_from(time.whole_seconds() + begun).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn policy(minute: Option<u32>, burst: Option<u32>, hour: Option<u32>) -> SecurityPolicy {
        SecurityPolicy { requests_per_minute: minute, burst, requests_per_hour: hour, ..SecurityPolicy::default() }
    }

    #[test]
    fn so_many_at_once_and_the_others_evenly() {
        let policy = policy(Some(60), Some(10), None);
        let mut spent = Spent::nothing(NOW);
        for left in (0..10).rev() {
            let allowance = spent.take(&policy, NOW).unwrap().unwrap();
            assert_eq!((allowance.limit, allowance.remaining), (60, left));
        }
        let excess = Excess { key: Key::RequestsPerMinute, limit: 60, seconds: 1 };
        assert_eq!(spent.take(&policy, NOW), Err(excess), "a refused one costs nothing");
        assert_eq!(spent.take(&policy, NOW), Err(excess));
        assert!(spent.take(&policy, NOW + Duration::SECOND).is_ok());
        assert_eq!(spent.take(&policy, NOW + Duration::SECOND), Err(excess));
    }

    #[test]
    fn the_hour_is_counted_from_its_first_request() {
        let policy = policy(None, None, Some(60));
        let mut spent = Spent::nothing(NOW);
        let later = NOW + Duration::minutes(20);
        for _ in 0..60 {
            spent.take(&policy, later).unwrap();
        }
        let excess = spent.take(&policy, later).unwrap_err();
        assert_eq!((excess.key, excess.seconds), (Key::RequestsPerHour, 40 * 60));
        let left = Allowance { limit: 60, remaining: 0, reset: 40 * 60, window: 3_600 };
        assert_eq!(excess.allowance(), left, "the window is the hour's");
        assert!(spent.take(&policy, NOW + Duration::HOUR).is_ok());
        assert_eq!(Spent::nothing(NOW).take(&super::super::SecurityPolicy::default(), NOW), Ok(None));
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_what_time_brings(
            minute in 30..600_u32,
            burst in 10..100_u32,
            pauses in proptest::collection::vec(0..3_000_i64, 1..300),
        ) {
            let policy = policy(Some(minute), Some(burst), None);
            let (mut spent, mut now, mut allowed) = (Spent::nothing(NOW), NOW, 0_u32);
            for pause in pauses {
                now += Duration::milliseconds(pause);
                allowed += u32::from(spent.take(&policy, now).is_ok());
                let brought = (now - NOW).as_seconds_f64() * f64::from(minute) / 60.0;
                prop_assert!(f64::from(allowed) <= f64::from(burst) + brought + 1e-3);
            }
        }
    }
}
