//! The document.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Limit, Methods, MfaRequirement, Names, Networks, SignInMethods, SignInPolicy};
use crate::approvals::ApprovalNeeded;
use crate::audit::Retention;
use crate::fields::FieldProblem;
use crate::password::{PASSWORD_MIN, Strength};

/// Everything that an organization can set, as it is kept of every version: the same for everybody who reads it at any
/// time. A setting that comes later has its default in versions that do not know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityPolicy {
    /// Whether a second factor is asked for.
    pub mfa: bool,
    /// What counts as one.
    pub mfa_methods: Methods,
    /// The days that people get to set one up.
    pub mfa_grace_days: u32,
    /// The ways of signing in that are accepted.
    pub sign_in_methods: SignInMethods,
    /// The fewest characters of a password.
    pub password_length: u32,
    /// How hard a password has to be to guess.
    pub password_strength: Strength,
    /// For how many days a password is good that is all that somebody signs in with; for ever without.
    pub password_days: Option<u32>,
    /// After how many minutes a session that nobody has used is over here.
    pub idle_minutes: u32,
    /// How many minutes after its owner has shown who they are a session is over here.
    pub absolute_minutes: u32,
    /// For how many minutes a fresh proof counts for what is worth one.
    pub step_up_minutes: u32,
    /// How many sessions of one person may come in; any number without.
    pub sessions_per_person: Option<u32>,
    /// How many sessions may be inside at a time; any number without.
    pub sessions_in_organization: Option<u32>,
    /// What becomes of one too many.
    pub at_the_limit: AtTheLimit,
    /// From where people come in; from everywhere, if it is empty.
    pub networks: Networks,
    /// For how many days an invitation is good.
    pub invitation_days: u32,
    /// The domains of the addresses that may be invited; any, if it is empty.
    pub invitation_domains: Names,
    /// How many requests one person may make in a minute; any number without.
    pub requests_per_minute: Option<u32>,
    /// How many of these may come at once; all of them without.
    pub burst: Option<u32>,
    /// How many requests one person may make in an hour; any number without.
    pub requests_per_hour: Option<u32>,
    /// Whether it is on record who has read what is sensitive.
    pub log_reads: bool,
    /// For how many days the audit trail keeps who has come in, and what had to be looked at; for ever without.
    pub retain_security_days: Option<u32>,
    /// For how many days it keeps what was changed.
    pub retain_administration_days: Option<u32>,
    /// For how many days it keeps what was looked at.
    pub retain_reads_days: Option<u32>,
    /// What the organization's data is worth.
    pub classification: Classification,
    /// Where its data may be; anywhere, if it is empty.
    pub regions: Names,
    /// How many days after it was made an API key works at most.
    pub api_key_max_days: u32,
    /// How many days after it got its secret an API key has to have another; never without.
    pub key_rotation_days: Option<u32>,
    /// What comes about only when other owners approve.
    pub approval_needed: ApprovalNeeded,
}

/// What becomes of a session that is one too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtTheLimit {
    /// It comes in, and the oldest one has to be proven again.
    #[default]
    EndOldest,
    /// It waits outside.
    RefuseNewest,
}

/// What data is worth, from the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// Everybody may see it.
    Public,
    /// It is for the organization's own people.
    #[default]
    Internal,
    /// It harms somebody when others get it.
    Confidential,
    /// It harms many.
    Restricted,
}

impl Default for SecurityPolicy {
    /// What the platform itself asks, and no more.
    fn default() -> Self {
        Self {
            mfa: false,
            mfa_methods: Methods::ALL,
            mfa_grace_days: 7,
            sign_in_methods: SignInMethods::ALL,
            password_length: PASSWORD_MIN.into(),
            password_strength: Strength::Fair,
            password_days: None,
            idle_minutes: Limit::IDLE_MAX.minutes(),
            absolute_minutes: Limit::ABSOLUTE_MAX.minutes(),
            step_up_minutes: 10,
            sessions_per_person: None,
            sessions_in_organization: None,
            at_the_limit: AtTheLimit::default(),
            networks: Networks::default(),
            invitation_days: 7,
            invitation_domains: Names::default(),
            requests_per_minute: None,
            burst: None,
            requests_per_hour: None,
            log_reads: false,
            retain_security_days: None,
            retain_administration_days: None,
            retain_reads_days: None,
            classification: Classification::default(),
            regions: Names::default(),
            api_key_max_days: 365,
            key_rotation_days: None,
            approval_needed: ApprovalNeeded::default(),
        }
    }
}

impl SecurityPolicy {
    /// What it asks of a sign-in, with a second factor that is asked for since then.
    pub fn sign_in(&self, mfa_since: OffsetDateTime) -> SignInPolicy {
        let mfa = self.mfa.then_some(MfaRequirement {
            methods: self.mfa_methods,
            grace_days: self.mfa_grace_days,
            since: mfa_since,
        });
        SignInPolicy {
            mfa,
            ways: self.sign_in_methods,
            idle: Limit::stored(self.idle_minutes),
            absolute: Limit::stored(self.absolute_minutes),
            sessions: self.sessions_per_person,
        }
    }

    /// For how many days the audit trail keeps entries of a class; for ever without.
    pub fn retain_days(&self, class: Retention) -> Option<u32> {
        match class {
            Retention::Security => self.retain_security_days,
            Retention::Administration => self.retain_administration_days,
            Retention::Reads => self.retain_reads_days,
        }
    }

    /// What is wrong with a password of this length and strength that somebody chooses, if it is less than is asked for.
    pub fn refuse_password(&self, length: u16, strength: Strength) -> Option<FieldProblem> {
        if u32::from(length) < self.password_length {
            let least = u16::try_from(self.password_length).unwrap_or(u16::MAX);
            return Some(FieldProblem::TooShort(least));
        }
        (strength < self.password_strength).then_some(FieldProblem::NotStrong)
    }

    /// Since when the second factor is asked for that this asks for, if it takes the place of another now. The grace
    /// begins anew when people are asked for what they were not asked for before: a second factor at all, or with fewer
    /// kinds of them.
    pub fn mfa_since(
        &self,
        before: &Self,
        mfa_since: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let goes_on = before.mfa && self.mfa_methods.cover(before.mfa_methods);
        self.mfa.then(|| mfa_since.filter(|_| goes_on).unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const PASSKEY: Methods = Methods { passkey: true, authenticator: false };

    #[test]
    fn the_grace_begins_anew_when_more_is_asked_for() {
        let then = datetime!(2026-11-01 12:00 UTC);
        let now = then + Duration::days(10);
        let none = SecurityPolicy::default();
        let both = SecurityPolicy { mfa: true, ..SecurityPolicy::default() };
        let shorter = SecurityPolicy { mfa_grace_days: 1, ..both.clone() };
        let passkeys = SecurityPolicy { mfa_methods: PASSKEY, ..both.clone() };
        assert_eq!(both.mfa_since(&none, None, now), Some(now));
        assert_eq!(shorter.mfa_since(&both, Some(then), now), Some(then), "a shorter grace is no new one");
        assert_eq!(passkeys.mfa_since(&both, Some(then), now), Some(now));
        assert_eq!(both.mfa_since(&passkeys, Some(then), now), Some(then));
        assert_eq!(none.mfa_since(&both, Some(then), now), None);
    }

    #[test]
    fn a_password_that_falls_short_is_told_by_how_much() {
        let policy =
            SecurityPolicy { password_length: 14, password_strength: Strength::Strong, ..SecurityPolicy::default() };
        assert_eq!(policy.refuse_password(13, Strength::Strong), Some(FieldProblem::TooShort(14)));
        assert_eq!(policy.refuse_password(14, Strength::Fair), Some(FieldProblem::NotStrong));
        assert_eq!(policy.refuse_password(14, Strength::Strong), None);
        assert_eq!(SecurityPolicy::default().refuse_password(PASSWORD_MIN, Strength::Fair), None);
    }

    #[test]
    fn what_is_kept_is_read_again_and_does_not_change_its_form() {
        let policy = SecurityPolicy {
            mfa: true,
            sessions_per_person: Some(3),
            networks: serde_json::from_str(r#"[{"network":"203.0.113.0/24","name":"Office","roles":["owner"]}]"#)
                .unwrap(),
            ..SecurityPolicy::default()
        };
        let text = concat!(
            r#"{"mfa":true,"mfa_methods":{"passkey":true,"authenticator":true},"mfa_grace_days":7,"#,
            r#""sign_in_methods":{"password":true,"two_steps":true,"passkey":true},"password_length":10,"#,
            r#""password_strength":"fair","password_days":null,"idle_minutes":10080,"#,
            r#""absolute_minutes":43200,"step_up_minutes":10,"sessions_per_person":3,"sessions_in_organization":null,"#,
            r#""at_the_limit":"end_oldest","networks":[{"network":"203.0.113.0/24","name":"Office","roles":["owner"]}],"#,
            r#""invitation_days":7,"invitation_domains":[],"requests_per_minute":null,"burst":null,"#,
            r#""requests_per_hour":null,"log_reads":false,"retain_security_days":null,"retain_administration_days":null,"#,
            r#""retain_reads_days":null,"classification":"internal","regions":[],"api_key_max_days":365,"#,
            r#""key_rotation_days":null,"approval_needed":{"policy":false,"roles":false,"deletion":false,"#,
            r#""exports":false,"keys":false}}"#,
        );
        assert_eq!(serde_json::to_string(&policy).unwrap(), text);
        assert_eq!(serde_json::from_str::<SecurityPolicy>(text).unwrap(), policy);
        assert_eq!(serde_json::from_str::<SecurityPolicy>("{}").unwrap(), SecurityPolicy::default());
        assert!(serde_json::from_str::<SecurityPolicy>(r#"{"mfaa":true}"#).is_err());
    }
}
