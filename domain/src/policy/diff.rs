//! What is different between policies, and two changes put together.

use std::collections::HashSet;

use super::{Key, SETTINGS, SecurityPolicy, Setting};

/// A setting that is not as it was.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Which.
    pub setting: &'static Setting,
    /// What it was, in words.
    pub before: String,
    /// What it is, in words.
    pub after: String,
    /// More about lists: what is new.
    pub added: Vec<String>,
    /// What is gone.
    pub removed: Vec<String>,
    /// Whether it asks for all that it asked for before, or for less.
    pub is_stricter: bool,
}

impl SecurityPolicy {
    /// What is not as it was.
    pub fn changes_since(&self, before: &Self) -> Vec<Difference> {
        let changed = |setting: &&Setting| setting.get(before) != setting.get(self);
        SETTINGS
            .iter()
            .filter(changed)
            .map(|setting| {
                let (was, is) = (setting.get(before), setting.get(self));
                let (old, new) = (items(before, setting.key), items(self, setting.key));
                let missing = |from: &[String], of: &[String]| {
                    let known: HashSet<_> = from.iter().collect();
                    of.iter().filter(|item| !known.contains(item)).cloned().collect::<Vec<_>>()
                };
                Difference {
                    setting,
                    before: setting.kind.describe(&was),
                    after: setting.kind.describe(&is),
                    added: missing(&old, &new),
                    removed: missing(&new, &old),
                    is_stricter: setting.kind.is_as_strict(&is, &was),
                }
            })
            .collect()
    }

    /// What is set, section by section: what counts at present, in words.
    pub fn describe(&self) -> Vec<(&'static Setting, String)> {
        let counting = SETTINGS.iter().filter(|setting| setting.counts_in(self));
        counting.map(|setting| (setting, setting.describe(self))).collect()
    }
}

/// The items of a list, in words.
fn items(policy: &SecurityPolicy, key: Key) -> Vec<String> {
    match key {
        Key::Networks => policy
            .networks
            .entries()
            .iter()
            .map(|entry| {
                let roles = crate::roles::codes(&entry.roles).join(", ");
                let bound = if roles.is_empty() { String::new() } else { format!(" for {roles}") };
                let name = if entry.name.is_empty() { String::new() } else { format!(" ({})", entry.name) };
                format!("{}{bound}{name}", entry.network)
            })
            .collect(),
        Key::InvitationDomains => policy.invitation_domains.iter().map(str::to_owned).collect(),
        Key::Regions => policy.regions.iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Two changes of one policy put together.
#[derive(Clone, Debug)]
pub struct Merge {
    /// What comes of it.
    pub policy: SecurityPolicy,
    /// What the other has changed and one has not: it is taken over.
    pub taken: Vec<Key>,
    /// What both have changed, and not to the same: one's own is kept.
    pub kept: Vec<Key>,
}

/// Puts one's own change of a policy together with another's of the same one.
pub fn merge(base: &SecurityPolicy, theirs: &SecurityPolicy, mine: &SecurityPolicy) -> Merge {
    let mut merged = Merge { policy: mine.clone(), taken: Vec::new(), kept: Vec::new() };
    for setting in &SETTINGS {
        let (was, their, my) = (setting.get(base), setting.get(theirs), setting.get(mine));
        if their == was || their == my {
            continue;
        }
        if my == was {
            setting.set(&mut merged.policy, their);
            merged.taken.push(setting.key);
        } else {
            merged.kept.push(setting.key);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Networks;
    use crate::roles::RoleBook;

    #[test]
    fn changes_are_what_is_different() {
        let before = SecurityPolicy::default();
        assert!(before.changes_since(&before).is_empty());
        let networks = Networks::parse("10.0.0.0/8 for Owner # VPN", &RoleBook::default()).unwrap();
        let after = SecurityPolicy { sessions_per_person: Some(3), idle_minutes: 480, networks, ..before.clone() };
        let changes = after.changes_since(&before);
        let words: Vec<_> =
            changes.iter().map(|change| (change.setting.label, &*change.before, &*change.after)).collect();
        assert_eq!(
            words,
            [
                ("Time-out without use", "7 days", "8 hours"),
                ("Sessions per person", "Any number", "3 sessions"),
                ("Allowed networks", "From everywhere", "10.0.0.0/8"),
            ]
        );
        assert_eq!(changes[2].added, ["10.0.0.0/8 for owner (VPN)"]);
        assert!(changes.iter().all(|change| change.is_stricter));
        assert!(before.changes_since(&after).iter().all(|change| !change.is_stricter));
    }

    #[test]
    fn of_two_changes_nothing_is_lost() {
        let base = SecurityPolicy::default();
        let theirs = SecurityPolicy { idle_minutes: 60, invitation_days: 3, log_reads: true, ..base.clone() };
        let mine = SecurityPolicy { idle_minutes: 30, invitation_days: 3, step_up_minutes: 5, ..base.clone() };
        let merged = merge(&base, &theirs, &mine);
        assert_eq!((merged.taken, merged.kept), (vec![Key::LogReads], vec![Key::IdleMinutes]));
        assert_eq!(merged.policy, SecurityPolicy { log_reads: true, ..mine });
    }
}
