//! Whether somebody may come in: pure, by facts that the gate has at hand, or has noted long ago.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::ranges::Ranges;
use super::{AtTheLimit, Facts, Key, Names, SecurityPolicy, SignInMethod, SignInPolicy, Staleness};
use crate::password::PASSWORD_MIN;
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
    /// They have not signed in in a way that is accepted.
    SignInMethods,
    /// They have no second factor of those that count.
    Mfa,
    /// Their password is too short.
    PasswordLength,
    /// Their password is guessed too soon.
    PasswordStrength,
    /// Their password is all that they have signed in with, and too old for that.
    PasswordDays,
}

impl Rule {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 12] = [
        Self::Regions,
        Self::Networks,
        Self::SessionsPerPerson,
        Self::SessionsInOrganization,
        Self::AccessEnded,
        Self::AbsoluteMinutes,
        Self::IdleMinutes,
        Self::SignInMethods,
        Self::Mfa,
        Self::PasswordLength,
        Self::PasswordStrength,
        Self::PasswordDays,
    ];

    /// Those of passwords.
    pub const OF_PASSWORDS: [Self; 3] = [Self::PasswordLength, Self::PasswordStrength, Self::PasswordDays];

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
            Self::SignInMethods => "sign_in_methods",
            Self::Mfa => "mfa",
            Self::PasswordLength => "password_length",
            Self::PasswordStrength => "password_strength",
            Self::PasswordDays => "password_days",
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
            Self::SignInMethods => Key::SignInMethods,
            Self::Mfa => Key::Mfa,
            Self::PasswordLength => Key::PasswordLength,
            Self::PasswordStrength => Key::PasswordStrength,
            Self::PasswordDays => Key::PasswordDays,
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
    /// Another password comes first.
    ChoosePassword,
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

    /// How many bytes it takes, as far as that grows with what is set.
    pub fn bytes(&self) -> usize {
        let ranges = self.everybody.iter().chain(self.by_role.iter().map(|(_, ranges)| ranges));
        size_of::<Self>() + self.policy.networks.bytes() + ranges.map(Ranges::bytes).sum::<usize>()
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
        let ways = self.policy.sign_in_methods;
        let is_unaccepted = !ways.accept(facts.method) && !facts.excepted.contain(Rule::SignInMethods);
        against(Rule::SignInMethods, is_unaccepted);
        let has_a_way = ways.are_open_to(facts.factors);
        let stale = stale.or((is_unaccepted && has_a_way).then_some(Staleness::Method));
        let asked = sign_in.mfa.filter(|_| !facts.excepted.contain(Rule::Mfa));
        let lacking = asked.filter(|mfa| !mfa.methods.accept(facts.factors)).map(|mfa| mfa.due(facts.joined_at));
        let is_due = lacking.is_some_and(|due| now >= due);
        against(Rule::Mfa, is_due);
        for rule in self.against_password(facts, now) {
            against(rule, true);
        }
        let enrols = is_due || is_unaccepted && !has_a_way;
        let chooses = Rule::OF_PASSWORDS.into_iter().any(|rule| rules.contain(rule));
        let denial = rules.iter().find(|rule| {
            matches!(rule, Rule::Regions | Rule::Networks | Rule::SessionsInOrganization)
                || *rule == Rule::SessionsPerPerson && stale != Some(Staleness::Displaced)
        });
        let outcome = match (denial, stale, lacking) {
            (Some(rule), ..) => Outcome::Deny(rule),
            (_, Some(why), _) => Outcome::SignInAgain(why),
            _ if enrols => Outcome::EnrolFirst,
            _ if chooses => Outcome::ChoosePassword,
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

    /// What speaks against the password, where it is part of what they have shown. What is not known of one is as little as
    /// the portal has ever taken.
    fn against_password(&self, facts: &Facts<'_>, now: OffsetDateTime) -> impl Iterator<Item = Rule> + use<> {
        let policy = &self.policy;
        let against = facts.password.filter(|_| facts.method.has_password()).map(|password| {
            let length = u32::from(password.length.unwrap_or(PASSWORD_MIN));
            let is_old = |days: u32| now - password.changed_at >= Duration::days(days.into());
            let counts = facts.method == SignInMethod::Password;
            [
                (Rule::PasswordLength, length < policy.password_length),
                (Rule::PasswordStrength, password.strength.unwrap_or_default() < policy.password_strength),
                (Rule::PasswordDays, counts && policy.password_days.is_some_and(is_old)),
            ]
        });
        against.into_iter().flatten().filter(|(_, holds)| *holds).map(|(rule, _)| rule)
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
            Self::Method => Rule::SignInMethods,
        }
    }
}

#[cfg(test)]
mod tests;
