//! Whether somebody may come in: pure, by facts that the gate has at hand.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::SignInPolicy;
use crate::factors::Factors;

/// What is known of a member and the session that they come with.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// What they have besides a password.
    pub factors: Factors,
    /// Since when they are a member.
    pub joined_at: OffsetDateTime,
    /// When they have last shown, in this session, who they are.
    pub authenticated_at: OffsetDateTime,
    /// The longest time since then for which nobody has used the session.
    pub pause: Duration,
    /// How many other sessions of theirs were proven later.
    pub newer_sessions: u32,
    /// When somebody has ended their access for the sessions of then.
    pub access_ended_at: Option<OffsetDateTime>,
}

/// Why a session is no longer good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staleness {
    /// Nobody has used it for too long.
    Idle,
    /// Its owner has shown too long ago who they are.
    Age,
    /// Somebody who may has ended their access for the sessions of then.
    Ended,
    /// So many newer ones of the same person are in use as may be.
    Displaced,
}

/// What comes of judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Come in.
    Allow,
    /// Come in, and set up a second factor until then.
    Remind(OffsetDateTime),
    /// A second factor comes first.
    EnrolFirst,
    /// A proof of who they are comes first.
    SignInAgain(Staleness),
}

impl SignInPolicy {
    /// Whether somebody may come in now. Who they are is asked before what they have.
    pub fn judge(&self, facts: &Facts, now: OffsetDateTime) -> Decision {
        if let Some(why) = self.staleness(facts, now) {
            return Decision::SignInAgain(why);
        }
        let Some(mfa) = self.mfa.filter(|mfa| !mfa.methods.accept(facts.factors)) else { return Decision::Allow };
        let due = mfa.due(facts.joined_at);
        if now < due { Decision::Remind(due) } else { Decision::EnrolFirst }
    }

    fn staleness(&self, facts: &Facts, now: OffsetDateTime) -> Option<Staleness> {
        if facts.access_ended_at.is_some_and(|ended| facts.authenticated_at <= ended) {
            Some(Staleness::Ended)
        } else if now - facts.authenticated_at >= self.absolute.duration() {
            Some(Staleness::Age)
        } else if facts.pause >= self.idle.duration() {
            Some(Staleness::Idle)
        } else if self.sessions.is_some_and(|most| facts.newer_sessions >= most.into()) {
            Some(Staleness::Displaced)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::policy::{Limit, Methods, MfaRequirement};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn ago(minutes: u32) -> OffsetDateTime {
        NOW - Duration::minutes(minutes.into())
    }

    fn factors() -> impl Strategy<Value = Factors> {
        any::<(bool, bool)>().prop_map(|(authenticator, passkey)| Factors { authenticator, passkey })
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let minutes = 0..60_000_u32;
        (factors(), minutes.clone(), minutes.clone(), 0..12_000_u32, 0..6_u32, proptest::option::of(minutes)).prop_map(
            |(factors, joined, authenticated, pause, newer_sessions, ended)| Facts {
                factors,
                joined_at: ago(joined),
                authenticated_at: ago(authenticated),
                pause: Duration::minutes(pause.into()),
                newer_sessions,
                access_ended_at: ended.map(ago),
            },
        )
    }

    fn policy() -> impl Strategy<Value = SignInPolicy> {
        let methods = prop_oneof![
            Just(Methods::ALL),
            Just(Methods { passkey: true, authenticator: false }),
            Just(Methods { passkey: false, authenticator: true }),
        ];
        let mfa = (methods, 0..=30_u16, 0..60_000_u32).prop_map(|(methods, grace_days, since)| MfaRequirement {
            methods,
            grace_days,
            since: ago(since),
        });
        (proptest::option::of(mfa), 15..=10_080_u32, 60..=43_200_u32, proptest::option::of(1..=5_u16)).prop_map(
            |(mfa, idle, absolute, sessions)| SignInPolicy {
                mfa,
                idle: Limit::stored(idle),
                absolute: Limit::stored(absolute),
                sessions,
            },
        )
    }

    /// One that asks for all that both ask for.
    fn both(a: &SignInPolicy, b: &SignInPolicy) -> Option<SignInPolicy> {
        let mfa = match (a.mfa, b.mfa) {
            (Some(a), Some(b)) => {
                let methods = Methods {
                    passkey: a.methods.passkey && b.methods.passkey,
                    authenticator: a.methods.authenticator && b.methods.authenticator,
                };
                if methods.is_empty() {
                    return None;
                }
                Some(MfaRequirement {
                    methods,
                    grace_days: a.grace_days.min(b.grace_days),
                    since: a.since.min(b.since),
                })
            }
            (one, other) => one.or(other),
        };
        let sessions = match (a.sessions, b.sessions) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        Some(SignInPolicy { mfa, idle: a.idle.min(b.idle), absolute: a.absolute.min(b.absolute), sessions })
    }

    /// How far a decision lets somebody in, and until when at least.
    fn freedom(decision: Decision) -> (u8, Option<OffsetDateTime>) {
        match decision {
            Decision::Allow => (2, None),
            Decision::Remind(until) => (1, Some(until)),
            Decision::EnrolFirst | Decision::SignInAgain(_) => (0, None),
        }
    }

    proptest! {
        #[test]
        fn a_stricter_policy_never_allows_more(a in policy(), b in policy(), facts in facts()) {
            if let Some(stricter) = both(&a, &b) {
                let strict = freedom(stricter.judge(&facts, NOW));
                for lax in [a, b] {
                    prop_assert!(strict <= freedom(lax.judge(&facts, NOW)), "{stricter:?} {lax:?}");
                }
            }
        }

        #[test]
        fn an_allowed_factor_and_a_fresh_proof_always_let_in(policy in policy(), facts in facts()) {
            let fresh = Facts {
                factors: Factors { authenticator: true, passkey: true },
                authenticated_at: NOW,
                pause: Duration::ZERO,
                newer_sessions: 0,
                access_ended_at: facts.access_ended_at.filter(|ended| *ended < NOW),
                ..facts
            };
            prop_assert_eq!(policy.judge(&fresh, NOW), Decision::Allow);
        }

        #[test]
        fn nobody_is_let_in_without_a_factor_when_the_grace_is_over(policy in policy(), facts in facts()) {
            let without = Facts { factors: Factors::default(), ..facts };
            if policy.mfa.is_some_and(|mfa| mfa.due(facts.joined_at) <= NOW) {
                prop_assert_eq!(freedom(policy.judge(&without, NOW)).0, 0);
            }
        }
    }

    #[test]
    fn the_default_asks_for_no_more_than_the_platform() {
        let facts = Facts {
            factors: Factors::default(),
            joined_at: ago(1_000_000),
            authenticated_at: NOW - Duration::days(30) + Duration::SECOND,
            pause: Duration::days(7) - Duration::SECOND,
            newer_sessions: 1_000,
            access_ended_at: None,
        };
        assert_eq!(SignInPolicy::default().judge(&facts, NOW), Decision::Allow);
    }

    #[test]
    fn the_grace_counts_from_the_later_of_joining_and_asking() {
        let mfa = MfaRequirement { methods: Methods::ALL, grace_days: 7, since: NOW };
        let (week, day) = (Duration::days(7), Duration::days(1));
        assert_eq!(mfa.due(NOW - day), NOW + week);
        assert_eq!(mfa.due(NOW + day), NOW + day + week);
    }
}
