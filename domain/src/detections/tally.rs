//! What is in a window of time.

use std::collections::HashMap;
use std::hash::Hash;

use ipnet::IpNet;

use super::SecurityFact;
use super::fact::cut;
use crate::ids::AccountId;

/// Counts what rules ask about, as facts come into a window and fall out of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    facts: u64,
    amount: u64,
    /// Those that are about nobody's account: each counts as an account of its own.
    nobodys: u64,
    accounts: Counted<AccountId>,
    newcomers: Counted<AccountId>,
    /// The networks, so wide that a person seldom gets from one into another, by family: a device with both kinds of
    /// addresses is in one place.
    v4: Counted<IpNet>,
    v6: Counted<IpNet>,
}

impl Tally {
    pub(super) fn add(&mut self, fact: &SecurityFact) {
        self.facts += 1;
        self.amount += u64::from(fact.amount);
        match fact.account {
            Some(account) => self.accounts.add(account),
            None => self.nobodys += 1,
        }
        if let Some(account) = fact.account.filter(|_| fact.new_network) {
            self.newcomers.add(account);
        }
        if let Some(network) = region(fact) {
            self.networks(network).add(network);
        }
    }

    pub(super) fn remove(&mut self, fact: &SecurityFact) {
        self.facts -= 1;
        self.amount -= u64::from(fact.amount);
        match fact.account {
            Some(account) => self.accounts.remove(account),
            None => self.nobodys -= 1,
        }
        if let Some(account) = fact.account.filter(|_| fact.new_network) {
            self.newcomers.remove(account);
        }
        if let Some(network) = region(fact) {
            self.networks(network).remove(network);
        }
    }

    /// How many facts there are.
    pub(super) fn facts(&self) -> u64 {
        self.facts
    }

    /// The sum of what they count for.
    pub(super) fn amount(&self) -> u64 {
        self.amount
    }

    /// How many accounts they are about.
    pub(super) fn accounts(&self) -> u64 {
        self.accounts.distinct() + self.nobodys
    }

    /// How many accounts have come from a network that is new for them.
    pub(super) fn newcomers(&self) -> u64 {
        self.newcomers.distinct()
    }

    /// Whether they come from networks that have nothing to do with each other.
    pub(super) fn is_apart(&self) -> bool {
        self.v4.distinct() > 1 || self.v6.distinct() > 1
    }

    fn networks(&mut self, of: IpNet) -> &mut Counted<IpNet> {
        match of {
            IpNet::V4(_) => &mut self.v4,
            IpNet::V6(_) => &mut self.v6,
        }
    }
}

/// The /16 or /32 that a fact comes from.
fn region(fact: &SecurityFact) -> Option<IpNet> {
    fact.ip.map(|ip| cut(ip, 16, 32))
}

/// How often each is there.
#[derive(Debug)]
struct Counted<T>(HashMap<T, u32>);

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Counted<T> {
    fn add(&mut self, one: T) {
        *self.0.entry(one).or_default() += 1;
    }

    fn remove(&mut self, one: T) {
        if let Some(times) = self.0.get_mut(&one) {
            *times -= 1;
            if *times == 0 {
                self.0.remove(&one);
            }
        }
    }

    fn distinct(&self) -> u64 {
        self.0.len() as u64
    }
}
