//! What is asked of a sign-in.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::SignInMethods;
use crate::factors::Factors;

/// The rules of an organization for its members' sign-in. They hold on entering it, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInPolicy {
    /// The second factor that is asked for; none, if it is everybody's own choice.
    pub mfa: Option<MfaRequirement>,
    /// The ways of signing in that are accepted.
    pub ways: SignInMethods,
    /// After how long a session that nobody has used is over here.
    pub idle: Limit,
    /// How long after its owner has shown who they are a session is over here.
    pub absolute: Limit,
    /// How many sessions of one person may come in, those that were proven last; any number without.
    pub sessions: Option<u32>,
}

impl Default for SignInPolicy {
    /// What the platform itself asks, and no more.
    fn default() -> Self {
        Self {
            mfa: None,
            ways: SignInMethods::ALL,
            idle: Limit::IDLE_MAX,
            absolute: Limit::ABSOLUTE_MAX,
            sessions: None,
        }
    }
}

impl SignInPolicy {
    /// The kinds of factors of which people need one, by what is asked for besides the password or by the ways that are
    /// accepted; none, where the password is enough. A way in that nobody has without a passkey comes before all.
    pub fn asked(&self) -> Option<Methods> {
        let by_ways = match self.ways {
            SignInMethods { password: true, .. } => None,
            SignInMethods { two_steps: true, .. } => Some(Methods::ALL),
            SignInMethods { .. } => Some(Methods { passkey: true, authenticator: false }),
        };
        match (self.mfa, by_ways) {
            (Some(mfa), None | Some(Methods::ALL)) => Some(mfa.methods),
            (_, by_ways) => by_ways,
        }
    }

    /// Whether somebody with these factors has what is asked for.
    pub fn is_met_by(&self, factors: Factors) -> bool {
        self.asked().is_none_or(|methods| methods.accept(factors))
    }
}

/// That a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MfaRequirement {
    /// What counts as one.
    pub methods: Methods,
    /// The days that people get to set one up.
    pub grace_days: u32,
    /// Since when it is asked for, by methods no wider than these.
    pub since: OffsetDateTime,
}

impl MfaRequirement {
    /// Until when somebody gets in without: counted from when it was asked for, or from when they joined.
    pub fn due(&self, joined_at: OffsetDateTime) -> OffsetDateTime {
        self.since.max(joined_at) + Duration::days(self.grace_days.into())
    }
}

/// Kinds of second factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods {
    /// A passkey, also one that signs in alone.
    pub passkey: bool,
    /// A code from an authenticator app.
    pub authenticator: bool,
}

impl Methods {
    /// Both.
    pub const ALL: Self = Self { passkey: true, authenticator: true };

    /// Whether one of somebody's factors is of these kinds.
    pub fn accept(self, factors: Factors) -> bool {
        self.passkey && factors.passkey || self.authenticator && factors.authenticator
    }

    /// Whether the other's kinds are all among these.
    pub fn cover(self, other: Self) -> bool {
        (self.passkey || !other.passkey) && (self.authenticator || !other.authenticator)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What people call them, in a sentence.
    pub fn describe(self) -> &'static str {
        match (self.passkey, self.authenticator) {
            (true, true) => "a passkey or an authenticator app",
            (true, false) => "a passkey",
            (false, true) => "an authenticator app",
            (false, false) => "nothing",
        }
    }
}

/// A time-out, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Limit(u32);

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

impl Limit {
    /// The shortest for a session that nobody uses. How long that was is known to some minutes.
    pub const IDLE_MIN: Self = Self(15);
    /// The longest for one that nobody uses: after that it ends everywhere.
    pub const IDLE_MAX: Self = Self(7 * DAY);
    /// The shortest for one that is in use.
    pub const ABSOLUTE_MIN: Self = Self(HOUR);
    /// The longest in any case: after that it ends everywhere.
    pub const ABSOLUTE_MAX: Self = Self(30 * DAY);
    /// One that is stored.
    pub const fn stored(minutes: u32) -> Self {
        Self(minutes)
    }

    /// How many minutes.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// The same as a length of time.
    pub fn duration(self) -> Duration {
        Duration::minutes(self.0.into())
    }

    /// What people call it, in the largest unit that fits: "90 minutes", "8 hours", "7 days".
    pub fn describe(self) -> String {
        let (number, unit) = match self.0 {
            minutes if minutes.is_multiple_of(DAY) => (minutes / DAY, "day"),
            minutes if minutes.is_multiple_of(HOUR) => (minutes / HOUR, "hour"),
            minutes => (minutes, "minute"),
        };
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_complies_has_a_way_in_and_what_is_asked_for_besides() {
        let app = Methods { passkey: false, authenticator: true };
        let passkey = Methods { passkey: true, authenticator: false };
        let ways = |password, two_steps, passkey| SignInMethods { password, two_steps, passkey };
        let mfa = |methods| MfaRequirement { methods, grace_days: 0, since: OffsetDateTime::UNIX_EPOCH };
        for (asks, ways, needed) in [
            (None, SignInMethods::ALL, None),
            (Some(app), SignInMethods::ALL, Some(app)),
            (None, ways(false, true, true), Some(Methods::ALL)),
            (Some(app), ways(false, true, false), Some(app)),
            (None, ways(false, false, true), Some(passkey)),
            (Some(Methods::ALL), ways(false, false, true), Some(passkey)),
        ] {
            let policy = SignInPolicy { mfa: asks.map(mfa), ways, ..SignInPolicy::default() };
            assert_eq!(policy.asked(), needed, "{policy:?}");
            let factors = Factors { authenticator: true, passkey: false };
            assert_eq!(policy.is_met_by(factors), needed.is_none_or(|needed| needed.authenticator));
        }
    }
}
