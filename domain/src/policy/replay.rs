//! What a policy would have done to those who came by.
//!
//! The same judgement that stands at the gate goes over facts that were noted there. It is asked as if the policy had
//! always been in force: whoever joined gets their days for a second factor, and nobody else does.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use time::{Date, Duration, OffsetDateTime};

use super::{Decision, EnforcedPolicy, Facts, Outcome, Rule, Rules, SignInMethod};
use crate::factors::Factors;
use crate::ids::AccountId;
use crate::password::PasswordNote;
use crate::roles::RoleId;

/// What was known of somebody who came by.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Who.
    pub account: AccountId,
    /// When, at last.
    pub at: OffsetDateTime,
    /// Since when they were a member.
    pub joined_at: OffsetDateTime,
    /// When they had last shown who they are.
    pub authenticated_at: OffsetDateTime,
    /// The longest time since then for which nobody had used the session.
    pub pause: Duration,
    /// How many other sessions of theirs were proven later.
    pub newer_sessions: u32,
    /// How many began earlier.
    pub older_sessions: u32,
    /// What they had besides a password.
    pub factors: Factors,
    /// What they had shown in the session.
    pub method: SignInMethod,
    /// What was noted of their password, if they had one.
    pub password: Option<PasswordNote>,
    /// The roles that they held.
    pub roles: &'a [RoleId],
    /// From where they came, if that was known.
    pub ip: Option<IpAddr>,
    /// How often they came by.
    pub times: u32,
}

/// What would have become of visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fates {
    /// They would have come in as they did.
    pub allowed: u64,
    /// They would have had to show something first.
    pub stepped_up: u64,
    /// They would have been kept out.
    pub denied: u64,
}

impl Fates {
    fn count(&mut self, outcome: Outcome, times: u64) {
        match outcome {
            Outcome::Allow | Outcome::Remind(_) => self.allowed += times,
            Outcome::EnrolFirst | Outcome::SignInAgain(_) | Outcome::ChoosePassword => self.stepped_up += times,
            Outcome::Deny(_) => self.denied += times,
        }
    }

    /// How many there are.
    pub fn sum(&self) -> u64 {
        self.allowed + self.stepped_up + self.denied
    }
}

/// What would have become of somebody.
#[derive(Clone, Copy, Debug)]
pub struct Affected {
    /// What of their visits.
    pub fates: Fates,
    /// The rules that would have said no.
    pub rules: Rules,
    /// When they came by last, and what would have come of that.
    pub last: (OffsetDateTime, Outcome),
}

/// A policy that goes over visits.
#[derive(Debug)]
pub struct Replay<'a> {
    policy: &'a EnforcedPolicy,
    region: Option<&'a str>,
    people: HashMap<AccountId, Affected>,
    days: BTreeMap<Date, Fates>,
    rules: [u64; Rule::ALL.len()],
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// What of all visits.
    pub fates: Fates,
    /// How many people came by.
    pub people: u64,
    /// By day, in order.
    pub days: Vec<(Date, Fates)>,
    /// By rule, of those that would have said no: how many visits, and how many people.
    pub rules: Vec<(Rule, u64, u64)>,
    /// Those who would have been kept out or asked for something, most often first.
    pub affected: Vec<(AccountId, Affected)>,
}

impl<'a> Replay<'a> {
    /// A policy that is about to go over visits to where its data is.
    pub fn new(policy: &'a EnforcedPolicy, region: Option<&'a str>) -> Self {
        Self { policy, region, people: HashMap::new(), days: BTreeMap::new(), rules: [0; Rule::ALL.len()] }
    }

    /// What would have come of one.
    pub fn judge(&self, visit: &Visit<'_>) -> Decision {
        let facts = Facts {
            factors: visit.factors,
            method: visit.method,
            password: visit.password,
            joined_at: visit.joined_at,
            authenticated_at: visit.authenticated_at,
            pause: visit.pause,
            newer_sessions: visit.newer_sessions,
            older_sessions: visit.older_sessions,
            sessions_inside: None,
            access_ended_at: None,
            roles: visit.roles,
            ip: visit.ip,
            region: self.region,
            excepted: Rules::default(),
        };
        self.policy.evaluate(&facts, None, visit.at)
    }

    /// Counts one.
    pub fn take(&mut self, visit: &Visit<'_>) {
        let Decision { outcome, rules } = self.judge(visit);
        let times = u64::from(visit.times);
        self.days.entry(visit.at.date()).or_default().count(outcome, times);
        for rule in rules.iter() {
            self.rules[rule as usize] += times;
        }
        let last = (visit.at, outcome);
        let fresh = || Affected { fates: Fates::default(), rules: Rules::default(), last };
        let person = self.people.entry(visit.account).or_insert_with(fresh);
        person.fates.count(outcome, times);
        person.rules = person.rules.union(rules);
        if visit.at >= person.last.0 {
            person.last = last;
        }
    }

    /// What came of all of them.
    pub fn finish(self) -> Replayed {
        let mut fates = Fates::default();
        for day in self.days.values() {
            fates.allowed += day.allowed;
            fates.stepped_up += day.stepped_up;
            fates.denied += day.denied;
        }
        let people_of = |rule: Rule| self.people.values().filter(|person| person.rules.contain(rule)).count() as u64;
        let rules = Rule::ALL.into_iter().map(|rule| (rule, self.rules[rule as usize], people_of(rule)));
        let rules = rules.filter(|(_, visits, _)| *visits > 0).collect();
        let people = self.people.len() as u64;
        let mut affected: Vec<_> = self.people.into_iter().filter(|(_, person)| !person.rules.is_empty()).collect();
        affected.sort_by_key(|(id, person)| std::cmp::Reverse((person.fates.denied, person.fates.stepped_up, *id)));
        Replayed { fates, people, days: self.days.into_iter().collect(), rules, affected }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;
    use crate::policy::{Networks, SecurityPolicy};
    use crate::roles::{Role, RoleBook};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
    const MEMBER: [RoleId; 1] = [RoleId::Builtin(Role::Member)];

    fn visit(person: u128, days_ago: i64, ip: [u8; 4], passkey: bool, times: u32) -> Visit<'static> {
        let at = NOW - Duration::days(days_ago);
        Visit {
            account: AccountId(Uuid::from_u128(person)),
            at,
            joined_at: NOW - Duration::days(200),
            authenticated_at: at - Duration::minutes(5),
            pause: Duration::ZERO,
            newer_sessions: 0,
            older_sessions: 0,
            factors: Factors { authenticator: false, passkey },
            method: if passkey { SignInMethod::Passkey } else { SignInMethod::Password },
            password: None,
            roles: &MEMBER,
            ip: Some(ip.into()),
            times,
        }
    }

    #[test]
    fn lists_of_networks_bind_by_the_roles_that_were_held_then() {
        let list = "10.0.0.0/8\n10.1.0.0/16 for Owner";
        let networks = Networks::parse(list, &RoleBook::default()).unwrap();
        let policy = EnforcedPolicy::new(SecurityPolicy { networks, ..SecurityPolicy::default() });
        let replay = Replay::new(&policy, None);
        let owner = [RoleId::Builtin(Role::Owner)];
        let home = visit(1, 0, [10, 2, 0, 1], false, 1);
        assert_eq!(replay.judge(&home).outcome, Outcome::Allow);
        let promoted = Visit { roles: &owner, ..home };
        assert_eq!(replay.judge(&promoted).outcome, Outcome::Deny(Rule::Networks));
        let inside = Visit { roles: &owner, ..visit(1, 0, [10, 1, 0, 1], false, 1) };
        assert_eq!(replay.judge(&inside).outcome, Outcome::Allow);
    }

    #[test]
    fn it_tells_who_how_often_and_why() {
        let networks = Networks::parse("10.0.0.0/8", &RoleBook::default()).unwrap();
        let policy = EnforcedPolicy::new(SecurityPolicy { mfa: true, networks, ..SecurityPolicy::default() });
        let mut replay = Replay::new(&policy, None);
        let home = [10, 0, 0, 1];
        for visit in [
            visit(1, 3, home, true, 5),
            visit(2, 3, home, false, 2),
            visit(2, 1, [192, 0, 2, 1], true, 1),
            visit(3, 1, [192, 0, 2, 1], false, 4),
            Visit { joined_at: NOW - Duration::days(6), ..visit(4, 0, home, false, 1) },
        ] {
            replay.take(&visit);
        }
        let found = replay.finish();
        assert_eq!(found.fates, Fates { allowed: 6, stepped_up: 2, denied: 5 });
        assert_eq!((found.people, found.fates.sum(), found.days.len()), (4, 13, 3));
        assert_eq!(found.rules, [(Rule::Networks, 5, 2), (Rule::Mfa, 6, 2)]);
        let ids: Vec<_> = found.affected.iter().map(|(id, _)| id.0.as_u128()).collect();
        assert_eq!(ids, [3, 2], "who has just joined gets their days");
        let (_, second) = found.affected[1];
        assert_eq!(second.last, (NOW - Duration::days(1), Outcome::Deny(Rule::Networks)));
        assert_eq!(second.fates, Fates { allowed: 0, stepped_up: 2, denied: 1 });
    }
}
