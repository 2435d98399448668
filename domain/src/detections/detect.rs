//! Where facts are worth somebody's attention.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use ipnet::IpNet;
use time::OffsetDateTime;

use super::fact::network_of;
use super::tally::Tally;
use super::{FactKind, Rule, SecurityFact, Tuning, longest_window};
use crate::ids::{AccountId, ApiKeyId};

/// Facts that a rule says somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// What it is about: an account's or a key's id, a network, or `log`. As long as an alert about it is open, there is no
    /// other.
    pub subject: String,
    /// The account that it is about.
    pub account: Option<AccountId>,
    /// The key that it is about.
    pub key: Option<ApiKeyId>,
    /// The network that it is about, or from which it came last.
    pub network: Option<IpNet>,
    /// When it began.
    pub first_at: OffsetDateTime,
    /// The latest that belongs to it.
    pub last_at: OffsetDateTime,
    /// How many belong to it: accounts, where it is about many of them, and else facts, or what these come to.
    pub count: u32,
    /// When each of them was, and how many it counts for.
    times: Vec<(OffsetDateTime, u32)>,
}

impl Finding {
    /// How many belong to it that came after that.
    pub fn count_after(&self, at: OffsetDateTime) -> u32 {
        sum(self.times.iter().filter(|(time, _)| *time > at))
    }
}

fn sum<'a>(times: impl Iterator<Item = &'a (OffsetDateTime, u32)>) -> u32 {
    times.fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Account(AccountId),
    Key(ApiKeyId),
    Network(IpNet),
    Log,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Network(network) => network.fmt(f),
            Self::Log => f.write_str("log"),
        }
    }
}

/// Looks for everything that the rules say, in facts that come oldest first. Nobody has looked at those since `from`, and
/// whatever is within a rule's window of each other counts together.
pub fn detect(facts: &[SecurityFact], tuning: &Tuning, from: OffsetDateTime) -> Vec<Finding> {
    let since = from - longest_window(tuning);
    let facts = &facts[facts.partition_point(|fact| fact.at < since)..];
    let enabled = Rule::ALL.iter().copied().filter(|rule| tuning.is_enabled(*rule));
    enabled.flat_map(|rule| find(rule, facts, tuning)).collect()
}

/// What one rule says, subject by subject.
fn find(rule: Rule, facts: &[SecurityFact], tuning: &Tuning) -> Vec<Finding> {
    let threshold = tuning.threshold(rule);
    let mut by_subject: BTreeMap<Subject, Vec<&SecurityFact>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| rule.counts(fact, threshold)) {
        if let Some(subject) = rule.subject(fact) {
            by_subject.entry(subject).or_default().push(fact);
        }
    }
    let finding = |(subject, facts): (Subject, Vec<&SecurityFact>)| {
        let found = within_windows(&facts, tuning.window(rule), |tally| rule.is_enough(tally, threshold));
        summarize(rule, subject, &found)
    };
    by_subject.into_iter().filter_map(finding).collect()
}

/// The facts that are in a window of which there is enough. They come oldest first, and so does what is found.
fn within_windows<'a>(
    facts: &[&'a SecurityFact],
    window: time::Duration,
    is_enough: impl Fn(&Tally) -> bool,
) -> Vec<&'a SecurityFact> {
    let (mut tally, mut found) = (Tally::default(), Vec::new());
    // The window is `start..=end`, and all before `taken` is found or never will be.
    let (mut start, mut taken) = (0, 0);
    for (end, fact) in facts.iter().enumerate() {
        tally.add(fact);
        while facts[start].at < fact.at - window {
            tally.remove(facts[start]);
            start += 1;
        }
        // Those of one instant count together, in whichever order they come.
        let is_last_of_instant = facts.get(end + 1).is_none_or(|next| next.at > fact.at);
        if is_last_of_instant && is_enough(&tally) {
            found.extend_from_slice(&facts[start.max(taken)..=end]);
            taken = end + 1;
        }
    }
    found
}

fn summarize(rule: Rule, subject: Subject, facts: &[&SecurityFact]) -> Option<Finding> {
    let (first, last) = facts.first().zip(facts.last())?;
    let mut known = HashSet::new();
    let mut weight = |fact: &SecurityFact| match rule {
        Rule::MassChange | Rule::PrivilegeJump => fact.amount,
        // An account counts when it is there for the first time.
        Rule::Spraying | Rule::SharedAddress => u32::from(fact.account.is_none_or(|account| known.insert(account))),
        _ => 1,
    };
    let mut times: Vec<_> = facts.iter().map(|fact| (fact.at, weight(fact))).collect();
    times.sort_unstable();
    let last_network = || {
        let known = facts.iter().filter_map(|fact| Some((fact.at, network_of(fact.ip?))));
        known.max().map(|(_, network)| network)
    };
    let (account, network) = match subject {
        Subject::Account(id) => (Some(id), last_network()),
        Subject::Key(_) => {
            let known = facts.iter().filter_map(|fact| Some((fact.at, fact.account?)));
            (known.max().map(|(_, account)| account), last_network())
        }
        Subject::Network(network) => (None, Some(network)),
        Subject::Log => (None, None),
    };
    let key = if let Subject::Key(id) = subject { Some(id) } else { None };
    let (first_at, last_at) = (first.at, last.at);
    Some(Finding {
        rule,
        subject: subject.to_string(),
        account,
        key,
        network,
        first_at,
        last_at,
        count: sum(times.iter()),
        times,
    })
}

impl Rule {
    /// The kinds of facts that it looks at.
    pub const fn kinds(self) -> &'static [FactKind] {
        match self {
            Self::Spraying | Self::Guessing => &[FactKind::SignInFailed],
            Self::SharedAddress | Self::NewDevice | Self::ImpossiblePace | Self::DormantAdmin => &[FactKind::SignIn],
            Self::MfaFatigue => &[FactKind::CodeFailed],
            Self::MassChange => &[FactKind::Change],
            Self::PrivilegeJump => &[FactKind::Privilege],
            Self::ExportSpike => &[FactKind::Export],
            Self::KeyNewNetwork => &[FactKind::KeyUsed],
            Self::DeniedSpike => &[FactKind::Denied, FactKind::KeptOut],
            Self::PolicyWeakened => &[FactKind::Weakened],
            Self::LogBroken => &[FactKind::LogDamaged],
        }
    }

    /// Whether a fact counts at all, with this threshold.
    pub fn counts(self, fact: &SecurityFact, threshold: u32) -> bool {
        self.kinds().contains(&fact.kind)
            && match self {
                Self::NewDevice => fact.privileged && fact.new_network && fact.new_device,
                Self::DormantAdmin => fact.privileged && fact.amount >= threshold,
                Self::KeyNewNetwork => fact.new_network,
                _ => true,
            }
    }

    /// What a fact is about, as far as this rule is concerned.
    fn subject(self, fact: &SecurityFact) -> Option<Subject> {
        match self {
            Self::Spraying => fact.ip.map(network_of).map(Subject::Network),
            Self::SharedAddress => fact.ip.map(|ip| Subject::Network(ip.to_canonical().into())),
            Self::KeyNewNetwork => fact.key.map(Subject::Key).or(fact.account.map(Subject::Account)),
            Self::LogBroken => Some(Subject::Log),
            _ => fact.account.map(Subject::Account),
        }
    }

    /// Whether what is in a window is enough.
    fn is_enough(self, tally: &Tally, threshold: u32) -> bool {
        let threshold = u64::from(threshold);
        match self {
            Self::Spraying => tally.accounts() >= threshold,
            // An office is one address, too: but people come from there again and again.
            Self::SharedAddress => tally.accounts() >= threshold && tally.newcomers() * 2 >= tally.accounts(),
            Self::ImpossiblePace => tally.is_apart(),
            Self::MassChange | Self::PrivilegeJump => tally.amount() >= threshold,
            Self::Guessing | Self::MfaFatigue | Self::ExportSpike | Self::DeniedSpike => tally.facts() >= threshold,
            Self::NewDevice | Self::DormantAdmin | Self::KeyNewNetwork | Self::PolicyWeakened | Self::LogBroken => true,
        }
    }
}
