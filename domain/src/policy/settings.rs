//! What is set in a policy, as it is kept of every version and compared.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Limit, Methods, MfaRequirement, SignInPolicy};

/// What a policy asks for, without since when: the same for everybody who reads it at any time. A setting that comes later
/// gets a default for versions that do not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySettings {
    /// The second factor that is asked for; none, if it is everybody's own choice.
    pub mfa: Option<MfaRule>,
    /// After how long a session that nobody has used is over here, in minutes.
    pub idle: Limit,
    /// How long after its owner has shown who they are a session is over here, in minutes.
    pub absolute: Limit,
    /// How many sessions of one person may come in; any number without.
    pub sessions: Option<u16>,
}

/// Which second factors count, and when they have to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaRule {
    /// What counts as one.
    pub methods: Methods,
    /// The days that people get to set one up.
    pub grace_days: u16,
}

impl From<&SignInPolicy> for PolicySettings {
    fn from(policy: &SignInPolicy) -> Self {
        let mfa = policy.mfa.map(|mfa| MfaRule { methods: mfa.methods, grace_days: mfa.grace_days });
        Self { mfa, idle: policy.idle, absolute: policy.absolute, sessions: policy.sessions }
    }
}

impl PolicySettings {
    /// The policy from now on. The grace begins anew when people are asked for what they were not asked for before: a
    /// second factor at all, or with fewer kinds of them.
    pub fn in_place_of(self, before: &SignInPolicy, now: OffsetDateTime) -> SignInPolicy {
        let mfa = self.mfa.map(|MfaRule { methods, grace_days }| {
            let since = before.mfa.filter(|mfa| methods.cover(mfa.methods)).map_or(now, |mfa| mfa.since);
            MfaRequirement { methods, grace_days, since }
        });
        SignInPolicy { mfa, idle: self.idle, absolute: self.absolute, sessions: self.sessions }
    }

    /// All of it as names and values, for the record.
    pub fn codes(&self) -> [(&'static str, String); 6] {
        let mfa = self.mfa.as_ref();
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        [
            ("mfa", if mfa.is_some() { "required" } else { "optional" }.to_owned()),
            ("mfa_methods", or_none(mfa.map(|mfa| mfa.methods.codes()))),
            ("mfa_grace_days", or_none(mfa.map(|mfa| mfa.grace_days.to_string()))),
            ("idle_minutes", self.idle.minutes().to_string()),
            ("absolute_minutes", self.absolute.minutes().to_string()),
            ("sessions_per_person", or_none(self.sessions.map(|most| most.to_string()))),
        ]
    }

    /// All of it in words: what is set, and to what.
    pub fn describe(&self) -> [(&'static str, String); 4] {
        let mfa = self.mfa.map_or_else(|| "Not required".to_owned(), MfaRule::describe);
        let sessions = self.sessions.map_or_else(|| "Any number".to_owned(), |most| most.to_string());
        [
            ("Second factor", mfa),
            ("Time-out without use", self.idle.describe()),
            ("Time-out in any case", self.absolute.describe()),
            ("Sessions per person", sessions),
        ]
    }

    /// What is not as it was, in words: what is set, what it was, and what it is.
    pub fn changes_since(&self, before: &Self) -> Vec<(&'static str, String, String)> {
        let pairs = before.describe().into_iter().zip(self.describe());
        let changed = pairs.filter(|((_, before), (_, after))| before != after);
        changed.map(|((name, before), (_, after))| (name, before, after)).collect()
    }
}

impl MfaRule {
    fn describe(self) -> String {
        let days = match self.grace_days {
            0 => "at once".to_owned(),
            1 => "within one day".to_owned(),
            days => format!("within {days} days"),
        };
        format!("Required: {}, {days}", self.methods.describe())
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const SETTINGS: PolicySettings = PolicySettings {
        mfa: Some(MfaRule { methods: Methods::ALL, grace_days: 7 }),
        idle: Limit::stored(480),
        absolute: Limit::stored(1440),
        sessions: Some(3),
    };

    #[test]
    fn the_grace_begins_anew_when_more_is_asked_for() {
        let then = datetime!(2026-11-01 12:00 UTC);
        let now = then + Duration::days(10);
        let since = |wish: PolicySettings, before: &SignInPolicy| wish.in_place_of(before, now).mfa.unwrap().since;
        let wish = SETTINGS;
        let passkeys = PolicySettings {
            mfa: Some(MfaRule { methods: Methods { passkey: true, authenticator: false }, grace_days: 0 }),
            ..wish
        };
        assert_eq!(since(wish, &SignInPolicy::default()), now);
        let both = wish.in_place_of(&SignInPolicy::default(), then);
        assert_eq!(
            since(PolicySettings { mfa: Some(MfaRule { methods: Methods::ALL, grace_days: 1 }), ..wish }, &both),
            then,
            "a shorter grace is no new one"
        );
        assert_eq!(since(passkeys, &both), now);
        let only_passkeys = passkeys.in_place_of(&both, then);
        assert_eq!(since(wish, &only_passkeys), then);
    }

    #[test]
    fn what_is_kept_is_read_again_and_does_not_change_its_form() {
        let text = r#"{"mfa":{"methods":{"passkey":true,"authenticator":true},"grace_days":7},"idle":480,"absolute":1440,"sessions":3}"#;
        assert_eq!(serde_json::to_string(&SETTINGS).unwrap(), text);
        assert_eq!(serde_json::from_str::<PolicySettings>(text).unwrap(), SETTINGS);
        let least = r#"{"mfa" : null, "idle" : 10080, "absolute" : 43200, "sessions" : null}"#;
        let default = PolicySettings::from(&SignInPolicy::default());
        assert_eq!(serde_json::from_str::<PolicySettings>(least).unwrap(), default);
    }

    #[test]
    fn changes_are_what_is_different() {
        assert_eq!(SETTINGS.changes_since(&SETTINGS), []);
        let other = PolicySettings { sessions: None, idle: Limit::stored(30), ..SETTINGS };
        let expected = [
            ("Time-out without use", "30 minutes".to_owned(), "8 hours".to_owned()),
            ("Sessions per person", "Any number".to_owned(), "3".to_owned()),
        ];
        assert_eq!(SETTINGS.changes_since(&other), expected);
    }
}
