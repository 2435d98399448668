//! Whether somebody may come in: pure, by facts that the gate has at hand, or has noted long ago.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::ranges::Ranges;
use super::{AtTheLimit, Facts, Key, Names, SecurityPolicy, SignInPolicy, Staleness};
use crate::roles::RoleId;

/// What may speak against somebody's coming in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The organization's data must not be where this installation has it.
    Regions,
    /// They come from another network.
    Networks,
    /// So many sessions of theirs are in use as may be, and they began earlier.
    SessionsPerPerson,
    /// So many sessions are inside as may be.
    SessionsInOrganization,
    /// Somebody who may has ended their access for the sessions of then.
    AccessEnded,
    /// They have shown too long ago who they are.
    AbsoluteMinutes,
    /// Nobody has used the session for too long.
    IdleMinutes,
    /// They have no second factor of those that count.
    Mfa,
}

impl Rule {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 8] = [
        Self::Regions,
        Self::Networks,
        Self::SessionsPerPerson,
        Self::SessionsInOrganization,
        Self::AccessEnded,
        Self::AbsoluteMinutes,
        Self::IdleMinutes,
        Self::Mfa,
    ];

    /// The name under which it is stored and audited.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Regions => "regions",
            Self::Networks => "networks",
            Self::SessionsPerPerson => "sessions_per_person",
            Self::SessionsInOrganization => "sessions_in_organization",
            Self::AccessEnded => "access_ended",
            Self::AbsoluteMinutes => "absolute_minutes",
            Self::IdleMinutes => "idle_minutes",
            Self::Mfa => "mfa",
        }
    }

    /// The setting that it is of, if it is one's.
    pub const fn key(self) -> Option<Key> {
        Some(match self {
            Self::Regions => Key::Regions,
            Self::Networks => Key::Networks,
            Self::SessionsPerPerson => Key::SessionsPerPerson,
            Self::SessionsInOrganization => Key::SessionsInOrganization,
            Self::AccessEnded => return None,
            Self::AbsoluteMinutes => Key::AbsoluteMinutes,
            Self::IdleMinutes => Key::IdleMinutes,
            Self::Mfa => Key::Mfa,
        })
    }
}

/// Rules, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules(u16);

impl Rules {
    /// The same with another one.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule as u16)
    }

    /// Those of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one is among them.
    pub const fn contain(self, rule: Rule) -> bool {
        self.0 & 1 << rule as u16 != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Them, in the order in which they are asked.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |rule| self.contain(*rule))
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        rules.into_iter().fold(Self::default(), Self::with)
    }
}

/// What comes of judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Come in.
    Allow,
    /// Come in, and set up a second factor until then.
    Remind(OffsetDateTime),
    /// A second factor comes first.
    EnrolFirst,
    /// A proof of who they are comes first.
    SignInAgain(Staleness),
    /// Not from here, or not now: nothing that they can show helps.
    Deny(Rule),
}

/// What comes of judging, and all that spoke against somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub outcome: Outcome,
    /// The rules that said no: more than one may have.
    pub rules: Rules,
}

/// A policy that is made ready to judge by.
#[derive(Clone, Debug)]
pub struct EnforcedPolicy {
    policy: SecurityPolicy,
    everybody: Option<Ranges>,
    by_role: Vec<(RoleId, Ranges)>,
}

impl Default for EnforcedPolicy {
    fn default() -> Self {
        Self::new(SecurityPolicy::default())
    }
}

impl EnforcedPolicy {
    /// Makes a policy ready.
    pub fn new(policy: SecurityPolicy) -> Self {
        let ranges = |scope| Ranges::new(policy.networks.bind(scope).into_iter().map(|entry| &entry.network));
        let (mut everybody, mut by_role) = (None, Vec::new());
        for scope in policy.networks.scopes() {
            match scope {
                None => everybody = Some(ranges(None)),
                Some(role) => by_role.push((role, ranges(Some(role)))),
            }
        }
        Self { policy, everybody, by_role }
    }

    /// The document.
    pub fn document(&self) -> &SecurityPolicy {
        &self.policy
    }

    /// What it asks of a sign-in, with a second factor that is asked for since then.
    pub fn sign_in(&self, mfa_since: Option<OffsetDateTime>) -> SignInPolicy {
        self.policy.sign_in(mfa_since.unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// Whether somebody may come in now, by this policy, whose second factor is asked for since `mfa_since`. Where they
    /// are is asked before who they are, and that before what they have: whoever is in the wrong place is told of nothing
    /// that helps. What is not known speaks against them where it is asked for.
    pub fn evaluate(&self, facts: &Facts<'_>, mfa_since: Option<OffsetDateTime>, now: OffsetDateTime) -> Decision {
        let sign_in = self.sign_in(mfa_since);
        let mut rules = Rules::default();
        let mut against = |rule: Rule, says_no: bool| {
            if says_no && !facts.excepted.contain(rule) {
                rules = rules.with(rule);
            }
        };
        against(Rule::Regions, !self.is_in_region(facts.region));
        against(Rule::Networks, !self.is_within(facts));
        against(Rule::SessionsPerPerson, self.is_one_too_many(facts));
        against(Rule::SessionsInOrganization, self.is_full(facts));
        let stale = self.staleness(&sign_in, facts, now);
        if let Some(why) = stale {
            against(why.rule(), true);
        }
        let asked = sign_in.mfa.filter(|_| !facts.excepted.contain(Rule::Mfa));
        let lacking = asked.filter(|mfa| !mfa.methods.accept(facts.factors)).map(|mfa| mfa.due(facts.joined_at));
        let is_due = lacking.is_some_and(|due| now >= due);
        against(Rule::Mfa, is_due);
        let denial = rules.iter().find(|rule| {
            matches!(rule, Rule::Regions | Rule::Networks | Rule::SessionsInOrganization)
                || *rule == Rule::SessionsPerPerson && stale != Some(Staleness::Displaced)
        });
        let outcome = match (denial, stale, lacking) {
            (Some(rule), ..) => Outcome::Deny(rule),
            (_, Some(why), _) => Outcome::SignInAgain(why),
            (_, _, Some(_)) if is_due => Outcome::EnrolFirst,
            (_, _, Some(due)) => Outcome::Remind(due),
            _ => Outcome::Allow,
        };
        Decision { outcome, rules }
    }

    fn is_in_region(&self, region: Option<&str>) -> bool {
        let regions: &Names = &self.policy.regions;
        regions.is_empty() || region.is_some_and(|region| regions.allow(region))
    }

    /// Whether they come from within every list that binds them.
    fn is_within(&self, facts: &Facts<'_>) -> bool {
        let binds = |role: &RoleId| facts.roles.contains(role);
        let mut lists =
            self.everybody.iter().chain(self.by_role.iter().filter(|(role, _)| binds(role)).map(|(_, list)| list));
        lists.all(|list| facts.ip.is_some_and(|ip| list.contain(ip)))
    }

    fn is_one_too_many(&self, facts: &Facts<'_>) -> bool {
        self.policy.at_the_limit == AtTheLimit::RefuseNewest
            && self.policy.sessions_per_person.is_some_and(|most| facts.older_sessions >= most)
    }

    /// Why the session is not good enough, by the first rule of those that they are not excepted from.
    fn staleness(&self, policy: &SignInPolicy, facts: &Facts<'_>, now: OffsetDateTime) -> Option<Staleness> {
        let ends_oldest = self.policy.at_the_limit == AtTheLimit::EndOldest;
        let reasons = [
            (Staleness::Ended, facts.access_ended_at.is_some_and(|ended| facts.authenticated_at <= ended)),
            (Staleness::Age, now - facts.authenticated_at >= policy.absolute.duration()),
            (Staleness::Idle, facts.pause >= policy.idle.duration()),
            (Staleness::Displaced, ends_oldest && policy.sessions.is_some_and(|most| facts.newer_sessions >= most)),
        ];
        reasons.into_iter().find(|(why, holds)| *holds && !facts.excepted.contain(why.rule())).map(|(why, _)| why)
    }

    fn is_full(&self, facts: &Facts<'_>) -> bool {
        let most =
            self.policy.sessions_in_organization.filter(|_| self.policy.at_the_limit == AtTheLimit::RefuseNewest);
        most.zip(facts.sessions_inside).is_some_and(|(most, inside)| inside >= most)
    }
}

impl Staleness {
    /// The rule that says so.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Ended => Rule::AccessEnded,
            Self::Age => Rule::AbsoluteMinutes,
            Self::Idle => Rule::IdleMinutes,
            Self::Displaced => Rule::SessionsPerPerson,
        }
    }
}

#[cfg(test)]
mod tests;
